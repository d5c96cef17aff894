#include "gallery/views/stream_page.hpp"

#include "gallery/views/stream_page.heex.hpp"
#include "web/live/form.hpp"
#include "web/live/form_value.hpp"

#include <algorithm>

namespace gallery {

namespace {

// Without scripts the page shows this many.
constexpr std::int64_t first_html_rows = 100;
constexpr std::int64_t bulk_rows = 1'000;
constexpr int kept_rows = 100;
// The page would not scroll well beyond this.
constexpr std::int64_t last_max = 100'000;

stream_row row(std::int64_t n) { return {n, "Row " + std::to_string(n)}; }

}  // namespace

void stream_page::mount(const live::mount_params&, live::view_socket& s) {
  fill(s.connected() ? rows_ : std::min(rows_, first_html_rows));
}

void stream_page::fill(std::int64_t count, const live::stream_options& how) {
  const auto until = std::min(*assigns_.last + count, last_max);
  for (auto n = *assigns_.last + 1; n <= until; ++n)
    assigns_.rows.insert(row(n), how);
  assigns_.last = until;
}

void stream_page::begin_anew(std::int64_t count) {
  assigns_.rows.reset();
  assigns_.last = 0;
  fill(count);
}

void stream_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "choose") {
    const auto* text = beamline::find_string(live::form_params(e), "number");
    const auto number = text != nullptr ? live::form_value<std::int64_t>::parse(*text) : std::nullopt;
    if (number && *number >= 1 && *number <= last_max)
      assigns_.chosen = *number;
  } else if (e.name == "insert-top") {
    fill(1, {.at = 0});
  } else if (e.name == "bulk") {
    fill(bulk_rows);
  } else if (e.name == "update") {
    assigns_.updates = assigns_.updates + 1;
    assigns_.rows.insert({assigns_.chosen, "Row " + std::to_string(assigns_.chosen) + ", changed by update "
                                               + std::to_string(assigns_.updates)},
                         {.is_update_only = true});
  } else if (e.name == "remove") {
    assigns_.rows.remove(row(assigns_.chosen));
  } else if (e.name == "limit") {
    fill(1, {.at = 0, .limit = kept_rows});
  } else if (e.name == "reset") {
    begin_anew(10);
  } else if (e.name == "refill") {
    begin_anew(rows_);
  } else {
    view::handle_event(e, s);
  }
}

live::rendered stream_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string stream_page::title() const { return "Stream"; }

}  // namespace gallery
