#include "gallery/views/clock.hpp"

#include "gallery/views/clock.heex.hpp"

namespace gallery {

void clock_page::mount(const live::mount_params&, live::view_socket& s) {
  if (const auto known = s.latest(clock_topic()))
    assigns_.tick = known->number;
  subscribe(s, clock_topic());
}

void clock_page::handle_info(const clock_tick& m, live::view_socket&) { assigns_.tick = m.number; }

live::rendered clock_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string clock_page::title() const { return "Clock"; }

std::string time_text(std::uint64_t tick) {
  const auto seconds = static_cast<std::int64_t>(tick) * tick_interval / std::chrono::seconds{1} % 86'400;
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

}  // namespace gallery
