#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

namespace beamline::linked {

/// Notes what it sees of its peers: that they come and go, and the numbers their speakers send. Tells peers
/// where it is, and answers questions at once.
class witness final : public resident {
public:
  using resident::resident;
  behavior init() override;

private:
  void met(const node_identity& who) override;
  void handle(const numbered& m);
};

}  // namespace beamline::linked
