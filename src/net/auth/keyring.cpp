#include "net/auth/keyring.hpp"

#include <algorithm>

namespace beamline::net {

namespace {

result<void> check_key(const auth_key& key, const std::string& whose) {
  auto is_printable = std::ranges::all_of(key.id, [](char c) { return c > ' ' && c <= '~'; });
  if (key.id.empty() || key.id.size() > key_id_octets_max || !is_printable)
    return error{errc::invalid, whose + " has no usable id; give it 1 to " + std::to_string(key_id_octets_max)
                                    + " letters or digits, the same on both sides"};
  if (key.secret.size() < key_octets_min)
    return error{errc::invalid, whose + " \"" + key.id + "\" has " + std::to_string(key.secret.size())
                                    + " octets, at least " + std::to_string(key_octets_min)
                                    + " are needed; make one with: beamline cookie new"};
  return {};
}

}  // namespace

const auth_key& keyring::to_prove_to(std::string_view peer) const {
  auto own = of_peer.find(std::string{peer});
  return own == of_peer.end() ? current : own->second;
}

const auth_key* keyring::find(std::string_view id, std::string_view peer) const {
  if (auto own = of_peer.find(std::string{peer}); own != of_peer.end())
    return own->second.id == id ? &own->second : nullptr;
  if (current.id == id)
    return &current;
  auto found = std::ranges::find(others, id, &auth_key::id);
  return found == others.end() ? nullptr : &*found;
}

result<void> keyring::check() const {
  if (others.size() > other_keys_max)
    return error{errc::invalid, std::to_string(others.size()) + " further keys, at most "
                                    + std::to_string(other_keys_max)
                                    + " are accepted; drop those that nobody uses any more"};
  if (auto ok = check_key(current, "the current key"); !ok)
    return ok;
  for (std::size_t i = 0; i < others.size(); ++i) {
    if (auto ok = check_key(others[i], "the further key"); !ok)
      return ok;
    auto is_twin = [&](const auth_key& k) { return k.id == others[i].id; };
    if (is_twin(current) || std::any_of(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(i), is_twin))
      return error{errc::invalid, "two keys have the id \"" + others[i].id + "\"; an id means one key"};
  }
  for (const auto& [peer, key] : of_peer)
    if (auto ok = check_key(key, "the key of " + peer); !ok)
      return ok;
  return {};
}

bool keyring::has_known_to_all() const {
  return current.is_known_to_all || std::ranges::any_of(others, &auth_key::is_known_to_all)
      || std::ranges::any_of(of_peer, [](const auto& k) { return k.second.is_known_to_all; });
}

std::string keyring::ids_for(std::string_view peer) const {
  if (auto own = of_peer.find(std::string{peer}); own != of_peer.end())
    return "\"" + own->second.id + "\"";
  auto out = "\"" + current.id + "\"";
  for (const auto& key : others)
    out += ", \"" + key.id + "\"";
  return out;
}

}  // namespace beamline::net
