#pragma once

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/options.hpp"
#include "base/token.hpp"
#include "web/assets.hpp"
#include "web/live/endpoint.hpp"
#include "web/origin.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <memory>

namespace beamline::event_horizon {

/// The blog of one node: its catalogue, its analytics process, its pages. Kept until the node's processes and its web
/// server are gone.
class application {
public:
  /// What it is built on; all of it must outlive the application.
  struct parts {
    pid rpc;
    pid broadcast;
    const token_signer& signer;
    const web::session_codec& sessions;
    const web::asset_store& assets;
    const web::origin_policy& origins;
  };

  /// Reads the posts, starts the processes and adds the pages to `routes`. Errors are those of `catalogue::load`.
  [[nodiscard]] static result<std::unique_ptr<application>> start(node& home, const parts& p,
                                                                  const event_horizon_options& o, web::router& routes);

private:
  application(node& home, const parts& p, catalogue posts, const event_horizon_options& o);

  blog blog_;
  web::live::endpoint live_;
};

}  // namespace beamline::event_horizon
