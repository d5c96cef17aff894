#include "supervision/registry/metadata.hpp"

#include "supervision/registry/options.hpp"

#include <utility>

namespace beamline::supervision::detail {

result<void> metadata::put(std::string name, std::any value) {
  std::unique_lock lock{mutex_};
  if (auto i = values_.find(name); i != values_.end()) {
    i->second.swap(value);  // What it was is destroyed by the caller, without the lock.
    return {};
  }
  if (values_.size() >= registry_options::meta_max)
    return error{errc::too_large, "registry \"" + registry_ + "\" has " + std::to_string(registry_options::meta_max)
                                      + " entries of metadata already; delete one before putting \"" + name + "\""};
  values_.emplace(std::move(name), std::move(value));
  return {};
}

void metadata::erase(const std::string& name) {
  std::any gone;
  std::unique_lock lock{mutex_};
  if (auto i = values_.find(name); i != values_.end()) {
    gone.swap(i->second);
    values_.erase(i);
  }
}

}  // namespace beamline::supervision::detail
