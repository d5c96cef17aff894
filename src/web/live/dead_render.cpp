#include "web/live/dead_render.hpp"

#include "web/live/failure_page.hpp"
#include "web/live/http_error.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web::live {

/// Thrown out of the render when the view, or one nested in it, goes elsewhere: there will be no page.
struct dead_render::sent_elsewhere {
  std::string to;
  json flash;
};

dead_render::dead_render(process_context& c, setup s) : process{c}, setup_{std::move(s)} {}

behavior dead_render::init() {
  auto res = make_answer();
  for (auto& cookie : setup_.cookies)
    res.headers.add("set-cookie", std::move(cookie));
  setup_.answer->send(std::move(res));
  setup_.answer.reset();
  stop();
  return handlers();
}

web::response dead_render::make_answer() {
  try {
    return page();
  } catch (const sent_elsewhere& e) {
    return redirect_response(e.to, e.flash);
  } catch (const http_error& e) {
    return web::response::failure(setup_.answer->req(), e.status(), e.what());
  } catch (...) {
    return failure(std::current_exception());
  }
}

web::response dead_render::page() {
  view_instance::setup s;
  s.what = std::move(setup_.what);
  s.name = setup_.site.name;
  s.is_connected = false;
  s.flash = std::move(setup_.flash);
  s.route = std::move(setup_.route);
  if (setup_.site.session)
    s.on_mount = on_mount_hooks{setup_.site.session, &setup_.site.session->on_mount};
  s.nested = placer_for(setup_.token.view_id);
  auto main = view_instance{*this, *this, std::move(s)};
  const auto content = mount_and_render(main, setup_.mount);

  dead_page p;
  p.view.view_id = setup_.token.view_id;
  p.view.session_token = setup_.site.tokens->sign(setup_.token);
  p.view.static_token = setup_.site.tokens->sign(static_token{p.view.view_id, main.flash_json()});
  p.view.element = setup_.container;
  p.title = std::move(setup_.title);
  p.title.text = main.title();
  p.head = main.head();
  p.csrf_token = std::move(setup_.csrf_token);
  return web::response::html(render_page(p, safe_html::trusted(content), *setup_.layout))
      .with("cache-control", std::string{page_cache_control});
}

std::string dead_render::mount_and_render(view_instance& view, mount_params p) {
  const auto outer = std::exchange(rendering_, view.name());
  view.mount(std::move(p));
  const auto target = view.take_navigation();
  if (const auto* to = std::get_if<navigate_to>(&target))
    throw sent_elsewhere{to->to, view.flash_json()};
  if (const auto* to = std::get_if<redirect_to>(&target))
    throw sent_elsewhere{to->to, view.flash_json()};
  auto content = view.html();
  rendering_ = outer;
  return content;
}

void dead_render::patch_root(patch_to target) {
  // As the browser would see it: the page has another URL before it was there.
  throw sent_elsewhere{std::move(target.to), json::object()};
}

// -- views in views ----------------------------------------------------------------------------

nested_view_placer dead_render::placer_for(const std::string& view_id) {
  auto scope = setup_.site.nested;
  scope.parent_id = view_id;
  scope.process = 0;
  scope.render = [this](const nested_view_spec& spec, const json& session) { return render_nested(spec, session); };
  auto& places = *places_.emplace_back(std::make_unique<nested_places>(std::move(scope)));
  return [&places](const nested_view_spec& spec) { return places.place(spec); };
}

safe_html dead_render::render_nested(const nested_view_spec& spec, const json& session) {
  view_instance::setup s;
  s.what = setup_.find_view ? setup_.find_view(spec.view) : nullptr;
  if (!s.what)
    throw std::invalid_argument{"nested view \"" + spec.id + "\": there is no view \"" + spec.view + "\""};
  s.name = spec.view;
  s.is_connected = false;
  s.is_routable = false;
  if (setup_.site.session)
    s.on_mount = on_mount_hooks{setup_.site.session, &setup_.site.session->on_mount};
  s.nested = placer_for(spec.id);
  auto child = view_instance{*this, *this, std::move(s)};
  return safe_html::trusted(mount_and_render(child, {.session = session}));
}

// -- other answers -----------------------------------------------------------------------------

web::response dead_render::failure(const std::exception_ptr& thrown) {
  const auto crash = describe_crash(rendering_, setup_.mount.url, "first render", thrown);
  publish(env(), self(), crash);
  return crash_response(setup_.answer->req(), crash, setup_.site.is_development);
}

web::response dead_render::redirect_response(const std::string& to, const json& flash) {
  auto res = web::response::redirect(to);
  if (!flash.empty())
    setup_.cookies.push_back(to_header({.name = std::string{flash_cookie},
                                        .value = setup_.site.tokens->sign_flash(flash),
                                        .max_age_s = carried_cookie_age_max_s,
                                        .secure = setup_.is_secure,
                                        .http_only = false}));
  return res;
}

}  // namespace beamline::web::live
