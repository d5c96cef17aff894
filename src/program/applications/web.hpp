#pragma once

#include "apps/event_horizon/application.hpp"
#include "base/token.hpp"
#include "program/current.hpp"
#include "program/node_parts.hpp"
#include "supervision/applications/application.hpp"
#include "supervision/nursery.hpp"
#include "web/assets.hpp"
#include "web/options.hpp"
#include "web/server.hpp"
#include "web/session.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::program {

/// What a node shows to browsers.
///
///   web (rest_for_one)
///   ├─ sessions    dynamic: one view per browser tab, and the pages that are being made
///   ├─ endpoint    the HTTP and WebSocket server
///   └─ readiness
///
/// Read and checked before any process runs; kept until they are gone.
class web_site {
public:
  /// Reads what has to be read: options, and for the blog keys, assets and posts. `on.home` is there and runs nothing.
  [[nodiscard]] static result<std::unique_ptr<web_site>> prepare(node_parts& on, bool has_blog);

  /// Null without it.
  [[nodiscard]] event_horizon::application* blog() const noexcept { return blog_.get(); }
  /// `behind`: what is there before the first request.
  [[nodiscard]] supervision::application application(std::vector<std::string> behind);

private:
  class server_part;

  web_site(node_parts& on, web::web_options o) : on_{on}, options_{std::move(o)} {}
  result<void> prepare_blog();
  [[nodiscard]] web::router routes();
  [[nodiscard]] supervision::child_spec server_child();

  node_parts& on_;
  web::web_options options_;
  supervision::nursery sessions_{{.label = "page"}};
  std::optional<keyring> keys_;
  std::optional<token_signer> signer_;
  std::optional<web::session_codec> cookies_;
  std::optional<web::asset_store> assets_;
  std::unique_ptr<event_horizon::application> blog_;
  current<const web::server> server_;
};

}  // namespace beamline::program
