#include "supervision/registry/start.hpp"

#include "supervision/supervisor.hpp"

#include <utility>

namespace beamline::supervision::detail {

child_spec child_partitions(std::string id, const registry_options& o,
                            std::vector<std::shared_ptr<partition_data>> partitions) {
  supervisor_spec spec;
  spec.flags.strategy = o.keys == key_rule::unique ? strategy::one_for_all : strategy::one_for_one;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    spec.children.push_back(child<registry_partition>("partition " + std::to_string(i), partitions[i]));
  return child_supervisor(std::move(id), std::move(spec));
}

}  // namespace beamline::supervision::detail
