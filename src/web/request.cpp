#include "web/request.hpp"

#include "base/url.hpp"
#include "web/uri.hpp"

#include <array>

namespace beamline::web {

namespace {

constexpr auto method_names =
    std::array<std::string_view, 8>{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "OTHER"};

}  // namespace

std::string_view to_string(http_method m) noexcept { return method_names[static_cast<std::size_t>(m)]; }

http_method method_from(std::string_view text) noexcept {
  for (std::size_t i = 0; i + 1 < method_names.size(); ++i)
    if (method_names[i] == text)
      return static_cast<http_method>(i);
  return http_method::other;
}

std::optional<std::string_view> find_in(const pair_list& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs)
    if (key == name)
      return std::string_view{value};
  return std::nullopt;
}

bool request::wants_html() const {
  // Browsers always name text/html first; programs say application/json, */* or nothing.
  auto accept = header("accept");
  auto html = accept.find("text/html");
  return html != std::string_view::npos && html < accept.find("application/json");
}

pair_list form_fields(const request& req) {
  auto type = req.header("content-type");
  if (!iequals(trimmed(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded"))
    return {};
  auto fields = parse_query(req.body, {.pairs_max = query_fields_max});
  return fields ? std::move(*fields) : pair_list{};
}

}  // namespace beamline::web
