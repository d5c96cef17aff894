#include "web/live/endpoint.hpp"

#include "base/crypto.hpp"
#include "base/url.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/spawner.hpp"
#include "web/live/dead_render.hpp"
#include "web/live/view_host.hpp"
#include "web/uri.hpp"

#include <map>
#include <stdexcept>
#include <vector>

namespace beamline::web::live {

namespace {

constexpr std::string_view visitor_key = "visitor";
constexpr std::size_t visitor_octets = 15;  // 20 characters, 120 bits.

/// `http://host/path?query#part` without scheme, host and part, which servers never see in requests.
std::string_view target_of(std::string_view url) {
  url = url.substr(0, url.find('#'));
  auto scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return url;
  auto slash = url.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view{"/"} : url.substr(slash);
}

json params_of(const pair_list& path_params, std::string_view query_text) {
  auto parsed = parse_form(query_text);
  auto out = parsed ? std::move(*parsed) : json::object();
  for (const auto& [name, value] : path_params)
    out[name] = value;  // The path decides; a query cannot overrule it.
  return out;
}

}  // namespace

const std::string& visitor_of(session_data& session, random_source& random) {
  if (session.find(visitor_key) == nullptr) {
    bytes raw(visitor_octets, '\0');
    random.fill(std::as_writable_bytes(std::span{raw}));
    session.set(visitor_key, base64url_encode(raw));
  }
  return *session.find(visitor_key);
}

struct endpoint::state : std::enable_shared_from_this<state> {
  node& home;
  const session_codec& sessions;
  options opts;
  channels::spawner processes;
  page_tokens tokens;
  hash_key key;
  router live_routes;  // Patterns only: which view serves a path.
  std::map<std::string, std::string, std::less<>> views_by_pattern;
  std::map<std::string, view_factory, std::less<>> factories;

  state(node& n, const token_signer& signer, const session_codec& s, options o)
      : home{n},
        sessions{s},
        opts{std::move(o)},
        processes{n, opts.sessions},
        tokens{signer},
        key{n.env().random().next(), n.env().random().next()} {}

