#pragma once

#include "pubsub/system.hpp"
#include "sim/links/resident.hpp"
#include "sim/presence/messages.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace beamline::gathering {

/// Subscribes to topics of one system, some of them more than once, and ends its subscriptions.
class listener final : public linked::resident {
public:
  static constexpr std::uint64_t subscriptions_max = 3;  // To one topic.

  listener(process_context& c, std::string name, std::string system)
      : resident{c}, name_{std::move(name)}, system_{std::move(system)} {}
  behavior init() override;

private:
  struct subscribed {
    std::uint64_t now = 0;
    std::uint64_t ever = 0;
    pubsub::subscription_ptr last{};
  };

  void change();
  void tell(const std::string& topic);

  const std::string name_;
  const std::string system_;
  std::map<std::string, subscribed> topics_;
};

}  // namespace beamline::gathering
