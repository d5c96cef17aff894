#include "apps/event_horizon/views/home.hpp"

#include "apps/event_horizon/attendance.hpp"
#include "apps/event_horizon/site.hpp"
#include "apps/event_horizon/views/arrival.hpp"
#include "apps/event_horizon/views/home.heex.hpp"
#include "apps/event_horizon/views/post_head.hpp"
#include "base/json.hpp"
#include "web/live/presence_count.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace live = web::live;

void home::mount(const live::mount_params& p, live::view_socket& s) {
  blog_ = &s.env().get<blog>();
  assigns_.site_title = blog_->options().title;
  assigns_.description = blog_->options().description;
  assigns_.numbers = blog_->site();
  show_posts();
  subscribe(s, posts_topic());
  if (!s.connected())
    return;
  blog_->subscribe_site(s, [this](const std::optional<site_numbers>& now) {
    if (now)
      learn(*now);
  });
  live::watch_count(s, std::string{site_attendance});
  if (const auto* visitor = find_string(p.session, "visitor"); visitor != nullptr && is_arrival(s))
    blog_->visit_page(std::string{home_page_name}, *visitor);
}

void home::show_posts() {
  const auto now = blog_->posts().now();
  const auto& all = now->posts();
  const auto count = static_cast<std::ptrdiff_t>(std::min(all.size(), home_posts_max));
  assigns_.posts = std::vector<post_ref>(all.begin(), all.begin() + count);
}

void home::learn(const site_numbers& news) {
  if (is_newer(*assigns_.numbers, news))
    assigns_.numbers = news;
}

void home::handle_info(const site_updated& m, live::view_socket&) { learn(m.now); }

void home::handle_info(const presence::count_changed& m, live::view_socket&) { assigns_.readers = m.count; }

void home::handle_info(const posts_changed&, live::view_socket&) { show_posts(); }

live::rendered home::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string home::title() const { return "Home"; }

safe_html home::head() const { return list_head(facts_of(*blog_), assigns_.site_title, "/"); }

}  // namespace beamline::event_horizon
