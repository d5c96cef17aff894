#pragma once

#include "base/log.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/spawner.hpp"
#include "web/live/connection_views.hpp"
#include "web/live/dead_render.hpp"
#include "web/live/endpoint.hpp"
#include "web/live/view_instance.hpp"
#include "web/live/view_site.hpp"
#include "web/live/view_table.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// What an endpoint and its processes share. Processes outlive the server at its end; what they borrow from here lives
/// as long as the route functions they were given.
class endpoint_state : public std::enable_shared_from_this<endpoint_state> {
public:
  endpoint_state(node& n, const token_signer& signer, const session_codec& s, endpoint::options o);

  /// Answers GET on a pattern of `views`; page_request.cpp.
  void render(const request& req, responder answer);
  /// The upgrade of a browser's connection; socket_request.cpp.
  [[nodiscard]] result<std::unique_ptr<socket_handler>> accept(const request& req);

  node& home;
  const session_codec& sessions;
  const endpoint::options opts;
  const channels::spawner processes;
  const page_tokens tokens;
  const hash_key key;
  view_table views;

private:
  /// The first render, in a process of its own; any thread.
  void start_page(dead_render::setup s, responder& answer);

  /// What one connection is known by.
  struct visitor;

  [[nodiscard]] channels::connection::start_result start(const channels::start_channel& join,
                                                         std::shared_ptr<channels::connection> c,
                                                         const std::shared_ptr<visitor>& who);
  [[nodiscard]] std::string refuse(join_refusal why, const visitor& who);

  /// For a view of that name within that live session: finds its own URLs, and no others.
  [[nodiscard]] route_function route_within(std::string view, std::string live_session);
  [[nodiscard]] nested_scope scope_of(std::string view_id, const std::string& live_session, json session);

  once_per stale_loops_{std::chrono::minutes{1}};
};

/// The session as views get it: without what only the server needs.
[[nodiscard]] json view_session(const session_data& cookie_session, const json& of_token);

}  // namespace beamline::web::live
