#include "sim/outbox/reader.hpp"

#include "base/telemetry.hpp"
#include "net/outbox/api.hpp"
#include "sim/outbox/events.hpp"

#include <string_view>

namespace beamline::sim_outbox {

namespace ob = net::outbox;

namespace {

struct some_tokens {
  std::vector<std::string> all;
  BEAMLINE_MESSAGE(some_tokens, "sim.tokens", 1, all)
};

}  // namespace

std::vector<std::string> tokens_in(const bytes& payload) { return decode<some_tokens>(payload).value().all; }

std::shared_ptr<const ob::class_table> event_classes() {
  auto merge = [](some_tokens& waiting, const some_tokens& newer) {
    if (waiting.all.size() + newer.all.size() > merged_max)
      return false;
    waiting.all.insert(waiting.all.end(), newer.all.begin(), newer.all.end());
    return true;
  };
  return std::make_shared<const ob::class_table>(std::vector<ob::event_class>{
      {.type = "comment"}, {.type = "visit", .coalesce = ob::coalescing<some_tokens>(merge)}});
}

behavior reader::init() {
  env().events().emit(waiting{0});
  act_later();
  return handlers();
}

void reader::act_later() {
  auto ns = env().random().below(static_cast<std::uint64_t>(pause_max.count()));
  run_after(duration{static_cast<std::int64_t>(ns)}, [this] { act(); });
}

void reader::act() {
  if (!env().get<load_gate>().is_load_on)
    return;
  for (auto n = 1 + env().random().below(3); n > 0; --n)
    submit_something();
  act_later();
}

void reader::submit_something() {
  auto key = "k" + std::to_string(env().random().below(keys));
  if (!waiting_.insert(key).second)
    return;
  env().events().emit(waiting{waiting_.size()});
  // Time grows over all lives of a reader; each key has one event at a time.
  auto token = env().self()->name + "/" + key + "/" + std::to_string(now().time_since_epoch().count());
  auto tell = [this, key, token](const ob::outcome& o) {
    if (std::holds_alternative<ob::refused>(o))
      env().events().emit(refused{token});
    else
      env().events().emit(promised{token, std::holds_alternative<ob::applied>(o) ? "applied" : "buffered"});
    waiting_.erase(key);
    env().events().emit(waiting{waiting_.size()});
  };
  auto type = env().random().below(2) == 0 ? "comment" : "visit";
  auto e = ob::make_event(env(), type, key, encode(some_tokens{{token}}));
  if (env().random().below(3) == 0)
    ob::enqueue(*this, std::move(e), tell);
  else
    ob::execute_or_buffer(*this, std::move(e), tell);
}

}  // namespace beamline::sim_outbox
