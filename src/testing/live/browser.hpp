#pragma once

#include "testing/live/live_page.hpp"
#include "testing/simulated_node.hpp"
#include "web/response.hpp"
#include "web/router.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::testing {

/// A browser with its cookies, without a network: requests go to a router, and the answers come as soon as the world
/// has come to rest.
///
///   testing::browser ann{node, routes};
///   auto page = ann.visit("/blog/hello");
///
/// The node, its world and the router must outlive it and its pages. Copies share the cookies.
class browser {
public:
  struct options {
    std::string origin = "http://localhost";
    std::string socket_path = "/live/websocket";
    std::vector<std::pair<std::string, std::string>> headers{};  // Sent with every request.
  };

  browser(simulated_node& n, const web::router& routes) : browser{n, routes, options{}} {}
  browser(simulated_node& n, const web::router& routes, options o);

  /// Loads a page and connects its live views. Throws `page_error` if there is no such page, or a view does not join.
  [[nodiscard]] live_page visit(std::string_view path);
  /// Loads a page only: what a visitor without JavaScript sees. `live_page::connect` goes on.
  [[nodiscard]] live_page load(std::string_view path);

  /// One request; redirects are not followed. Throws `page_error` if no answer comes within a minute of virtual time.
  web::response get(std::string_view path) { return send("GET", path, {}); }
  web::response post(std::string_view path, std::string form_body) { return send("POST", path, std::move(form_body)); }
  web::response send(std::string_view method, std::string_view target, std::string form_body);

  /// Null: there is none of that name.
  [[nodiscard]] const std::string* cookie(std::string_view name) const;
  void set_cookie(std::string name, std::string value);
  void clear_cookies();

  // For pages.
  [[nodiscard]] simulated_node& node() const;
  [[nodiscard]] world& the_world() const;
  /// False once the node has ended: nothing of it may be touched any more.
  [[nodiscard]] bool is_node_up() const;
  [[nodiscard]] const options& settings() const;
  /// The request as the server would read it.
  [[nodiscard]] web::request make_request(std::string_view method, std::string_view target,
                                          std::string form_body) const;
  [[nodiscard]] const web::router& routes() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace beamline::testing
