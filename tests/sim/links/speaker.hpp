#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace beamline::linked {

/// Sends numbers to the witness of every peer: to its name, to its pid, to that of its earlier lives and runs, and to
/// the service it has registered.
class speaker final : public resident {
public:
  static constexpr std::uint64_t padding_max = 6000;
  static constexpr std::size_t pids_known_max = 3;  // Of one node; older ones are forgotten.

  using resident::resident;
  behavior init() override;

private:
  struct address {
    pid who;
    std::uint64_t stream = 0;
  };

  void speak();
  void say(const address& to);
  numbered next(const std::string& node, const address& to);

  std::map<std::string, std::deque<address>> known_;
  std::map<std::uint64_t, std::uint64_t> last_;  // Number, by stream.
  std::uint64_t streams_ = 0;
  std::map<std::string, address> named_, services_;
};

}  // namespace beamline::linked
