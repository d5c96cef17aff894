#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace beamline::accumulator {

/// Finds out from the numbers of a sender's messages how many were lost on the way. Pure; used by one process at a
/// time, and kept from one run of it to the next.
///
/// A sender begins a new source, with number 1, when it is linked with another set of accumulators than before. So what
/// comes first from a source says how many were lost before it, most of them while this node was starting. What comes
/// late or twice counts nothing, so with messages out of order it says a little too much; and so does an accumulator
/// that joins others, of what only they heard.
class loss_meter {
public:
  // Sources remembered; the one that was silent longest is forgotten for another one. From then on the first message of
  // a source counts nothing: it may be one that was forgotten.
  static constexpr std::size_t sources_max = 1000;

  /// Message `sequence` of that sender has come. How many before it did not.
  [[nodiscard]] std::uint64_t note(std::string_view source, std::uint64_t sequence);

private:
  struct entry {
    std::string source;
    std::uint64_t last = 0;
  };
  bool has_forgotten_ = false;
  std::list<entry> order_;  // The longest silent first.
  std::map<std::string, std::list<entry>::iterator, std::less<>> by_source_;
};

}  // namespace beamline::accumulator
