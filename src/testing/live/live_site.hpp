#pragma once

#include "base/json.hpp"
#include "testing/live/browser.hpp"
#include "web/live/endpoint.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::testing {

/// A site with live views on a simulated node, for tests of views: router, keys, sessions and endpoint as in
/// production. For a whole application build its own routes and give them to a `browser`.
///
///   testing::live_site site{w.start_node()};
///   site.view<cart>("/cart/:id");
///   auto page = site.visit("/cart/7");                       // with a new browser
///   auto ann = site.browser({{"user", "ann"}});              // with a cookie session
///   auto one = ann.visit("/cart/7"), two = ann.visit("/cart/7");
///   auto part = site.mount<clock>();                         // a view without a route of its own
class live_site {
public:
  struct options {
    web::live::endpoint::options live{};  // Without a layout it gets a plain one.
    testing::browser::options browsers{};
  };

  explicit live_site(simulated_node& n) : live_site{n, options{}} {}
  live_site(simulated_node& n, options o);

  /// Serves the view at `pattern`; its name is the pattern.
  template <class View>
  void view(std::string_view pattern, web::live::view_options o = {}) {
    live().template view<View>(routes(), pattern, std::string{pattern}, std::move(o));
  }
  void view(std::string_view pattern, web::live::view_factory make, web::live::view_options o = {}) {
    live().view(routes(), pattern, std::string{pattern}, std::move(make), std::move(o));
  }

  /// A new browser. `session` is what its cookie session holds from the start.
  [[nodiscard]] testing::browser browser(const json& session = json::object());
  /// The page in a new browser.
  [[nodiscard]] live_page visit(std::string_view path, const json& session = json::object()) {
    return browser(session).visit(path);
  }
  /// A view by itself, as `live_isolated` in Phoenix.
  template <class View>
  [[nodiscard]] live_page mount(const json& session = json::object(), std::string_view query = {}) {
    return mount([] { return std::make_unique<View>(); }, session, query);
  }
  [[nodiscard]] live_page mount(web::live::view_factory make, const json& session = json::object(),
                                std::string_view query = {});

  [[nodiscard]] web::live::endpoint& live() noexcept;
  [[nodiscard]] web::router& routes() noexcept;
  [[nodiscard]] simulated_node& node() noexcept;

private:
  struct state;
  state* state_;  // Lives and dies with the node, which its processes refer to.
};

}  // namespace beamline::testing
