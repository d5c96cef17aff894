#include "web/live/stale_guard.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace beamline::web::live {

namespace {

std::int64_t seconds_of(wall_time t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

std::optional<std::int64_t> read_count(std::string_view text) {
  std::int64_t out = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, out);
  if (ec != std::errc{} || stop != end || out < 0)
    return std::nullopt;
  return out;
}

}  // namespace

load_chain::load_chain(std::optional<std::string_view> cookie_value) {
  const auto text = cookie_value.value_or("");
  const auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return;
  const auto loads = read_count(text.substr(0, dash));
  const auto last = read_count(text.substr(dash + 1));
  if (!loads || !last)
    return;
  loads_ = std::min(*loads, loads_max);
  last_s_ = *last;
}

load_chain load_chain::next(wall_time now) const {
  load_chain out;
  out.last_s_ = seconds_of(now);
  // Another node's clock may be ahead: a load "in the future" is taken as one of this moment.
  out.loads_ = out.last_s_ - last_s_ <= gap_max_s ? std::min(loads_ + 1, loads_max) : 1;
  return out;
}

std::string load_chain::to_cookie_value() const { return std::to_string(loads_) + "-" + std::to_string(last_s_); }

bool load_chain::is_loop(wall_time now) const {
  return loads_ >= loads_suspicious && seconds_of(now) - last_s_ <= fresh_s;
}

}  // namespace beamline::web::live
