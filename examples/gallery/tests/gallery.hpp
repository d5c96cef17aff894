#pragma once

#include "base/token.hpp"
#include "gallery/site.hpp"
#include "support/services.hpp"
#include "testing/live/browser.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <string_view>

namespace gallery {

/// The whole gallery on a simulated node: real routes, sessions, PubSub and presence; virtual time.
class fixture {
public:
  // Enough to see that rows are neither lost nor sent twice; the browser tests have all ten thousand.
  static constexpr std::int64_t stream_rows = 300;

  fixture() : node_{start(world_)}, site_{node_.own<parts>(node_)} { world_.run(); }

  [[nodiscard]] beamline::testing::world& world() noexcept { return world_; }
  [[nodiscard]] beamline::testing::browser browser() { return {node_, site_.routes}; }
  /// The page in a new browser.
  [[nodiscard]] beamline::testing::live_page visit(std::string_view path) { return browser().visit(path); }

private:
  struct parts {
    explicit parts(beamline::testing::simulated_node& n)
        : services{n.get(), {.children = site::children()}},
          signer{keys, n.env().time()},
          sessions{signer, {}},
          pages{{n.get(), signer, sessions, assets, services.sessions(), stream_rows}} {
      pages.add_to(routes);
    }
    beamline::example::services services;
    beamline::keyring keys = beamline::keyring::parse("0123456789abcdef0123456789abcdef").value();  // Of tests only.
    beamline::token_signer signer;
    beamline::web::session_codec sessions;
    beamline::web::asset_store assets;  // Empty: pages name their scripts all the same.
    site pages;
    beamline::web::router routes;
  };

  static beamline::testing::simulated_node& start(beamline::testing::world& w) {
    site::add_messages(w.contract());
    beamline::web::add_channel_messages(w.contract());
    return w.start_node();
  }

  beamline::testing::world world_;
  beamline::testing::simulated_node& node_;
  parts& site_;
};

}  // namespace gallery
