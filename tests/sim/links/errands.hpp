#pragma once

#include "net/rpc/call.hpp"
#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <string>

namespace beamline::linked {

/// Has errands run by the rpc of its node, each in the manner it asks for.
class errand_host final : public resident {
public:
  using resident::resident;
  behavior init() override;
};

/// Sends errands to nodes by rpc, to one or to many at once, its own among them.
class errand_client final : public resident {
public:
  using resident::resident;
  behavior init() override;

private:
  void go();
  void go_round();
  errand next();
  net::rpc::time_limit draw_limit();
  void tell(const errand& e, std::uint64_t place, const net::rpc::outcome<souvenir>& o);

  std::uint64_t last_ = 0;
};

}  // namespace beamline::linked