  [[nodiscard]] std::optional<route_match> route(std::string_view url) const;
  [[nodiscard]] route_function route_within(std::string view_name) const;
  void render(const request& req, responder answer, const std::string& name);
  [[nodiscard]] channels::connection::start_result start(const channels::start_channel& join,
                                                         std::shared_ptr<channels::connection> c, bool has_session,
                                                         bool has_cookie);
};

std::optional<route_match> endpoint::state::route(std::string_view url) const {
  auto target = parse_target(target_of(url));
  if (!target)
    return std::nullopt;
  auto found = live_routes.find(http_method::get, target->segments);
  if (found.handle == nullptr)
    return std::nullopt;
  auto name = views_by_pattern.find(found.pattern);
  if (name == views_by_pattern.end())
    return std::nullopt;
  return route_match{name->second, opts.live_session, params_of(found.params, target->query_text)};
}

route_function endpoint::state::route_within(std::string view_name) const {
  // Processes outlive the server at its end; what they borrow from here lives as long as their route does.
  return
      [s = shared_from_this(), view_name = std::move(view_name)](std::string_view url) -> std::optional<mount_params> {
        auto r = s->route(url);
        if (!r || r->view != view_name)
          return std::nullopt;
        return mount_params{std::move(r->params), json::object(), std::string{url}};
      };
}

void endpoint::state::render(const request& req, responder answer, const std::string& name) {
  auto session = sessions.load(req);
  dead_render::setup s;
  s.token.session = {{"visitor", visitor_of(session, home.env().random())}};
  s.csrf_token = csrf::masked(session, home.env().random());
  s.token.session["csrf"] = s.csrf_token;
  s.token.view = name;
  s.token.live_session = opts.live_session;
  s.mount = {params_of(req.params, req.query_text), s.token.session, req.target};
  s.what = factories.at(name)();
  s.title = opts.title;
  s.route = route_within(name);
  s.tokens = &tokens;
  s.layout = &opts.layout;

  response carrier;
  if (session.changed())
    if (auto stored = sessions.store(session, carrier); !stored) {
      answer.send(response::failure(req, 500, stored.error().message));
      return;
    }
  for (const auto& [header, value] : carrier.headers)
    s.cookies.push_back(value);
  if (auto carried = req.cookie(flash_cookie)) {
    if (auto flash = tokens.verify_flash(*carried))
      for (const auto& [kind, text] : flash->items())
        if (text.is_string())
          s.flash.emplace(kind, text.get<std::string>());
    s.cookies.push_back(to_header(
        {.name = std::string{flash_cookie}, .value = "", .max_age_s = 0, .secure = req.is_secure, .http_only = false}));
  }
  s.is_secure = req.is_secure;
  auto duty = std::make_shared<responder>(std::move(answer));
  s.answer = duty;
  try {
    (void)processes.spawn<dead_render>(std::move(s));
  } catch (const std::runtime_error&) {  // The limit of the node, or of its sessions.
    duty->send(response::failure(duty->req(), 503, "This server has more visitors than it can serve; try again soon.")
                   .with("retry-after", "5"));
  }
}

channels::connection::start_result endpoint::state::start(const channels::start_channel& join,
                                                          std::shared_ptr<channels::connection> c, bool has_session,
                                                          bool has_cookie) {
  join_context context;
  context.topic = join.topic;
  context.has_session = has_session;
  context.route = [this](std::string_view url) { return route(url); };
  context.has_view = [this](std::string_view name) { return factories.contains(name); };
  auto decision = check_join(tokens, join.payload, context);
  if (auto* refusal = std::get_if<join_refusal>(&decision)) {
    // `stale` makes the browser load the page at once. Where cookies are blocked that would help nothing and go on
    // for ever (trap 6); as a crash it is tried every 5 to 30 seconds.
    bool is_hopeless = *refusal == join_refusal::stale && !has_cookie;
    return refusal_response(is_hopeless ? join_refusal::crashed : *refusal);
  }
  view_host::setup s;
  s.join = std::get<join_accepted>(std::move(decision));
  s.what = factories.find(s.join.view)->second();
  s.channel = join.id;
  s.port = std::move(c);
  s.route = route_within(s.join.view);
  s.tokens = &tokens;
  s.key = key;
  return processes.spawn<view_host>(std::move(s));
}

endpoint::endpoint(node& home, const token_signer& signer, const session_codec& sessions, options o)
    : state_{std::make_shared<state>(home, signer, sessions, std::move(o))} {}

endpoint::~endpoint() = default;

void endpoint::view(router& routes, std::string_view pattern, std::string name, view_factory make) {
  if (!state_->factories.emplace(name, std::move(make)).second)
    throw std::invalid_argument{"live view \"" + name + "\" is registered twice"};
  state_->live_routes.get(pattern, [](const request&, responder) {});
  state_->views_by_pattern.emplace(std::string{pattern}, name);
  routes.get(pattern,
             [s = state_, name](const request& req, responder answer) { s->render(req, std::move(answer), name); });
}

void endpoint::connect(router& routes, std::string_view path) {
  routes.websocket(path, [s = state_](const request& req) -> result<std::unique_ptr<socket_handler>> {
    auto session = s->sessions.read(req);
    bool has_cookie = session.ok() || session.error().code != errc::not_found;
    bool has_session = session.ok() && csrf::matches(*session, req.query_value("_csrf_token").value_or(""));
    channels::connection::options o;
    o.route = req.route;
    o.rules.has_route = [](std::string_view topic) { return topic.starts_with(topic_prefix); };
    o.start = [s, has_session, has_cookie](const channels::start_channel& join,
                                           std::shared_ptr<channels::connection> c) {
      return s->start(join, std::move(c), has_session, has_cookie);
    };
    return channels::connection::handler(std::make_shared<channels::connection>(s->home, std::move(o)));
  });
}

}  // namespace beamline::web::live
