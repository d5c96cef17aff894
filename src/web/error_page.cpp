#include "base/html.hpp"
#include "base/json.hpp"
#include "web/response.hpp"

namespace beamline::web {

namespace {

/// What a person who meets this status should know, when the server has nothing better to say.
std::string_view default_detail(int status) {
  switch (status) {
    case 400: return "The request is malformed.";
    case 403: return "This is not allowed from here.";
    case 404: return "There is nothing at this address.";
    case 405: return "This address does not support that method.";
    case 408: return "The request took too long to arrive.";
    case 413: return "The request is too large.";
    case 414: return "The address is too long.";
    case 417: return "Only 100-continue can be expected.";
    case 431: return "The request has too many or too long header fields.";
    case 500: return "Something went wrong on our side. Trying again may help.";
    case 501: return "The request needs something this server does not have.";
    case 503: return "The server is busy or starting. Please try again in a moment.";
    case 505: return "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
    default: return "";
  }
}

/// The one place where error pages get their looks; no outside resources, so they also work when assets do not.
constexpr auto page_start = std::string_view{
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n"  // Or the browser asks for /favicon.ico, and reports that it is missing.
    "<style>\n"
    "body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto; padding: 0 1.5rem; }\n"
    "h1 { font-size: 1.75rem; line-height: 1.2; }\n"
    "h1 small { display: block; font-size: 1rem; font-weight: 500; opacity: .7; }\n"
    "</style>\n<title>"};

std::string page(int status, std::string_view title, std::string_view detail) {
  auto out = std::string{page_start};
  auto code = std::to_string(status);
  out += code + " ";
  beamline::html::append_text(out, title);
  out += "</title>\n</head>\n<body>\n<main>\n<h1><small>" + code + "</small>";
  beamline::html::append_text(out, title);
  out += "</h1>\n<p>";
  beamline::html::append_text(out, detail);
  out += "</p>\n<p><a href=\"/\">Go to the start page</a></p>\n</main>\n</body>\n</html>\n";
  return out;
}

std::string document(int status, std::string_view title, std::string_view detail) {
  auto out = "{\"error\":{\"status\":" + std::to_string(status) + ",\"title\":";
  append_json_string(out, title);
  out += ",\"detail\":";
  append_json_string(out, detail);
  return out + "}}";
}

}  // namespace

response response::failure(const request& req, int status, std::string_view detail) {
  if (detail.empty())
    detail = default_detail(status);
  auto title = reason_phrase(status);
  auto res = req.wants_html() ? response::html(page(status, title, detail), status)
                              : response::json(document(status, title, detail), status);
  res.headers.set("cache-control", "no-store");
  res.headers.set("vary", "accept");
  return res;
}

}  // namespace beamline::web
