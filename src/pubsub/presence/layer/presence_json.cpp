#include "pubsub/presence/layer/presence_json.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace beamline::presence::layer {

namespace {

json parse_meta(const meta_change& m) {
  auto meta = json::parse(*m.meta, nullptr, false);
  if (!meta.is_object())
    throw std::logic_error{"the meta of \"" + m.key + "\" is no JSON object: " + m.meta->substr(0, 200)};
  return meta;
}

bool has_metas_of(const json& fetched, const json& asked) {
  const auto* a = find_array(asked, "metas");
  const auto* f = find_array(fetched, "metas");
  if (a == nullptr || f == nullptr)
    return false;
  return std::equal(a->begin(), a->end(), f->begin(), f->end(), [](const json& x, const json& y) {
    const auto* ref = find_string(y, "phx_ref");
    return ref != nullptr && *ref == *find_string(x, "phx_ref");
  });
}

}  // namespace

presence_map to_presences(const std::vector<meta_change>& metas) {
  presence_map all;
  for (const auto& m : metas) {
    auto [at, is_new] = all.try_emplace(m.key);
    if (is_new)
      at->second = json{{"metas", json::array()}};
    at->second["metas"].push_back(parse_meta(m));
  }
  return all;
}

json to_object(const presence_map& presences) {
  auto all = json::object();
  for (const auto& [key, presence] : presences)
    all[key] = presence;
  return all;
}

presence_diff to_diff(const std::string& topic, const presence_map& joins, const presence_map& leaves) {
  auto payload = std::make_shared<json>(json::object());
  (*payload)["joins"] = to_object(joins);
  (*payload)["leaves"] = to_object(leaves);
  auto text = std::make_shared<const std::string>(dump_json(*payload));
  return {topic, std::move(payload), std::move(text)};
}

presence_map keep_promises(const presence_map& asked, presence_map fetched, bool& is_intact) {
  if (fetched.size() != asked.size())
    is_intact = false;
  presence_map all;
  for (const auto& [key, presence] : asked) {
    auto f = fetched.find(key);
    if (f != fetched.end() && has_metas_of(f->second, presence)) {
      all.emplace(key, std::move(f->second));
    } else {
      is_intact = false;
      all.emplace(key, presence);
    }
  }
  return all;
}

}  // namespace beamline::presence::layer
