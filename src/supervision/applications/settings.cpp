#include "supervision/applications/settings.hpp"

namespace beamline::supervision {

namespace {

std::size_t index(application_settings::layer l) { return static_cast<std::size_t>(l); }

}  // namespace

setting_changes compare(const setting_values& before, const setting_values& after) {
  setting_changes out;
  for (const auto& [key, value] : after) {
    auto was = before.find(key);
    if (was == before.end())
      out.added.emplace(key, value);
    else if (was->second != value)
      out.changed.emplace(key, value);
  }
  for (const auto& [key, value] : before)
    if (!after.contains(key))
      out.removed.push_back(key);
  return out;
}

void application_settings::set(layer where, std::string key, json value) {
  layers_[index(where)].insert_or_assign(std::move(key), std::move(value));
}

void application_settings::unset(layer where, std::string_view key) {
  auto& values = layers_[index(where)];
  if (auto i = values.find(key); i != values.end())
    values.erase(i);
}

void application_settings::replace(layer where, setting_values values) { layers_[index(where)] = std::move(values); }

std::optional<json> application_settings::get(std::string_view key) const {
  for (auto l = layers_.rbegin(); l != layers_.rend(); ++l)
    if (auto i = l->find(key); i != l->end())
      return i->second;
  return std::nullopt;
}

json application_settings::get_or(std::string_view key, json otherwise) const {
  auto value = get(key);
  return value ? *std::move(value) : std::move(otherwise);
}

setting_values application_settings::all() const {
  setting_values out;
  for (auto l = layers_.rbegin(); l != layers_.rend(); ++l)
    out.insert(l->begin(), l->end());  // Keeps what a later layer said.
  return out;
}

}  // namespace beamline::supervision
