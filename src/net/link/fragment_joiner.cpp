#include "net/link/fragment_joiner.hpp"

#include "net/link/gate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace beamline::net {

namespace {

constexpr std::size_t octets_reserved_first = 64 * 1024, growth = 4;

void grow_for(bytes& octets, std::size_t more, std::size_t total) {
  if (octets.size() + more > octets.capacity())
    octets.reserve(std::min(total, std::max({octets_reserved_first, octets.size() + more, octets.size() * growth})));
  // Not more than is reserved: `more` has been checked against `total`.
}

}  // namespace

result<std::optional<bytes>> fragment_joiner::first(std::size_t lane, std::uint64_t id, std::uint64_t total,
                                                    std::string_view piece) {
  if (total > options_.message_octets_max)
    return error{errc::too_large, fmt::format("a message of {} octets is announced, at most {} are allowed", total,
                                              options_.message_octets_max)};
  if (total == 0)
    return error{errc::corrupt, "an empty message is announced"};
  if (total > options_.lane_octets_max[lane] - announced_[lane])
    return error{
        errc::too_large,
        fmt::format("a message of {} octets is announced, with {} announced in lane {} and not complete; {} are "
                    "allowed together. The limits of both nodes must agree",
                    total, announced_[lane], lane, options_.lane_octets_max[lane])};
  if (count_[lane] == gate::transfers_top)
    return error{errc::too_large, fmt::format("more than {} messages in pieces in lane {}", count_[lane], lane)};
  auto [at, is_new] = open_.try_emplace({lane, id});
  if (!is_new)
    return error{errc::corrupt, fmt::format("transfer {} of lane {} begins a second time", id, lane)};
  at->second.total = static_cast<std::size_t>(total);
  announced_[lane] += at->second.total;
  ++count_[lane];
  return add(at, piece);
}

result<std::optional<bytes>> fragment_joiner::more(std::size_t lane, std::uint64_t id, std::string_view piece) {
  auto at = open_.find({lane, id});
  if (at == open_.end())
    return error{errc::corrupt, fmt::format("a piece of transfer {} of lane {}, which has not begun", id, lane)};
  return add(at, piece);
}

result<std::optional<bytes>> fragment_joiner::add(messages::iterator at, std::string_view piece) {
  auto& m = at->second;
  auto left = m.total - m.octets.size();
  if (piece.empty() || piece.size() > left)
    return error{errc::corrupt, fmt::format("a piece of {} octets of transfer {} of lane {}, of which {} are to come",
                                            piece.size(), at->first.second, at->first.first, left)};
  grow_for(m.octets, piece.size(), m.total);
  m.octets.append(piece);
  held_ += piece.size();
  if (m.octets.size() < m.total)
    return std::optional<bytes>{};
  auto lane = at->first.first;
  announced_[lane] -= m.total;
  --count_[lane];
  held_ -= m.total;
  auto whole = std::move(m.octets);
  open_.erase(at);
  return std::optional{std::move(whole)};
}

void fragment_joiner::clear() {
  open_.clear();
  announced_ = {};
  count_ = {};
  held_ = 0;
}

}  // namespace beamline::net
