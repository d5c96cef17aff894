// A topic that changes all the time: how old is what is seen, what do those cost who do not read.
#include "live/measures.hpp"
#include "live/usage.hpp"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace beamline::bench {

namespace {

constexpr duration catching_up = std::chrono::seconds{10};
// Buffers, pools and queues are as large as they will be after this share of the time.
constexpr std::int64_t warm_after = 3;

/// The value of one place of a diff: `{"0":"17","1":"23"}`.
std::int64_t number_at(std::string_view diff, std::string_view place) {
  const auto key = "\"" + std::string{place} + "\":\"";
  const auto at = diff.find(key);
  if (at == std::string_view::npos)
    throw std::runtime_error{"a diff has no place " + std::string{place} + ": " + std::string{diff.substr(0, 100)}};
  std::int64_t out = 0;
  (void)std::from_chars(diff.data() + at + key.size(), diff.data() + diff.size(), out);
  return out;
}

/// What the visitors see.
class watchers {
public:
  watchers(crowd& c, std::size_t frozen) : seen_(c.size()) {
    c.listen({.on_diff = [this, frozen](std::size_t who, std::string_view diff, std::size_t, time_point at) {
      auto& one = seen_[who];
      const auto at_us = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
      if (one.number > 0 && is_counting && who >= frozen)
        stale_ms.push_back(static_cast<double>(at_us - one.made_at_us) / 1e3);
      if (const auto number = number_at(diff, "0"); number <= one.number)
        throw std::runtime_error{"a visitor was shown " + std::to_string(number) + " after "
                                 + std::to_string(one.number)};
      else
        one.number = number;
      one.made_at_us = number_at(diff, "1");
      newest = std::max(newest, one.number);
    }});
  }
  /// Whether all from `first` on see that one.
  [[nodiscard]] bool have_all(std::int64_t number, std::size_t first) const {
    for (auto i = first; i < seen_.size(); ++i)
      if (seen_[i].number != number)
        return false;
    return true;
  }

  bool is_counting = false;
  std::int64_t newest = 0;
  std::vector<double> stale_ms;

private:
  struct shown {
    std::int64_t number = 0;
    std::int64_t made_at_us = 0;
  };
  std::vector<shown> seen_;
};

}  // namespace

tick_cost measure_ticks(const measured_server& s, crowd& c, const tick_plan& p, std::size_t frozen) {
  watchers all{c, frozen};
  for (std::size_t who = 0; who < frozen; ++who)
    c.freeze(who);
  const auto memory_idle = private_kib_of(s.id);
  c.post("/ticks/" + std::to_string(p.per_second) + "/" + std::to_string(p.seconds));
  c.run_until([&] { return all.newest > 0; }, catching_up);
  const auto begun = c.now();
  const auto before = all.newest;
  const auto whole = duration{std::chrono::seconds{p.seconds}};
  c.run_for(whole / warm_after);
  const auto memory_warm = private_kib_of(s.id);
  const auto server = cpu_us_of(s.id);
  const auto client = cpu_us_of(getpid());
  all.is_counting = true;
  const auto counted_from = c.now();
  c.run_for(whole - (c.now() - begun) - std::chrono::milliseconds{200});
  all.is_counting = false;
  const auto counted = std::chrono::duration<double>(c.now() - counted_from).count();
  tick_cost out;
  out.kib_grown = private_kib_of(s.id) - memory_warm;
  out.kib_frozen = private_kib_of(s.id) - memory_idle;
  out.cores = (cpu_us_of(s.id) - server) / 1e6 / counted;
  out.client_cores = (cpu_us_of(getpid()) - client) / 1e6 / counted;
  out.diffs_per_second = static_cast<double>(all.stale_ms.size()) / static_cast<double>(c.size() - frozen) / counted;
  out.ms_stale_p50 = quantile(all.stale_ms, 0.5);
  out.ms_stale_p99 = quantile(all.stale_ms, 0.99);

  const auto each_time = p.per_second * p.seconds;
  const auto last = ((before - 1) / each_time + 1) * each_time;
  if (!c.run_until([&] { return all.have_all(last, frozen); }, catching_up))
    throw std::runtime_error{"the newest state has not come to all who read"};
  for (std::size_t who = 0; who < frozen; ++who)
    c.thaw(who);
  if (!c.run_until([&] { return all.have_all(last, 0); }, catching_up))
    throw std::runtime_error{"the newest state has not come to those who read again"};
  c.listen({});
  return out;
}

}  // namespace beamline::bench
