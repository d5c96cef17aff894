#include "testing/live/live_site.hpp"

#include "base/token.hpp"
#include "web/response.hpp"
#include "web/session.hpp"

namespace beamline::testing {

using namespace beamline::web;

namespace {

std::string plain_layout(const live::page_parts& parts) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" + parts.head.str() + "</head><body>"
       + parts.body.str() + "</body></html>\n";
}

live::endpoint::options with_layout(live::endpoint::options o) {
  if (!o.layout)
    o.layout = plain_layout;
  return o;
}

}  // namespace

struct live_site::state {
  state(simulated_node& n, options o)
      : home{n},
        opts{std::move(o)},
        signer{keys, n.env().time()},
        sessions{signer, {}},
        endpoint{n.get(), signer, sessions, with_layout(opts.live)} {
    endpoint.connect(routes, opts.browsers.socket_path);
  }

  simulated_node& home;
  options opts;
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();  // Guards nothing but tests.
  token_signer signer;
  session_codec sessions;
  router routes;
  live::endpoint endpoint;
  std::size_t mounts = 0;
};

live_site::live_site(simulated_node& n, options o) : state_{&n.own<state>(n, std::move(o))} {}

testing::browser live_site::browser(const json& session) {
  auto out = testing::browser{state_->home, state_->routes, state_->opts.browsers};
  if (session.empty())
    return out;
  auto data = session_data{};
  for (const auto& [key, value] : session.items())
    data.set(key, value);
  auto carrier = response{};
  if (const auto stored = state_->sessions.store(data, carrier); !stored)
    throw page_error{"the session cannot be stored in a cookie: " + stored.error().message};
  const auto cookie = std::string{carrier.headers.get("set-cookie")};
  const auto pair = cookie.substr(0, cookie.find(';'));
  out.set_cookie(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
  return out;
}

live_page live_site::mount(live::view_factory make, const json& session, std::string_view query) {
  const auto path = "/mounted/" + std::to_string(++state_->mounts);
  view(path, std::move(make));
  return visit(path + (query.empty() ? "" : "?" + std::string{query}), session);
}

live::endpoint& live_site::live() noexcept { return state_->endpoint; }
router& live_site::routes() noexcept { return state_->routes; }
simulated_node& live_site::node() noexcept { return state_->home; }

}  // namespace beamline::testing
