#include "web/live/component_table.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <cxxabi.h>

namespace beamline::web::live {

component_table::component_table(render_scope& scope, component_host* host) noexcept : scope_{scope}, host_{host} {}

component_table::~component_table() = default;

component_table::entry* component_table::find(component_id id) noexcept {
  const auto at = entries_.find(id);
  return at == entries_.end() ? nullptr : &at->second;
}

component_table::entry* component_table::find(const component_key& key) noexcept {
  const auto at = ids_.find(key);
  return at == ids_.end() ? nullptr : find(at->second);
}

component_table::entry& component_table::visit(const component_place& place) {
  if (auto* known = update(place))
    return *known;
  auto& made = make(place);
  place.update(*made.what, host_->socket_of(made.id));
  return made;
}

component_table::entry* component_table::update(const component_place& place) {
  auto* known = find(place.key());
  if (known != nullptr)
    place.update(*known->what, host_->socket_of(known->id));
  return known;
}

component_table::entry& component_table::make(const component_place& place) {
  if (host_ == nullptr)
    throw std::logic_error{"live: the component " + describe(place.key())
                           + " cannot live here: this process has no "
                             "place for live components"};
  if (entries_.size() >= components_max)
    throw std::length_error{"live: the component " + describe(place.key()) + " is one too many: a view holds "
                            + std::to_string(components_max)
                            + ", those that the page has not yet given up included; show long lists as streams of "
                              "function components"};
  const auto id = ++last_;
  auto& made = entries_.try_emplace(id, scope_, id, host_->flash_of(id)).first->second;
  made.key = &ids_.try_emplace(place.key(), id).first->first;
  made.what = place.make();
  made.what->mount(host_->socket_of(id));
  return made;
}

void component_table::mark(std::span<const component_id> ids) {
  for (const auto id : ids)
    if (auto* known = find(id))
      known->is_marked = true;
}

std::vector<component_id> component_table::remove_marked(std::span<const component_id> ids) {
  auto out = std::vector<component_id>{};
  for (const auto id : ids) {
    const auto* known = find(id);
    if (known == nullptr || !known->is_marked)
      continue;
    remove(id);
    out.push_back(id);
  }
  return out;
}

void component_table::remove(component_id id) {
  const auto at = entries_.find(id);
  if (at == entries_.end())
    return;
  ids_.erase(ids_.find(*at->second.key));
  entries_.erase(at);
  changed_.erase(id);
  host_->component_removed(id);
}

void component_table::clear() {
  while (!entries_.empty())
    remove(entries_.begin()->first);
}

std::string describe(const component_key& key) {
  auto status = 0;
  auto* text = abi::__cxa_demangle(key.type.name(), nullptr, nullptr, &status);
  auto name = std::string{status == 0 ? text : key.type.name()};
  std::free(text);  // NOLINT: allocated by the line above
  if (const auto last = name.rfind("::"); last != std::string::npos)
    name.erase(0, last + 2);
  return name + " \"" + key.id + '"';
}

}  // namespace beamline::web::live
