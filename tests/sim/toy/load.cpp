#include "sim/toy/load.hpp"

#include "sim/toy/setup.hpp"

namespace beamline::toy {

behavior load::init() {
  std::erase(nodes_, env().self()->name);
  act_later();
  return handlers();
}

void load::act_later() {
  auto ns = env().random().below(static_cast<std::uint64_t>(pause_max.count()));
  run_after(duration{static_cast<std::int64_t>(ns)}, [this] { act(); });
}

void load::act() {
  if (!env().get<setup>().is_load_on)
    return;
  auto dice = env().random().below(10);
  if (dice < 4)
    cast(pid{env().self(), "pubsub"}, publish{});
  else if (dice < 6)
    come_or_go();
  else if (dice < 8)
    cast(pid{env().self(), "asker"}, ask{});
  else
    for (const auto& n : nodes_)
      cast(pid{env().self(), "asker"}, ask{n});
  act_later();
}

void load::come_or_go() {
  auto presence = pid{env().self(), "presence"};
  if (members_.size() < members_max) {
    members_.push_back("v" + std::to_string(env().random().below(1'000'000)));
    cast(presence, arrive{members_.back(), self()});
  } else {
    cast(presence, depart{members_.front()});
    members_.erase(members_.begin());
  }
}

}  // namespace beamline::toy
