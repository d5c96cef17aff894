#include "web/live/endpoint.hpp"

#include "base/crypto.hpp"
#include "base/url.hpp"
#include "web/channels/broadcast.hpp"
#include "web/channels/longpoll.hpp"
#include "web/live/endpoint_state.hpp"

#include <span>
#include <stdexcept>
#include <utility>

namespace beamline::web::live {

namespace {

constexpr std::string_view visitor_key = "visitor";
constexpr std::size_t visitor_octets = 15;  // 20 characters, 120 bits.

/// Broadcasts are made by processes.
class disconnector final : public process {
public:
  disconnector(process_context& c, std::string id, std::string pubsub)
      : process{c}, id_{std::move(id)}, pubsub_{std::move(pubsub)} {}

private:
  behavior init() override {
    if (auto ok = disconnect_socket(*this, id_, pubsub_); !ok)
      env().log().error("web", "connections could not be ended", {{"socket_id", id_}, {"why", ok.error().message}});
    stop();
    return handlers();
  }

  std::string id_;
  std::string pubsub_;
};

}  // namespace

const std::string& visitor_of(session_data& session, random_source& random) {
  if (session.find(visitor_key) == nullptr) {
    bytes raw(visitor_octets, '\0');
    random.fill(std::as_writable_bytes(std::span{raw}));
    session.set(visitor_key, base64url_encode(raw));
  }
  return *session.find(visitor_key);
}

json view_session(const session_data& cookie_session, const json& of_token) {
  auto out = cookie_session.values();
  out.erase(std::string{csrf::session_key});
  out.update(of_token);
  return out;
}

// -- what is shared --------------------------------------------------------------------------

endpoint_state::endpoint_state(node& n, const token_signer& signer, const session_codec& s, endpoint::options o)
    : home{n},
      sessions{s},
      opts{std::move(o)},
      processes{n, opts.sessions},
      tokens{signer, opts.development_build.value_or("")},
      key{n.env().random().next(), n.env().random().next()} {}

route_function endpoint_state::route_within(std::string view, std::string live_session) {
  return [s = shared_from_this(), view = std::move(view),
          live_session = std::move(live_session)](std::string_view url) -> std::optional<mount_params> {
    auto found = s->views.find(url);
    if (!found || found->to->view != view || found->to->session->name != live_session)
      return std::nullopt;
    return mount_params{.params = std::move(found->params),
                        .session = {},
                        .url = std::string{target_of(url)},
                        .action = found->to->action};
  };
}

nested_scope endpoint_state::scope_of(std::string view_id, const std::string& live_session, json session) {
  return {.parent_id = std::move(view_id),
          .live_session = live_session,
          .session = std::move(session),
          .tokens = &tokens,
          .find_view = [s = shared_from_this()](std::string_view name) -> const container_element* {
            const auto* known = s->views.view(name);
            return known == nullptr ? nullptr : &known->container;
          }};
}

// -- wiring ----------------------------------------------------------------------------------

endpoint::endpoint(node& home, const token_signer& signer, const session_codec& sessions, options o)
    : state_{std::make_shared<endpoint_state>(home, signer, sessions, std::move(o))} {}

endpoint::~endpoint() = default;

void endpoint::session(live_session s) { state_->views.add_session(std::move(s)); }

void endpoint::view(router& routes, std::string_view pattern, std::string name, view_factory make, view_options o) {
  state_->views.add_view(name, std::move(make), std::move(o.container));
  also(routes, pattern, name, o);
}

void endpoint::also(router& routes, std::string_view pattern, const std::string& name, const view_options& o) {
  state_->views.add_route(routes.full(pattern), name, o.live_session, o.action, o.prepare);
  routes.get(pattern, [s = state_](const request& req, responder answer) { s->render(req, std::move(answer)); });
}

void endpoint::nested(std::string name, view_factory make, container_element container) {
  state_->views.add_view(name, std::move(make), std::move(container));
}

void endpoint::connect(router& routes, std::string_view path) {
  routes.websocket(path, [s = state_](const request& req) { return s->accept(req); });
  channels::refuse_longpoll(routes, path);
}

void endpoint::disconnect(const std::string& socket_id) {
  if (state_->opts.pubsub.empty())
    throw std::logic_error{"disconnect \"" + socket_id + "\": this endpoint has no PubSub system; set options::pubsub"};
  (void)state_->processes.spawn<disconnector>(socket_id, state_->opts.pubsub);
}

}  // namespace beamline::web::live
