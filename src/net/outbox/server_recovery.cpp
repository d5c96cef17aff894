#include "net/outbox/server.hpp"

#include <cstdint>
#include <iterator>
#include <utility>

// What was accepted and cannot be kept: to the recovery file, for people.
namespace beamline::net::outbox {

namespace {

// After a write that failed, the next try.
constexpr duration recovery_pause = 10s;

}  // namespace

void server::lose(std::uint64_t count, std::string_view because) {
  counts_.lost += count;
  tell("lost", count);
  env().log().error("outbox", "accepted events are lost", {{"events", count}, {"because", because}});
}

/// `then` is called once, when they are on the disk or with why they are not.
void server::write_down(const std::vector<row>& rows, std::string_view why,
                        std::function<void(const result<void>&)> then) {
  if (rows.empty())
    return then({});
  if (!parts_.recovery)
    return then(error{errc::unavailable, "there is no recovery file"});
  std::string lines;
  for (const auto& r : rows)
    lines += recovery_line(r, r.dead ? std::string_view{r.dead->why} : why);
  auto over = [this, then = std::move(then), n = rows.size(), told = std::string{why}](const result<void>& r) {
    if (r) {
      tell("written_down", n);
      env().log().warn("outbox", "events were written to the recovery file; `beamline outbox import` brings them back",
                       {{"events", n}, {"why", told}});
    }
    then(r);
  };
  parts_.recovery->append(std::move(lines), resume_with(std::move(over)));
}

/// Dead letters for which there was no room. Their rows stay until they are in the file, so that a life after this one
/// finds them.
void server::write_evicted() {
  auto fresh = queue_.take_evicted();
  std::move(fresh.begin(), fresh.end(), std::back_inserter(evicted_));
  if (evicted_.empty() || is_writing_evicted_)
    return;
  give_up_evicted();
  if (now() < write_again_)
    return;
  is_writing_evicted_ = true;
  write_down(evicted_, "more dead letters than outbox.dead_max", [this, n = evicted_.size()](const result<void>& r) {
    is_writing_evicted_ = false;
    if (r) {
      forget_evicted(n);
    } else if (!parts_.recovery) {
      lose(n, r.error().message);
      forget_evicted(n);
    } else {
      write_again_ = now() + recovery_pause;
      env().log().error("outbox",
                        "the recovery file cannot be written; dead letters beyond outbox.dead_max wait for it",
                        {{"events", n}, {"error", r.error()}});
    }
    advance();
  });
}

/// The oldest of those that have waited in vain, when they are too many.
void server::give_up_evicted() {
  std::uint64_t octets = 0;
  for (const auto& r : evicted_)
    octets += r.what.payload.size();
  std::size_t n = 0;
  for (; n < evicted_.size() && (evicted_.size() - n > evicted_max || octets > evicted_bytes_max); ++n)
    octets -= evicted_[n].what.payload.size();
  if (n == 0 || now() >= write_again_)
    return;  // The file has not been tried with them yet.
  lose(n, "the recovery file cannot be written, and more dead letters wait for it than there is room for");
  forget_evicted(n);
}

void server::forget_evicted(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    queue_.forget(evicted_[i].at);
  evicted_.erase(evicted_.begin(), evicted_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace beamline::net::outbox
