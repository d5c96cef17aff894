#include "supervision/registry/options.hpp"

namespace beamline::supervision {

result<void> check_options(const registry_options& o) {
  auto refuse = [&](const std::string& what) { return error{errc::invalid, "registry \"" + o.name + "\": " + what}; };
  if (o.partitions == 0 || o.partitions > registry_options::partitions_max)
    return refuse("partitions is " + std::to_string(o.partitions) + ", expected a number from 1 to "
                  + std::to_string(registry_options::partitions_max));
  if (o.keys != key_rule::unique && o.keys != key_rule::duplicate)
    return refuse("keys is " + std::to_string(static_cast<int>(o.keys)) + ", expected unique or duplicate");
  if (o.partitioned != partition_rule::by_key && o.partitioned != partition_rule::by_owner)
    return refuse("partitioned is " + std::to_string(static_cast<int>(o.partitioned))
                  + ", expected by_key or by_owner");
  if (o.keys == key_rule::unique && o.partitioned == partition_rule::by_owner)
    return refuse("unique keys cannot be partitioned by_owner: two partitions could hold the same key; use by_key");
  return {};
}

std::string to_string(const registration_error& e) {
  switch (e.what) {
    case registration_error::kind::already_registered: return "already registered by " + to_string(e.who);
    case registration_error::kind::not_running: return "the registry is not running";
    case registration_error::kind::full: return "the partition of the registry is full";
  }
  return "unknown";
}

}  // namespace beamline::supervision
