#include "apps/accumulator/loss_meter.hpp"

namespace beamline::accumulator {

std::uint64_t loss_meter::note(std::string_view source, std::uint64_t sequence) {
  if (sequence == 0)
    return 0;
  auto known = by_source_.find(source);
  if (known == by_source_.end()) {
    if (by_source_.size() >= sources_max) {
      by_source_.erase(order_.front().source);
      order_.pop_front();
      has_forgotten_ = true;
    }
    auto added = order_.insert(order_.end(), {std::string{source}, sequence});
    by_source_.emplace(added->source, added);
    return has_forgotten_ ? 0 : sequence - 1;
  }
  order_.splice(order_.end(), order_, known->second);
  auto& last = known->second->last;
  if (sequence <= last)
    return 0;
  auto lost = sequence - last - 1;
  last = sequence;
  return lost;
}

}  // namespace beamline::accumulator
