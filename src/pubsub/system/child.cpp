#include "pubsub/system.hpp"
#include "pubsub/system/directory_parts.hpp"
#include "pubsub/system/herald.hpp"
#include "pubsub/system/partition_process.hpp"
#include "pubsub/system/receiver.hpp"
#include "supervision/partition_supervisor.hpp"
#include "supervision/supervisor.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::pubsub {

namespace {

using namespace supervision;

// They hold nothing, so starting them anew is cheap; more often than this something is wrong.
constexpr supervisor_flags flags{.intensity = 10, .period = 5s};
// Each subscriber is watched once by each partition at most.
constexpr std::size_t subscriptions_limit = process::pending_max / 2;

error wrong(const std::string& field, const std::string& value, const std::string& allowed) {
  return {errc::invalid, "PubSub system: " + field + " is " + value + ", expected " + allowed};
}

result<void> check_range(const std::string& field, std::size_t value, std::size_t min, std::size_t max) {
  if (value >= min && value <= max)
    return {};
  return wrong(field, std::to_string(value), std::to_string(min) + " to " + std::to_string(max));
}

child_spec many(std::string name, std::size_t count, std::function<child_spec(std::size_t)> make) {
  partition_spec s;
  s.name = std::move(name);
  s.child = make(0);
  s.partitions = count;
  s.with_arguments = [make = std::move(make)](child_spec& c, std::size_t index) { c = make(index); };
  s.flags = flags;
  return child_partition_supervisor(std::move(s));
}

supervisor_spec spec_of(const detail::directory_parts::lease& life) {
  auto* of = life.get();
  const auto& name = of->about().name;
  supervisor_spec s{.flags = flags};
  s.children.push_back(many(detail::partitions_name(name), of->about().partitions, [of](std::size_t index) {
    return child<detail::partition_process>("partition", of, index);
  }));
  s.children.push_back(many(detail::pool_name(name), of->about().pool_size,
                            [of](std::size_t) { return child<detail::worker>("worker", of); }));
  s.children.push_back(child<detail::receiver>("receiver", of));
  s.children.push_back(child<detail::herald>("herald", of));
  // With the last copy of this spec, which is the supervisor's, the system ends.
  s.children.back().start = [life, start = std::move(s.children.back().start)](starter& by) { return start(by); };
  return s;
}

}  // namespace

result<void> check_system_options(const system_options& o) {
  if (o.name.empty())
    return wrong("name", "empty", "a name: systems of the same name on different nodes are one");
  if (o.name.size() > system_name_octets_max)
    return wrong("name", "\"" + o.name + "\"", "at most " + std::to_string(system_name_octets_max) + " octets");
  for (auto ok : {check_range("partitions", o.partitions, 0, partition_spec::partitions_max),
                  check_range("pool_size", o.pool_size, 1, partition_spec::partitions_max),
                  check_range("subscriptions_max", o.subscriptions_max, 1, subscriptions_limit)})
    if (!ok)
      return ok;
  for (const auto& [name, d] : o.dispatchers)
    if (name.empty() || name.size() > system_name_octets_max || d == nullptr)
      return wrong("dispatchers", "one called \"" + name + "\"" + (d == nullptr ? ", which is null" : ""),
                   "names of 1 to " + std::to_string(system_name_octets_max) + " octets, and dispatchers");
  return {};
}

child_spec child_system(system_options o) {
  if (auto ok = check_system_options(o); !ok)
    throw std::invalid_argument{ok.error().message};
  auto id = broadcast_service(o.name);
  return child_supervisor(id,
                          [o = std::move(o)](environment& env) -> std::variant<supervisor_spec, start_ignored, reason> {
                            auto life = env.get<directory>().parts().open(env, o);
                            if (!life)
                              return reason::custom(life.error().message);
                            return spec_of(*life);
                          });
}

}  // namespace beamline::pubsub
