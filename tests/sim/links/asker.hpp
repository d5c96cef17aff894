#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace beamline::linked {

/// Calls processes of other nodes, by name and by pid, with time limits from short to practically none.
class asker final : public resident {
public:
  static constexpr duration for_ever = std::chrono::hours{10};

  using resident::resident;
  behavior init() override;

private:
  void ask();

  std::map<std::string, pid> witnesses_;
  std::uint64_t last_ = 0;
};

}  // namespace beamline::linked
