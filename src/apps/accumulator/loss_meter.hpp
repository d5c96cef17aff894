#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace beamline::accumulator {

/// Finds out from the numbers of a sender's messages how many were lost on the way. Pure; belongs to one process.
///
/// What comes first from a sender counts nothing: what went before may have been for an earlier run of this node. What
/// comes late or twice counts nothing either, so with messages out of order it says a little too much.
class loss_meter {
public:
  // Senders remembered; the one that was silent longest is forgotten for another one.
  static constexpr std::size_t sources_max = 1000;

  /// Message `sequence` of that sender has come. How many before it did not.
  [[nodiscard]] std::uint64_t note(std::string_view source, std::uint64_t sequence);

private:
  struct entry {
    std::string source;
    std::uint64_t last = 0;
  };
  std::list<entry> order_;  // The longest silent first.
  std::map<std::string, std::list<entry>::iterator, std::less<>> by_source_;
};

}  // namespace beamline::accumulator
