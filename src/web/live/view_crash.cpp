#include "web/live/view_crash.hpp"

#include "actors/environment.hpp"
#include "actors/process_stats.hpp"
#include "actors/report_redaction.hpp"
#include "base/log.hpp"
#include "web/live/template_error.hpp"

#include <utility>

namespace beamline::web::live {

namespace {

std::string shortened(std::string text) {
  if (text.size() > crash_what_max) {
    text.resize(crash_what_max);
    text += "...";
  }
  return text;
}

/// From the outside in: what is innermost is what happened.
void take_apart(view_crash& c, const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const template_error& e) {
    c.position = e.position();
    c.what = e.what();
    try {
      std::rethrow_if_nested(e);
    } catch (...) {
      take_apart(c, std::current_exception());
    }
  } catch (const std::exception& e) {
    c.what = e.what();
    c.exception = readable_name(typeid(e));
    c.is_by_client = dynamic_cast<const protocol_violation*>(&e) != nullptr;
  } catch (...) {
    c.what = "something that is no std::exception was thrown";
  }
}

}  // namespace

// -- the report --------------------------------------------------------------------------------

view_crash describe_crash(std::string view, std::string url, std::string during, const std::exception_ptr& thrown) {
  auto c = view_crash{.view = std::move(view), .url = std::move(url), .during = std::move(during)};
  take_apart(c, thrown);
  c.what = shortened(std::move(c.what));
  c.url = shortened(std::move(c.url));
  return c;
}

std::string to_string(const view_crash& c) {
  auto out = "view \"" + c.view + "\"";
  if (!c.url.empty())
    out += " at " + c.url;
  out += ", " + c.during + ": " + c.what;
  if (!c.position.empty())
    out += " (" + c.position + ")";
  return out;
}

void publish(environment& env, const pid& who, const view_crash& c) {
  auto shown = c;
  if (const auto* by = find_redaction(env)) {
    shown.what = redacted_text(by, "reason", std::move(shown.what));
    shown.url = redacted_text(by, "url", std::move(shown.url));
  }
  env.events().emit(view_crashed{.full = shown, .process = who.id()});
  const auto level = c.is_by_client ? log_level::warn : log_level::error;
  if (!env.log().enabled(level, "web"))
    return;
  env.log().write(level, "web", "a live view crashed",
                  {{"view", shown.view},
                   {"url", shown.url},
                   {"during", shown.during},
                   {"what", shown.what},
                   {"exception", shown.exception},
                   {"template", shown.position},
                   {"process", to_string(who)}});
}

}  // namespace beamline::web::live
