#include "apps/event_horizon/cluster/node_roster.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace beamline::event_horizon {

namespace {

// Digits behind a name that is not the only one: so many, if that is enough to tell them apart ...
constexpr std::size_t digits_min = 4;
// ... and at most as many as there are. Where even these are the same, names are numbered in their order.
constexpr std::size_t digits_max = 8;

std::string front_of(const std::string& name) { return name.substr(0, name.find('@')); }

/// FNV-1a: the same on every machine and in every release. Eight digits; fewer are its beginning.
std::string digits_of(const std::string& name) {
  std::uint32_t hash = 0x811c9dc5U;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  hash ^= hash >> 16;
  std::string out;
  for (std::size_t i = 0; i < digits_max; ++i, hash >>= 4)
    out += "0123456789abcdef"[hash & 15U];
  return out;
}

/// How many it takes to tell these apart.
std::size_t digits_for(const std::set<std::string>& names) {
  auto digits = digits_min;
  for (; digits < digits_max; ++digits) {
    std::set<std::string> seen;
    for (const auto& n : names)
      seen.insert(digits_of(n).substr(0, digits));
    if (seen.size() == names.size())
      break;
  }
  return digits;
}

}  // namespace

void node_roster::found(const peer_info& peer, time_point now) {
  nodes_[peer.identity.name] = {.role = peer.role,
                                .version = peer.version,
                                .is_up = true,
                                .since = now,
                                .why = {},
                                .connection = peer.connection};
}

void node_roster::up(const peer_info& peer, time_point now, wall_time at) {
  found(peer, now);
  note({at, peer.identity.name, true, {}});
}

void node_roster::down(const peer_info& peer, const std::string& why, time_point now, wall_time at) {
  const auto known = nodes_.find(peer.identity.name);
  if (known == nodes_.end() || !known->second.is_up || known->second.connection > peer.connection)
    return;
  known->second.is_up = false;
  known->second.since = now;
  known->second.why = why;
  note({at, peer.identity.name, false, why});
  forget_oldest();
}

void node_roster::note(link_event e) {
  events_.push_front(std::move(e));
  if (events_.size() > events_max)
    events_.pop_back();
}

void node_roster::forget_oldest() {
  auto oldest = nodes_.end();
  std::size_t gone = 0;
  for (auto i = nodes_.begin(); i != nodes_.end(); ++i) {
    if (i->second.is_up)
      continue;
    ++gone;
    if (oldest == nodes_.end() || i->second.since < oldest->second.since)
      oldest = i;
  }
  if (gone > gone_max)
    nodes_.erase(oldest);
}

std::map<std::string, std::string> public_names(const std::vector<std::string>& nodes) {
  std::map<std::string, std::set<std::string>> fronts;
  for (const auto& n : nodes)
    fronts[front_of(n)].insert(n);
  std::map<std::string, std::string> out;
  std::set<std::string> taken;
  for (const auto& [front, names] : fronts) {
    auto digits = names.size() == 1 ? 0 : digits_for(names);
    for (const auto& n : names) {
      auto shown = digits == 0 ? front : front + "-" + digits_of(n).substr(0, digits);
      for (auto number = 2; !taken.insert(shown).second; ++number)
        shown = front + "-" + digits_of(n) + "-" + std::to_string(number);
      out[n] = shown;
    }
  }
  return out;
}

std::string down_words(const std::string& why) {
  static constexpr std::array words{
      std::pair{down_reason::connection_closed, "connection closed"},
      std::pair{down_reason::disconnect, "disconnected by an operator"},
      std::pair{down_reason::net_tick_timeout, "nothing was heard of it for too long"},
      std::pair{down_reason::stale_incarnation, "it was restarted"},
      std::pair{down_reason::auth_revoked, "its key counts no more"},
      std::pair{down_reason::protocol_error, "it broke the protocol"},
      std::pair{down_reason::slow_consumer, "it was too slow"},
      std::pair{down_reason::stopped, "the links of this host ended"},
      std::pair{down_reason::replaced, "it connected anew"},
  };
  const auto* found =
      std::find_if(words.begin(), words.end(), [&](const auto& w) { return std::string_view{w.first} == why; });
  return found == words.end() ? "connection lost" : found->second;
}

}  // namespace beamline::event_horizon
