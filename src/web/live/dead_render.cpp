#include "web/live/dead_render.hpp"

namespace beamline::web::live {

dead_render::dead_render(process_context& c, setup s)
    : view_process{c, std::move(s.what), false, std::move(s.flash)}, setup_{std::move(s)} {}

behavior dead_render::init() {
  mount_view(std::move(setup_.mount), setup_.route);
  auto target = take_navigation();
  web::response res;
  if (auto* to = std::get_if<navigate_to>(&target))
    res = redirect_response(to->to);
  else if (auto* other = std::get_if<redirect_to>(&target))
    res = redirect_response(other->to);
  else
    res = page();
  for (auto& cookie : setup_.cookies)
    res.headers.add("set-cookie", std::move(cookie));
  setup_.answer->send(std::move(res));
  setup_.answer.reset();
  stop();
  return handlers();
}

web::response dead_render::page() {
  auto content = to_html(render_view());
  dead_page p;
  p.view.view_id = make_view_id(env().random());
  setup_.token.view_id = p.view.view_id;
  p.view.session_token = setup_.tokens->sign(setup_.token);
  p.view.static_token = setup_.tokens->sign(static_token{p.view.view_id, flash_json()});
  p.title = std::move(setup_.title);
  p.title.text = view_title();
  p.csrf_token = std::move(setup_.csrf_token);
  return web::response::html(render_page(p, safe_html::trusted(std::move(content)), *setup_.layout))
      .with("cache-control", std::string{page_cache_control});
}

web::response dead_render::redirect_response(const std::string& to) {
  auto res = web::response::redirect(to);
  if (!flash().empty())
    setup_.cookies.push_back(to_header({.name = std::string{flash_cookie},
                                        .value = setup_.tokens->sign_flash(flash_json()),
                                        .max_age_s = 60,
                                        .secure = setup_.is_secure,
                                        .http_only = false}));
  return res;
}

}  // namespace beamline::web::live
