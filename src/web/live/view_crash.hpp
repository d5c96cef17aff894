#pragma once

#include "actors/pid.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beamline {
class environment;
}

namespace beamline::web::live {

/// What is said about a view that threw: never what its visitor typed, only names.
struct view_crash {
  std::string view{};         // Its name at the endpoint.
  std::string url{};          // Where it was; empty: it has no URL.
  std::string during{};       // `mount`, `event "like"`, `info shop::price_changed`, `render`, ...
  std::string what{};         // The exception's text.
  std::string exception{};    // Its type; empty: no std::exception.
  std::string position{};     // In a template, `views/blog_show.heex:12:3`; empty: it was thrown elsewhere.
  bool is_by_client = false;  // The browser broke the protocol: no client of ours does.
};

// Longer texts of exceptions are cut in a report.
inline constexpr std::size_t crash_what_max = 512;

/// Thrown when a browser breaks the protocol: its view ends as by a crash, reported as a warning.
class protocol_violation : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Takes apart what was thrown: nested ones say what happened, template errors say where.
[[nodiscard]] view_crash describe_crash(std::string view, std::string url, std::string during,
                                        const std::exception_ptr& thrown);

/// `view "blog_show" at /blog/a, event "like": boom (views/blog_show.heex:12:3)`
[[nodiscard]] std::string to_string(const view_crash& c);

/// The one report of a crashed view: the event `live.crashed` and a line of the log.
void publish(environment& env, const pid& who, const view_crash& c);

/// A view has crashed.
struct view_crashed {
  static constexpr std::string_view event_name = "live.crashed";
  const view_crash& full;  // Borrowed for the length of the call.
  std::uint64_t process = 0;
  std::string_view view = full.view;
  std::string_view during = full.during;
  std::string_view what = full.what;
  bool is_by_client = full.is_by_client;
  BEAMLINE_EVENT(process, view, during, what, is_by_client)
};

}  // namespace beamline::web::live
