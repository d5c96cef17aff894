#include "apps/event_horizon/content/dates.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <fmt/format.h>

namespace beamline::event_horizon {

namespace {

constexpr auto months =
    std::array<std::string_view, 12>{"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
constexpr auto weekdays = std::array<std::string_view, 7>{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Takes a date apart from the left.
class date_reader {
public:
  explicit date_reader(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// A number of `digits_min` to `digits_max` digits, or -1.
  int number(std::size_t digits_min, std::size_t digits_max) {
    auto n = std::size_t{0};
    while (n < rest_.size() && n < digits_max && rest_[n] >= '0' && rest_[n] <= '9')
      ++n;
    auto out = -1;
    if (n >= digits_min)
      std::from_chars(rest_.data(), rest_.data() + n, out);
    rest_.remove_prefix(n);
    return out;
  }
  void skip_spaces() {
    while (take(' ') || take('\t')) {}
  }
  void skip_fraction() {
    if (take('.') || take(','))
      number(1, 9);
  }

private:
  std::string_view rest_;
};

bool read_day(date_reader& in, post_date& out) {
  auto year = in.number(4, 4);
  auto separator = in.take('-') ? '-' : in.take('/') ? '/' : '\0';
  auto month = in.number(1, 2);
  bool is_joined = separator != '\0' && in.take(separator);
  auto day = in.number(1, 2);
  if (year < 0 || month < 0 || day < 0 || !is_joined)
    return false;
  out.day = std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month)}
          / std::chrono::day{static_cast<unsigned>(day)};
  return out.day.ok();
}

/// `10:20`, `10:20:30`, `10:20:30.5`
bool read_time(date_reader& in, std::chrono::seconds& out) {
  auto hour = in.number(1, 2);
  if (hour < 0 || hour > 23 || !in.take(':'))
    return false;
  auto minute = in.number(2, 2);
  auto second = 0;
  if (in.take(':')) {
    second = in.number(2, 2);
    in.skip_fraction();
  }
  if (minute < 0 || minute > 59 || second < 0 || second > 60)
    return false;
  out = std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
  return true;
}

/// `Z`, `UTC`, `+02:00`, `-0330`, `+2`, or nothing at all.
bool read_zone(date_reader& in, std::chrono::minutes& out) {
  in.skip_spaces();
  if (in.done() || in.take('Z') || in.take('z') || in.take("UTC") || in.take("GMT"))
    return true;
  auto sign = in.take('+') ? 1 : in.take('-') ? -1 : 0;
  auto hours = in.number(1, 2);
  auto minutes = 0;
  if (in.take(':') || !in.done())
    minutes = in.number(2, 2);
  if (sign == 0 || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
    return false;
  out = sign * (std::chrono::hours{hours} + std::chrono::minutes{minutes});
  return true;
}

}  // namespace

std::optional<post_date> parse_date(std::string_view text) {
  auto in = date_reader{text};
  auto out = post_date{};
  in.skip_spaces();
  if (!read_day(in, out))
    return std::nullopt;
  out.moment = std::chrono::sys_days{out.day};
  in.skip_spaces();
  if (in.done())
    return out;
  in.take('T') || in.take('t');
  auto time = std::chrono::seconds{};
  auto zone = std::chrono::minutes{};
  if (!read_time(in, time) || !read_zone(in, zone))
    return std::nullopt;
  in.skip_spaces();
  if (!in.done())
    return std::nullopt;
  out.has_time = true;
  out.moment += time - zone;
  return out;
}

std::string long_date(std::chrono::year_month_day date) {
  return fmt::format("{} {} {}", static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()));
}

std::string iso_date(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string iso_moment(std::chrono::sys_seconds moment) {
  auto day = std::chrono::floor<std::chrono::days>(moment);
  auto time = std::chrono::hh_mm_ss{moment - day};
  return fmt::format("{}T{:02}:{:02}:{:02}Z", iso_date(std::chrono::year_month_day{day}), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string http_moment(std::chrono::sys_seconds moment) {
  auto day = std::chrono::floor<std::chrono::days>(moment);
  auto date = std::chrono::year_month_day{day};
  auto time = std::chrono::hh_mm_ss{moment - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays.at(std::chrono::weekday{day}.c_encoding()),
                     static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1).substr(0, 3),
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

}  // namespace beamline::event_horizon
