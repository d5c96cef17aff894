#pragma once

#include "base/result.hpp"
#include "web/request.hpp"
#include "web/responder.hpp"
#include "web/response.hpp"
#include "web/socket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web {

/// Answers a request, now or later, here or on another thread. Called on the server's thread; must not block.
using handler = std::function<void(const request&, responder)>;

/// Looks at a request before its handler: an answer ends the matter, nothing passes it on.
using middleware = std::function<std::optional<response>(const request&)>;

/// The `connect` hook of a WebSocket endpoint; called after the checks of `upgrade_rules`. An error refuses the
/// upgrade: 503 for `busy` and `unavailable`, else 403; its message goes to the client.
using socket_acceptor = std::function<result<std::unique_ptr<socket_handler>>(const request&)>;

/// What a WebSocket endpoint demands of an upgrade.
struct upgrade_rules {
  bool requires_vsn = true;               // Query parameter `vsn` must match `~> 2.0.0`, else 403.
  std::vector<std::string> subprotocols;  // When not empty: a client that offers only others gets 403.
};

/// Which code answers which request.
///
/// A pattern is made of fixed segments, `:name` (one segment) and, at the end, `*name` (the rest, also empty).
/// At each segment fixed text wins over `:name`, and `:name` over `*name`; a choice that leads nowhere is
/// taken back. HEAD is served by GET handlers. A known path with another method gets 405 with Allow; OPTIONS
/// without a handler gets 204 with Allow. A slash at the end makes no difference.
///
/// Filled before the server starts, read-only afterwards. Mistakes in the table (two handlers for the same
/// requests, a malformed pattern) throw `std::invalid_argument` naming both patterns.
class router {
public:
  router();
  ~router();
  router(router&&) noexcept;
  router& operator=(router&&) noexcept;

  void get(std::string_view pattern, handler h) { add(http_method::get, pattern, std::move(h)); }
  void post(std::string_view pattern, handler h) { add(http_method::post, pattern, std::move(h)); }
  void put(std::string_view pattern, handler h) { add(http_method::put, pattern, std::move(h)); }
  void patch(std::string_view pattern, handler h) { add(http_method::patch, pattern, std::move(h)); }
  void delete_(std::string_view pattern, handler h) { add(http_method::delete_, pattern, std::move(h)); }
  /// Every method that has no handler of its own on this pattern; `req.method` tells.
  void any(std::string_view pattern, handler h);
  void options(std::string_view pattern, handler h) { add(http_method::options, pattern, std::move(h)); }
  void add(http_method m, std::string_view pattern, handler h);
  void websocket(std::string_view pattern, socket_acceptor accept, upgrade_rules rules = {});

  /// Runs `m` before the handlers of routes added from now on, in this group and the groups inside it, in the
  /// order of registration. WebSocket endpoints run no middleware: their checks are the upgrade's own.
  void use(middleware m);
  /// Adds routes under `prefix`; middleware added inside stays inside.
  void group(std::string_view prefix, const std::function<void(router&)>& add_routes);

  /// That pattern as requests see it, behind the prefix of the group.
  [[nodiscard]] std::string full(std::string_view pattern) const;

  /// What to do with a request.
  struct match {
    const handler* handle = nullptr;
    const std::vector<middleware>* before = nullptr;  // Set with `handle`.
    const socket_acceptor* accept = nullptr;          // Set when the pattern is a WebSocket endpoint.
    const upgrade_rules* rules = nullptr;
    std::string allow;  // Methods of the path, for 405 and OPTIONS; empty when the path is unknown.
    std::string_view pattern;
    pair_list params;
  };
  /// Pure. Neither `handle` nor `accept`: 404 when `allow` is empty, else 405 (204 for OPTIONS).
  [[nodiscard]] match find(http_method m, const std::vector<std::string>& segments) const;

  /// All patterns with their methods, sorted: for `beamline run --routes`, logs and tests.
  [[nodiscard]] std::vector<std::string> describe() const;

private:
  struct node;
  struct endpoint;
  endpoint& at(std::string_view pattern);

  std::unique_ptr<node> root_;
  std::string prefix_;
  std::vector<middleware> before_;
};

}  // namespace beamline::web
