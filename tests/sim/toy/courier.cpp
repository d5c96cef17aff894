#include "sim/toy/courier.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/setup.hpp"

namespace beamline::toy {

behavior courier::init() {
  if (auto sent = env().peers().send(target_, lane::rpc, "accumulator", encode(batch_)); !sent)
    return refuse_start(reason::custom("cannot send to " + target_ + ": " + sent.error().message));
  env().events().emit(shipped{target_, batch_.items.size()});
  std::vector<std::int64_t> events;
  for (const auto& i : batch_.items)
    events.push_back(i.event);
  auto outbox = pid{env().self(), "outbox"};
  call<void>(outbox, await_removal{target_, events}, patience)
      .then(
          [this, outbox, events] {
            if (has(env(), mistake::delete_by_courier))
              cast(outbox, remove_batch{target_, events});
            stop();
          },
          [this](const call_error& e) { stop(reason::custom("not acknowledged: " + to_string(e))); });
  return handlers();
}

}  // namespace beamline::toy
