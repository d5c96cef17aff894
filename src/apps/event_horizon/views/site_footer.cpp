#include "apps/event_horizon/views/site_footer.hpp"

#include "apps/event_horizon/attendance.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/views/site_footer.heex.hpp"
#include "base/json.hpp"
#include "web/live/presence_count.hpp"

namespace beamline::event_horizon {

namespace live = web::live;

void site_footer::mount(const live::mount_params& p, live::view_socket& s) {
  const auto& of = s.env().get<blog>();
  assigns_.site_title = of.options().title;
  assigns_.numbers = of.site();
  if (!s.connected())
    return;
  of.subscribe_site(s, [this](const std::optional<site_numbers>& now) {
    if (now)
      learn(*now);
  });
  const auto* visitor = find_string(p.session, "visitor");
  attend(s, std::string{site_attendance}, visitor == nullptr ? std::string{} : *visitor);
  live::watch_count(s, std::string{site_attendance});
}

void site_footer::learn(const site_numbers& news) {
  if (is_newer(*assigns_.numbers, news))
    assigns_.numbers = news;
}

void site_footer::handle_info(const site_updated& m, live::view_socket&) { learn(m.now); }

void site_footer::handle_info(const presence::count_changed& m, live::view_socket&) { assigns_.readers = m.count; }

live::rendered site_footer::render(live::render_context& c) const { return render_template(assigns_, c); }

live::container_element site_footer_element() { return {.tag = "footer", .attributes = {{"class", "end"}}}; }

}  // namespace beamline::event_horizon
