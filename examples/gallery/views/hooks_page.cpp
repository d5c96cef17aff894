#include "gallery/views/hooks_page.hpp"

#include "gallery/views/hooks_page.heex.hpp"
#include "web/live/js.hpp"

#include <string>

namespace gallery {

using beamline::json;

namespace {

constexpr auto point_interval = std::chrono::seconds{1};
constexpr std::int64_t number_max = 1'000'000;

/// 12 = 2 × 2 × 3.
std::string factors_of(const std::int64_t n) {
  std::string out;
  auto rest = n;
  for (std::int64_t p = 2; p * p <= rest; ++p)
    for (; rest % p == 0; rest /= p)
      out += (out.empty() ? "" : " × ") + std::to_string(p);
  if (rest == n)
    return std::to_string(n) + (n == 1 ? " has none" : " is prime");
  if (rest > 1)
    out += " × " + std::to_string(rest);
  return std::to_string(n) + " = " + out;
}

/// A curve without end, from 0 to 100, the same for everybody.
std::int64_t height_at(std::int64_t n) {
  const auto phase = n % 40;
  const auto rise = phase < 20 ? phase : 40 - phase;
  return rise * 4 + (n * 7) % 21;
}

}  // namespace

void hooks_page::mount(const live::mount_params&, live::view_socket& s) {
  if (s.connected())
    push_point(s);
}

void hooks_page::push_point(live::view_socket& s) {
  s.push_event("point", {{"value", height_at(assigns_.points)}});
  assigns_.points = assigns_.points + 1;
  s.run_after(point_interval, [this, &s] { push_point(s); });
}

void hooks_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "factors") {
    const auto n = e.value.find("number");
    if (n == e.value.end() || !n->is_number_integer() || *n < 1 || *n > number_max)
      return s.reply({{"error", "Give me a whole number from 1 to " + std::to_string(number_max) + "."}});
    return s.reply({{"answer", factors_of(n->get<std::int64_t>())}});
  }
  if (e.name == "ring") {
    assigns_.rings = assigns_.rings + 1;
    return s.push_event("ring", {{"times", *assigns_.rings}});
  }
  if (e.name == "highlight")
    return live::js::push_exec(s, "#lamp", "data-switch");
  view::handle_event(e, s);
}

live::rendered hooks_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string hooks_page::title() const { return "Hooks"; }

}  // namespace gallery
