// A browser's connection: its upgrade, and the joins of its views.
#include "web/channels/events.hpp"
#include "web/channels/socket_guard.hpp"
#include "web/live/endpoint_state.hpp"
#include "web/live/stale_guard.hpp"
#include "web/live/view_host.hpp"

#include <utility>

namespace beamline::web::live {

struct endpoint_state::visitor {
  std::string route;
  std::string client;
  std::optional<session_data> session;  // If the upgrade proved that it belongs to it.
  bool has_cookie = false;              // Of a session, whatever is in it.
  load_chain loads;
  connection_views views;
};

result<std::unique_ptr<socket_handler>> endpoint_state::accept(const request& req) {
  auto who = std::make_shared<visitor>();
  auto session = sessions.read(req);
  who->route = req.route;
  who->client = req.client;
  who->has_cookie = session.ok() || session.error().code != errc::not_found;
  if (session && csrf::matches(*session, req.query_value("_csrf_token").value_or("")))
    who->session = *std::move(session);
  who->loads = load_chain{req.cookie(load_chain::cookie)};

  channels::connection::options o;
  o.route = req.route;
  o.rules.has_route = [](std::string_view topic) { return topic.starts_with(topic_prefix); };
  o.rules.channels_max = opts.channels_max;
  o.rules.limits = opts.message_limits;
  o.rates = channels::connection::rate_limits{opts.messages, opts.octets, opts.joins};
  o.start = [s = shared_from_this(), who](const channels::start_channel& join,
                                          std::shared_ptr<channels::connection> c) {
    return s->start(join, std::move(c), who);
  };
  const auto made = std::make_shared<channels::connection>(home, std::move(o));
  auto side = channels::connection::handler(made);
  const auto* id = who->session && !opts.pubsub.empty() ? who->session->find(socket_id_key) : nullptr;
  if (id == nullptr || id->empty())
    return side;
  if (auto guarded = channels::guard_connection(made, *id, opts.pubsub, home, processes); !guarded) {
    home.env().events().emit(channels::connect_refused{req.route, guarded.error().message});
    return error{errc::busy, "this server cannot take another visitor right now; try again soon"};
  }
  return side;
}

channels::connection::start_result endpoint_state::start(const channels::start_channel& join,
                                                         std::shared_ptr<channels::connection> c,
                                                         const std::shared_ptr<visitor>& who) {
  join_context context;
  context.topic = join.topic;
  context.has_session = who->session.has_value();
  context.route = [this](std::string_view url) -> std::optional<route_match> {
    auto found = views.find(url);
    if (!found)
      return std::nullopt;
    return route_match{found->to->view, found->to->session->name, std::move(found->params), found->to->action};
  };
  context.has_view = [this](std::string_view name) { return views.view(name) != nullptr; };
  context.find_parent = [&](const parent_identity& p) { return who->views.status(p); };
  auto decision = check_join(tokens, join.payload, context);
  if (auto* refusal = std::get_if<join_refusal>(&decision))
    return refuse(*refusal, *who);

  auto& accepted = std::get<join_accepted>(decision);
  const auto of = views.session(accepted.live_session);
  if (!of)  // Renamed by a deploy.
    return refuse(join_refusal::stale, *who);
  const auto view_id = accepted.view_id;
  const auto family = accepted.parent ? who->views.find(accepted.parent) : std::nullopt;
  const auto& entry = *views.view(accepted.view);
  view_host::setup s;
  s.what = entry.make();
  s.channel = join.id;
  s.port = std::move(c);
  s.route = accepted.is_routable ? route_within(accepted.view, accepted.live_session) : route_function{};
  s.key = key;
  auto& site = s.site;
  site.name = accepted.view;
  site.tokens = &tokens;
  site.session = of;
  site.nested = scope_of(view_id, accepted.live_session, accepted.session);
  site.tasks = opts.tasks;
  site.is_development = opts.development_build.has_value();
  site.family = std::shared_ptr<connection_views>{who, &who->views};
  if (family) {
    site.parent = family->parent;
    site.root = family->root;
  }
  site.has_static_changed = opts.assets != nullptr && opts.assets->static_changed(accepted.tracked_statics());
  if (accepted.is_live_navigation)
    site.container = entry.container;
  accepted.session = view_session(*who->session, accepted.session);
  accepted.session["client"] = who->client;
  s.join = std::move(accepted);
  auto child = processes.spawn<view_host>(std::move(s));
  // Before the browser can have heard of it: its reply waits for the lock of the connection, which is held here.
  who->views.mounted(view_id, child, family ? family->root : child);
  return child;
}

/// `stale` makes the browser load the page at once. Where that helps nothing it would go on for ever (trap 6); as a
/// crash it is tried every 5 to 30 seconds.
std::string endpoint_state::refuse(join_refusal why, const visitor& who) {
  if (why != join_refusal::stale)
    return refusal_response(why);
  const bool is_loop = who.loads.is_loop(home.env().time().wall_now());
  if (is_loop)
    home.env().log().write(
        stale_loops_, log_level::warn, "web",
        "a browser loads its page again and again, and cannot join: does the page send its CSRF token as _csrf_token, "
        "do all nodes of the site have the same secret and release?",
        {{"route", who.route}, {"loads", who.loads.loads()}, {"has_session", who.session.has_value()}});
  return refusal_response(is_loop || !who.has_cookie ? join_refusal::crashed : join_refusal::stale);
}

}  // namespace beamline::web::live
