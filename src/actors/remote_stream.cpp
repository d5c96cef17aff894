// The stream of signals to a peer, what waits while its lane is full, and what had to be dropped.

#include "actors/remote_events.hpp"
#include "actors/remote_processes.hpp"
#include "base/log.hpp"

#include <utility>

namespace beamline {

void remote_processes::note_drop(const link_ptr& l, std::string_view what, std::string_view why) {
  std::uint64_t total = 0;
  {
    std::lock_guard lock{mutex_};
    total = ++l->dropped;
  }
  const auto& peer = l->peer->name;
  env_.events().emit(remote_message_dropped{peer, what, why, total});
  if ((total & (total - 1)) == 0)  // 1, 2, 4, 8, ...: a flood of them must not be one in the log.
    env_.log().warn("actors", "message between nodes dropped",
                    {{"peer", peer}, {"message", what}, {"why", why}, {"total", total}});
}

// -- the stream to a peer ------------------------------------------------------------------

result<void> remote_processes::pass(const link_ptr& l, std::uint64_t flow, const remote::signal& s, urgency u) {
  auto encoded = remote::encode(s);
  {
    std::lock_guard lock{mutex_};
    if (!l->is_up)
      return error{errc::unavailable, l->peer->name + " is not linked with this node any more"};
    if (!l->backlog.empty())
      return delay(l, flow, std::move(encoded), u);
  }
  if (u == urgency::droppable)
    return env_.peers().signal(*l->peer, flow, std::move(encoded));
  auto ok = env_.peers().signal(*l->peer, flow, encoded);
  if (ok || ok.error().code != errc::busy)
    return ok;
  {
    std::lock_guard lock{mutex_};
    auto is_first = l->backlog.empty();
    auto kept = delay(l, flow, std::move(encoded), u);
    if (!kept || !is_first)
      return kept;
  }
  retry_later(l);
  return {};
}

// With the lock.
result<void> remote_processes::delay(const link_ptr& l, std::uint64_t flow, bytes encoded, urgency u) {
  auto is_full = l->backlog.size() >= backlog_signals_max || l->backlog_octets + encoded.size() > backlog_octets_max;
  if (u == urgency::droppable || (u == urgency::kept && is_full))
    return error{errc::busy, "the queue to " + l->peer->name + " is full"};
  if (!l->is_up)
    return error{errc::unavailable, l->peer->name + " is not linked with this node any more"};
  l->backlog_octets += encoded.size();
  l->backlog.push_back({flow, std::move(encoded)});
  return {};
}

void remote_processes::retry_later(const link_ptr& l) {
  auto id = env_.timers().arm(env_.time().now() + backlog_retry, [this, weak = std::weak_ptr{l}] {
    if (auto still = weak.lock())
      drain(still);
  });
  std::lock_guard lock{mutex_};
  l->retry = id;
}

// One timer at most is armed for a link, so nobody else takes anything out.
void remote_processes::drain(const link_ptr& l) {
  for (;;) {
    delayed next;
    {
      std::lock_guard lock{mutex_};
      if (!l->is_up || l->backlog.empty())
        return;
      next = l->backlog.front();  // It stays at the front: nothing may overtake it.
    }
    auto octets = next.encoded.size();
    auto ok = env_.peers().signal(*l->peer, next.flow, std::move(next.encoded));
    if (!ok && ok.error().code == errc::busy)
      return retry_later(l);
    std::lock_guard lock{mutex_};
    if (!l->is_up)
      return;
    l->backlog_octets -= octets;
    l->backlog.pop_front();
  }
}

}  // namespace beamline
