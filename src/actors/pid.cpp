#include "actors/pid.hpp"

#include "base/random.hpp"

namespace beamline {

std::strong_ordering operator<=>(const pid& a, const pid& b) noexcept {
  if (a.node_ != b.node_) {
    if (!a.node_ || !b.node_)
      return a.node_ ? std::strong_ordering::greater : std::strong_ordering::less;
    if (auto order = *a.node_ <=> *b.node_; order != 0)
      return order;
  }
  if (auto order = a.id_ <=> b.id_; order != 0)
    return order;
  return a.name_ <=> b.name_;
}

std::string to_string(const pid& p) {
  if (!p)
    return "<nobody>";
  if (p.is_named())
    return "<" + p.node().name + ":" + p.name() + ">";
  // The slot and how often it was used, as in process_table; short enough to read out loud.
  return "<" + p.node().name + "." + std::to_string(p.id() & 0xffffff) + "." + std::to_string(p.id() >> 24) + ">";
}

}  // namespace beamline

std::size_t std::hash<beamline::pid>::operator()(const beamline::pid& p) const noexcept {
  // By value only: two pids of one process are equal however they were made, and the order of
  // addresses must never be seen.
  auto h = p ? p.node().incarnation ^ beamline::mix64(std::hash<std::string>{}(p.node().name)) : 0;
  return beamline::mix64(h ^ beamline::mix64(p.id() ^ std::hash<std::string>{}(p.name())));
}
