#include "web/http_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace beamline::web {

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t'; });
}

bool is_servers_own(std::string_view name) {
  return iequals(name, "content-length") || iequals(name, "transfer-encoding") || iequals(name, "connection")
      || iequals(name, "date");
}

}  // namespace

result<std::string> write_head(const response& res, answer_framing& how, std::string_view date) {
  how.without_body = res.status < 200 || res.status == 204 || res.status == 304;
  auto out = std::string{};
  out.reserve(1024);
  auto add = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ")
      .append(std::to_string(res.status))
      .append(" ")
      .append(reason_phrase(res.status))
      .append("\r\n");
  for (const auto& [name, value] : res.headers) {
    if (!is_token(name) || !is_value(value))
      return error{errc::invalid, "header \"" + (is_token(name) ? name : "(malformed)")
                                      + "\" has a character that is not allowed; encode the value"};
    if (is_servers_own(name))
      return error{errc::invalid, "header \"" + name + "\" is the server's own; leave it out"};
    if (!value.empty())
      add(name, value);
  }
  for (const auto& [name, value] : default_headers())
    if (!res.headers.has(name))
      add(name, value);
  add("date", date);
  if (!how.without_body)
    add("content-length", std::to_string(res.body_text().size()));
  if (res.status != 101)
    add("connection", how.keep_alive ? "keep-alive" : "close");
  out.append("\r\n");
  return out;
}

std::string http_date(wall_time when) {
  static constexpr auto days = std::to_array<const char*>({"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"});
  static constexpr auto months =
      std::to_array<const char*>({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  auto day = std::chrono::floor<std::chrono::days>(when);
  auto date = std::chrono::year_month_day{day};
  auto time = std::chrono::hh_mm_ss{std::chrono::floor<std::chrono::seconds>(when - day)};
  auto out = std::array<char, 64>{};
  std::snprintf(out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return out.data();
}

}  // namespace beamline::web
