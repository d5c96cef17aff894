#include "web/channels/user_socket.hpp"

#include "base/telemetry.hpp"
#include "base/url.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/events.hpp"
#include "web/channels/longpoll.hpp"
#include "web/channels/socket_guard.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace beamline::web {

namespace {

void check(const std::vector<channel_route>& all) {
  for (auto one = all.begin(); one != all.end(); ++one) {
    const auto& pattern = one->pattern;
    const auto refuse = [&](const std::string& why) {
      throw std::invalid_argument{"channel \"" + pattern + "\": " + why};
    };
    if (pattern.empty())
      refuse("a pattern needs at least a *");
    if (pattern.size() > channels::name_octets_max)
      refuse("the pattern has " + std::to_string(pattern.size()) + " octets, topics have at most "
             + std::to_string(channels::name_octets_max));
    if (pattern.find('*') < pattern.size() - 1)
      refuse("a * stands at the end only");
    // What stands before the star is the shortest topic a pattern serves: who serves that and more leaves nothing.
    const auto shortest = pattern.substr(0, pattern.find('*'));
    const auto before = std::find_if(all.begin(), one, [&](const channel_route& earlier) {
      return earlier.matches(shortest) && (earlier.pattern.ends_with('*') || earlier.pattern == pattern);
    });
    if (before != one)
      refuse("nothing reaches it behind \"" + before->pattern + "\"; put it before that or drop it");
  }
}

}  // namespace

struct user_socket::state : std::enable_shared_from_this<state> {
  using route_site = std::shared_ptr<const channel_setup::site>;

  node& home;
  options opts;
  channels::spawner processes;
  std::vector<route_site> sites;  // One for each route.

  state(node& n, options o) : home{n}, opts{std::move(o)}, processes{n, opts.processes} {
    check(opts.channels);
    for (const auto& route : opts.channels)
      sites.push_back(
          std::make_shared<const channel_setup::site>(channel_setup::site{route.pattern, opts.pubsub, opts.presence}));
  }

  [[nodiscard]] result<std::unique_ptr<socket_handler>> accept(const request& req);
  [[nodiscard]] result<socket_assigns> admit(const request& req) const;
  [[nodiscard]] channels::connection::start_result start(const channels::start_channel& join,
                                                         std::shared_ptr<channels::connection> c,
                                                         std::shared_ptr<const socket_assigns> who) const;
};

result<socket_assigns> user_socket::state::admit(const request& req) const {
  auto who = socket_assigns{};
  auto params = parse_form(req.query_text);
  if (!params)
    return params.error().in("the query");
  who.params = *std::move(params);
  who.auth_token = req.auth_token;
  if (opts.sessions != nullptr)
    if (auto session = opts.sessions->read(req);
        session && csrf::matches(*session, req.query_value("_csrf_token").value_or("")))
      who.session = session->values();
  if (opts.connect)
    if (auto ok = opts.connect(req, who); !ok)
      return ok.error();
  return who;
}

result<std::unique_ptr<socket_handler>> user_socket::state::accept(const request& req) {
  auto admitted = admit(req);
  if (!admitted) {
    home.env().events().emit(channels::connect_refused{req.route, admitted.error().message});
    return admitted.error();
  }
  const auto who = std::make_shared<const socket_assigns>(*std::move(admitted));
  auto o = channels::connection::options{};
  o.route = req.route;
  o.outgoing_bytes_max = opts.outgoing_bytes_max;
  o.rules.channels_max = opts.channels_max;
  o.rules.limits = opts.message_limits;
  o.rates = channels::connection::rate_limits{opts.messages, opts.octets, opts.joins};
  o.rules.has_route = [this](std::string_view topic) {
    return std::ranges::any_of(opts.channels, [&](const channel_route& r) { return r.matches(topic); });
  };
  o.start = [s = shared_from_this(), who](const channels::start_channel& join,
                                          std::shared_ptr<channels::connection> c) {
    return s->start(join, std::move(c), who);
  };
  const auto made = std::make_shared<channels::connection>(home, std::move(o));
  auto side = channels::connection::handler(made);
  if (who->id.empty() || opts.pubsub.empty())
    return side;
  if (auto guarded = channels::guard_connection(made, who->id, opts.pubsub, home, processes); !guarded) {
    home.env().events().emit(channels::connect_refused{req.route, guarded.error().message});
    return error{errc::busy, "this server has more connections than it can serve; try again soon"};
  }
  return side;
}

channels::connection::start_result user_socket::state::start(const channels::start_channel& join,
                                                             std::shared_ptr<channels::connection> c,
                                                             std::shared_ptr<const socket_assigns> who) const {
  const auto route = std::ranges::find_if(opts.channels, [&](const channel_route& r) { return r.matches(join.topic); });
  const auto index = static_cast<std::size_t>(route - opts.channels.begin());
  return route->start(processes, {join.topic, join.payload, join.id, std::move(c), std::move(who), sites[index]});
}

user_socket::user_socket(node& home, options o) : state_{std::make_shared<state>(home, std::move(o))} {}

user_socket::~user_socket() = default;

void user_socket::connect(router& routes, std::string_view path) {
  routes.websocket(path, [s = state_](const request& req) { return s->accept(req); });
  channels::refuse_longpoll(routes, path);
}

}  // namespace beamline::web
