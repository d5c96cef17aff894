#include "gallery/views/async_page.hpp"

#include "gallery/views/async_page.heex.hpp"

#include <array>

namespace gallery {

using namespace beamline;

namespace {

constexpr duration forecast_time = 1500ms;
constexpr duration job_time = 4s;
constexpr duration short_time = 1s;
const std::string job_key = "job";

constexpr std::array forecasts{"Sun, with a few clouds in the afternoon", "Rain before noon, then a rainbow",
                               "Fog, and nothing to be seen", "Wind from the west, kites everywhere"};

std::string words_of(const live::async_failure& f) {
  using kind = live::async_failure::kind;
  switch (f.what) {
    case kind::error: return f.text;
    case kind::exit: return "it crashed";
    case kind::timeout: return "it took too long and was ended";
    case kind::cancelled: return "cancelled";
  }
  return {};
}

}  // namespace

void async_page::mount(const live::mount_params&, live::view_socket& s) { load(ending::good, false, s); }

void async_page::load(ending how, bool is_reset, live::view_socket& s) {
  const auto number = static_cast<std::size_t>(s.env().random().below(forecasts.size()));
  s.assign_async(assigns_.forecast,
                 [how, number](supervision::task_context& t, const supervision::task_promise<result<std::string>>& p) {
                   t.run_after(forecast_time, [how, number, p] {
                     if (how == ending::good)
                       p.set(std::string{forecasts.at(number)});
                     else
                       p.set(error{errc::unavailable, "The weather station does not answer."});
                   });
                 },
                 {.is_reset = is_reset});
}

void async_page::start_job(duration within, live::view_socket& s) {
  assigns_.job = "running";
  assigns_.is_job_running = true;
  s.start_async_as<int>(
      job_key,
      [](supervision::task_context& t, const supervision::task_promise<int>& p) {
        t.run_after(job_time, [p] { p.set(42); });
      },
      [this](live::async_outcome<int>& r) {
        assigns_.job = r ? "done: " + std::to_string(*r) : words_of(r.failure());
        assigns_.is_job_running = false;
      },
      {.timeout = within});
}

void async_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "load")
    load(ending::good, false, s);
  else if (e.name == "reset")
    load(ending::good, true, s);
  else if (e.name == "fail")
    load(ending::bad, false, s);
  else if (e.name == "start")
    start_job(duration::max(), s);
  else if (e.name == "start-short")
    start_job(short_time, s);
  else if (e.name == "cancel")
    (void)s.cancel_async(job_key);  // It may have ended a moment ago.
  else if (e.name == "click")
    assigns_.clicks = assigns_.clicks + 1;
  else
    view::handle_event(e, s);
}

live::rendered async_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string async_page::title() const { return "Async work"; }

}  // namespace gallery
