#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// A moment as a post gives it: with or without a time, with or without a zone.
struct post_date {
  std::chrono::year_month_day day{};  // As written, which is what readers are shown.
  std::chrono::sys_seconds moment{};  // For order and feeds; without a zone taken as UTC.
  bool has_time = false;

  friend bool operator==(const post_date&, const post_date&) = default;
};

/// Reads what blogs write: `2024-05-01`, `2024/5/1`, with `T10:20`, ` 10:20:30`, a fraction, `Z`, `+02:00`, ` +0200`,
/// ` UTC`. Nothing for anything else, and for days that no calendar has. Pure.
[[nodiscard]] std::optional<post_date> parse_date(std::string_view text);

/// `1 May 2024`, for people.
[[nodiscard]] std::string long_date(std::chrono::year_month_day date);
/// `2024-05-01`, for programs.
[[nodiscard]] std::string iso_date(std::chrono::year_month_day date);
/// `2024-05-01T08:20:30Z`
[[nodiscard]] std::string iso_moment(std::chrono::sys_seconds moment);
/// `Wed, 01 May 2024 08:20:30 GMT`, for RSS and HTTP.
[[nodiscard]] std::string http_moment(std::chrono::sys_seconds moment);

}  // namespace beamline::event_horizon
