#pragma once

#include "supervision/registry/registry.hpp"
#include "supervision/supervisor_spec.hpp"

namespace beamline::supervision {

namespace detail {

[[nodiscard]] child_spec child_partitions(std::string id, const registry_options& o,
                                          std::vector<std::shared_ptr<partition_data>> partitions);

}  // namespace detail

/// The processes of a registry as a child of a supervisor: a supervisor of one process per partition. Unique keys: when
/// one partition ends all are restarted; duplicate keys: only that one (S144).
template <class Key, class Value>
[[nodiscard]] child_spec child_registry(std::string id, const registry<Key, Value>& r) {
  std::vector<std::shared_ptr<detail::partition_data>> partitions;
  for (std::size_t i = 0; i < r.options().partitions; ++i)
    partitions.push_back(r.partition(i));
  return detail::child_partitions(std::move(id), r.options(), std::move(partitions));
}

/// The same child, registered under a unique key from before its `init` on. When the key is taken the start is answered
/// `already_started` with its owner (S138).
template <class Key, class Value>
[[nodiscard]] child_spec child_via(const registry<Key, Value>& r, std::type_identity_t<Key> key, child_spec spec,
                                   std::type_identity_t<Value> value = {}) {
  spec.start = [claim = r.claim(std::move(key), std::move(value)), start = std::move(spec.start)](starter& by) {
    by.how().claim = claim;
    return start(by);
  };
  return spec;
}

}  // namespace beamline::supervision
