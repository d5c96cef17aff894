#include "web/live/failure_page.hpp"

#include "base/html.hpp"
#include "base/json.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::live {

namespace {

/// What is known of a crash, in the order in which it helps.
std::array<std::pair<std::string_view, std::string_view>, 5> facts_of(const view_crash& c) {
  return {
      {{"template", c.position}, {"exception", c.exception}, {"during", c.during}, {"view", c.view}, {"url", c.url}}};
}

/// Needs nothing else, so that it also works when assets do not.
constexpr std::string_view page_start =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<style>\n"
    "body { font: 1rem/1.6 system-ui, sans-serif; max-width: 56rem; margin: 10vh auto; padding: 0 1.5rem; }\n"
    "h1 { font-size: 1.4rem; line-height: 1.3; overflow-wrap: anywhere; }\n"
    "h1 small { display: block; font-size: .9rem; font-weight: 500; opacity: .7; }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; }\n"
    "dt { opacity: .7; }\ndd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }\n"
    "</style>\n<title>500 ";

std::string page(const view_crash& c) {
  std::string out{page_start};
  html::append_text(out, c.what);
  out += "</title>\n</head>\n<body>\n<main>\n<h1><small>500, the view crashed in its first render</small>";
  html::append_text(out, c.what);
  out += "</h1>\n<dl>\n";
  for (const auto& [name, value] : facts_of(c)) {
    if (value.empty())
      continue;
    out += "<dt>" + std::string{name} + "</dt><dd>";
    html::append_text(out, value);
    out += "</dd>\n";
  }
  return out
       + "</dl>\n<p>Shown because this server runs in development; visitors see a page without details.</p>\n"
         "</main>\n</body>\n</html>\n";
}

std::string document(const view_crash& c) {
  auto error = json{{"status", 500}, {"title", "Internal Server Error"}, {"detail", c.what}};
  for (const auto& [name, value] : facts_of(c))
    if (!value.empty())
      error[std::string{name}] = value;
  return dump_json({{"error", std::move(error)}});
}

}  // namespace

response crash_response(const request& req, const view_crash& c, bool is_development) {
  if (!is_development)
    return response::failure(req, 500);
  auto res = req.wants_html() ? response::html(page(c), 500) : response::json(document(c), 500);
  res.headers.set("cache-control", "no-store");
  res.headers.set("vary", "accept");
  return res;
}

}  // namespace beamline::web::live
