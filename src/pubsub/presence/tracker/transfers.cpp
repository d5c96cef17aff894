#include "pubsub/presence/tracker/transfers.hpp"

#include "pubsub/presence/tracker/limits.hpp"

#include <utility>

namespace beamline::presence {

namespace {

wire_transfer cut_part(std::uint64_t ref, std::string_view octets, std::uint64_t part) {
  wire_transfer t;
  t.ref = ref;
  t.part = part;
  t.parts = octets.empty() ? 1 : (octets.size() + transfer_part_octets - 1) / transfer_part_octets;
  t.octets = bytes{octets.substr(part * transfer_part_octets, transfer_part_octets)};
  return t;
}

}  // namespace

// -- wanted -------------------------------------------------------------------------------------------

std::optional<transfers_wanted::wish> transfers_wanted::want(const std::string& node, bool is_segment, time_point now) {
  auto [at, is_new] = waiting_.try_emplace(node);
  if (!is_new)
    return std::nullopt;
  at->second.ref = ++last_ref_;
  at->second.is_segment = is_segment;
  at->second.heard = now;
  return wish{node, at->second.ref, 0, is_segment};
}

transfers_wanted::arrived transfers_wanted::take(const std::string& node, wire_transfer part, time_point now) {
  auto at = waiting_.find(node);
  if (at == waiting_.end() || at->second.ref != part.ref) {
    if (part.parts == 1 && part.part == 0 && !part.is_segment)
      return {.complete = std::move(part.octets)};
    return {};
  }
  auto& w = at->second;
  auto is_next = part.part == w.next && part.part < part.parts && (w.parts == 0 || w.parts == part.parts);
  auto is_fit = part.parts <= transfer_parts_max && part.octets.size() <= transfer_part_octets;
  if (!is_next || !is_fit || part.is_segment != w.is_segment)
    return {};
  w.heard = now;
  w.parts = part.parts;
  w.octets += part.octets;
  if (++w.next < w.parts)
    return {.next = wish{node, w.ref, w.next, w.is_segment}};
  arrived all{.complete = std::move(w.octets), .is_segment = w.is_segment};
  waiting_.erase(at);
  return all;
}

std::vector<transfers_wanted::wish> transfers_wanted::overdue(time_point before, time_point now) {
  std::vector<wish> again;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto& w = at->second;
    if (w.heard > before) {
      ++at;
    } else if (w.tries >= transfer_tries_max) {
      at = waiting_.erase(at);
    } else {
      w = wait{++last_ref_, w.is_segment, w.tries + 1, now, 0, 0, {}};
      again.push_back({at->first, w.ref, 0, w.is_segment});
      ++at;
    }
  }
  return again;
}

// -- served -------------------------------------------------------------------------------------------

std::optional<wire_transfer> transfers_served::begin(const std::string& node, std::uint64_t ref, bytes octets,
                                                     time_point now) {
  kept_.erase(node);
  auto first = cut_part(ref, octets, 0);
  if (first.parts == 1)
    return first;
  if (kept_.size() >= transfers_served_max)
    return std::nullopt;
  kept_.emplace(node, kept{ref, std::move(octets), now});
  return first;
}

std::optional<wire_transfer> transfers_served::part(const std::string& node, std::uint64_t ref, std::uint64_t part,
                                                    time_point now) {
  auto at = kept_.find(node);
  if (at == kept_.end() || at->second.ref != ref || part * transfer_part_octets >= at->second.octets.size())
    return std::nullopt;
  at->second.asked = now;
  auto t = cut_part(ref, at->second.octets, part);
  if (t.part + 1 == t.parts)
    kept_.erase(at);
  return t;
}

void transfers_served::forget_before(time_point t) {
  std::erase_if(kept_, [&](const auto& k) { return k.second.asked < t; });
}

}  // namespace beamline::presence
