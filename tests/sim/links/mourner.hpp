#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace beamline::linked {

/// Watches processes of peers: mayflies, some of which it tells to end, and witnesses, by pid and by name.
class mourner final : public resident {
public:
  using resident::resident;
  behavior init() override;

private:
  void met(const node_identity& who) override;
  void handle(const born& m);
  void begin_watch(const pid& who);
  void let_be(std::uint64_t number);
  void let_all_be();

  std::map<std::uint64_t, watch_ref> watches_;  // By a number of our own.
  std::uint64_t last_ = 0;
};

}  // namespace beamline::linked
