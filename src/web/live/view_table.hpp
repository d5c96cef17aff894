#pragma once

#include "web/live/join.hpp"
#include "web/live/live_session.hpp"
#include "web/live/view.hpp"
#include "web/request.hpp"
#include "web/router.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// What a page waits for before its first render: fetches what the view will look up, and calls `go_on` once, at once
/// or later, from any thread. It runs on the server's thread and must not block; it has a limit of its own for how long
/// it takes. If it never calls, the browser gets an error.
using page_preparation = std::function<void(const request&, std::function<void()> go_on)>;

/// One view of an endpoint.
struct view_entry {
  view_factory make;
  container_element container;
};

/// What a URL leads to.
struct route_entry {
  std::string view;
  std::string action;  // What the view is to do there: "index", "edit".
  std::shared_ptr<const live_session> session;
  page_preparation prepare{};
};

/// Which views an endpoint has, and which URLs lead to them. Filled before the server starts, read-only afterwards.
/// Mistakes throw std::invalid_argument that names both sides.
class view_table {
public:
  /// Begins with the session "default", which may be declared once to say more about it.
  view_table();

  void add_session(live_session s);
  void add_view(const std::string& name, view_factory make, container_element container);
  /// The pattern is one of `router`. View and session must be there.
  void add_route(std::string_view pattern, const std::string& view, const std::string& session, std::string action,
                 page_preparation prepare = {});

  /// Null: there is none of that name.
  [[nodiscard]] const view_entry* view(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const live_session> session(std::string_view name) const;

  struct found {
    const route_entry* to = nullptr;
    json params = json::object();  // Of the path and the query.
  };
  /// Where a full URL, or a path with query, leads; nothing: no live view.
  [[nodiscard]] std::optional<found> find(std::string_view url) const;
  [[nodiscard]] const route_entry& at(std::string_view pattern) const;

  /// The same for a request that a pattern has matched already.
  [[nodiscard]] static json params_of(const pair_list& path_params, std::string_view query_text);

private:
  router patterns_;
  std::map<std::string, route_entry, std::less<>> routes_;  // By pattern.
  std::map<std::string, view_entry, std::less<>> views_;
  std::map<std::string, std::shared_ptr<const live_session>, std::less<>> sessions_;
  bool has_declared_default_ = false;
};

}  // namespace beamline::web::live
