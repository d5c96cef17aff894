// The request for a page: what its first render is given.
#include "web/live/dead_render.hpp"
#include "web/live/endpoint_state.hpp"
#include "web/live/flash.hpp"
#include "web/live/stale_guard.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace beamline::web::live {

namespace {

std::string carried_cookie(const request& req, std::string_view name, std::string value, long max_age_s) {
  return to_header({.name = std::string{name},
                    .value = std::move(value),
                    .max_age_s = max_age_s,
                    .secure = req.is_secure,
                    .http_only = false});
}

/// The error page of a mount that failed when the browser had connected, and sent it here.
std::optional<response> failed_mount(const page_tokens& tokens, const request& req) {
  auto carried = req.cookie(reload_status_cookie);
  auto why = carried ? tokens.verify_reload(*carried) : result<reload_token>{error{}};
  if (!why)
    return std::nullopt;
  auto out = response::failure(req, why->status, why->detail);
  out.headers.add("set-cookie", carried_cookie(req, reload_status_cookie, "", 0));
  return out;
}

}  // namespace

void endpoint_state::render(const request& req, responder answer) {
  if (auto failure = failed_mount(tokens, req)) {
    answer.send(*std::move(failure));
    return;
  }
  const auto& to = views.at(req.route);
  auto& random = home.env().random();
  auto session = sessions.load(req);
  dead_render::setup s;
  s.token.session = to.session->session ? to.session->session(req, session) : json::object();
  s.token.session["visitor"] = visitor_of(session, random);
  s.csrf_token = csrf::masked(session, random);
  s.token.session["csrf"] = s.csrf_token;
  s.token.view = to.view;
  s.token.view_id = make_view_id(random);
  s.token.live_session = to.session->name;
  s.mount = {.params = view_table::params_of(req.params, req.query_text),
             .session = view_session(session, s.token.session),
             .url = req.target,
             .action = to.action};
  s.mount.session["client"] = req.client;
  const auto& entry = *views.view(to.view);
  s.what = entry.make();
  s.container = entry.container;
  s.title = opts.title;
  s.route = route_within(to.view, to.session->name);
  s.layout = to.session->layout ? &to.session->layout : &opts.layout;
  s.site = {.name = to.view,
            .tokens = &tokens,
            .session = to.session,
            .nested = scope_of(s.token.view_id, to.session->name, s.token.session),
            .tasks = opts.tasks,
            .is_development = opts.development_build.has_value()};
  s.find_view = [state = shared_from_this()](std::string_view name) {
    const auto* known = state->views.view(name);
    return known == nullptr ? nullptr : known->make();
  };

  response carrier;
  if (session.changed())
    if (auto stored = sessions.store(session, carrier); !stored) {
      answer.send(response::failure(req, 500, stored.error().message));
      return;
    }
  for (const auto& [header, value] : carrier.headers)
    s.cookies.push_back(value);
  const auto chain = load_chain{req.cookie(load_chain::cookie)}.next(home.env().time().wall_now());
  s.cookies.push_back(to_header({.name = std::string{load_chain::cookie},
                                 .value = chain.to_cookie_value(),
                                 .max_age_s = load_chain::gap_max_s,
                                 .secure = req.is_secure}));
  if (auto carried = req.cookie(flash_cookie)) {
    if (auto flash = tokens.verify_flash(*carried))
      s.flash = flash_from(*flash);
    s.cookies.push_back(carried_cookie(req, flash_cookie, "", 0));
  }
  if (req.cookie(reload_status_cookie))  // Not one of ours, or too old.
    s.cookies.push_back(carried_cookie(req, reload_status_cookie, "", 0));
  s.is_secure = req.is_secure;
  auto duty = std::make_shared<responder>(std::move(answer));
  s.answer = duty;
  if (!to.prepare)
    return start_page(std::move(s), *duty);
  auto once = std::make_shared<std::optional<dead_render::setup>>(std::move(s));
  to.prepare(duty->req(), [state = shared_from_this(), once, duty, is_called = std::make_shared<std::atomic_flag>()] {
    if (!is_called->test_and_set())
      state->start_page(*std::exchange(*once, std::nullopt), *duty);
  });
}

void endpoint_state::start_page(dead_render::setup s, responder& answer) {
  try {
    (void)processes.spawn<dead_render>(std::move(s));
  } catch (const std::runtime_error&) {  // The limit of the node, or of its sessions.
    answer.send(
        response::failure(answer.req(), 503, "This server cannot take another visitor right now; try again soon.")
            .with("retry-after", "5"));
  }
}

}  // namespace beamline::web::live
