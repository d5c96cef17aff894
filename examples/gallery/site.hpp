#pragma once

#include "actors/message_contract.hpp"
#include "actors/node.hpp"
#include "gallery/logins.hpp"
#include "supervision/child_spec.hpp"
#include "supervision/nursery.hpp"
#include "web/assets.hpp"
#include "web/live/endpoint.hpp"
#include "web/origin.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A gallery of live pages: one small page per feature. Written to be read beside docs/live-views.md, to be tried by
/// hand, and to be driven by the browser tests.
namespace gallery {

/// What the site is built on; all of it outlives the server.
struct site_parts {
  beamline::node& home;  // With PubSub and presence: examples/support/services.hpp.
  const beamline::token_signer& signer;
  const beamline::web::session_codec& sessions;
  const beamline::web::asset_store& assets;
  beamline::supervision::nursery views;
  std::int64_t stream_rows = 10'000;               // On /stream.
  std::optional<std::string> development_build{};  // As of live::endpoint::options.
};

/// The pages, and what stands behind them.
class site {
public:
  explicit site(const site_parts& p);

  /// Every URL of the gallery, the client's WebSocket and the assets. The site must outlive the router.
  void add_to(beamline::web::router& routes);

  /// What nodes of the gallery say to each other.
  static void add_messages(beamline::message_contract& c);
  /// Processes of the node, started after PubSub.
  [[nodiscard]] static std::vector<beamline::supervision::child_spec> children();

private:
  void add_views(beamline::web::router& routes);

  site_parts parts_;
  beamline::web::origin_policy origins_;  // From this machine's own pages only.
  logins ended_logins_;
  beamline::web::live::endpoint live_;
};

}  // namespace gallery
