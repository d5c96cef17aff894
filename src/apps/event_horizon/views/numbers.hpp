#pragma once

#include "actors/process_text.hpp"
#include "apps/event_horizon/messages.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers as pages show them.
namespace beamline::event_horizon {

/// `1,234`. Nothing that is counted here is below zero.
[[nodiscard]] inline std::string count_text(std::int64_t n) {
  return grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0)));
}

/// The same; a dash for what was not heard of yet.
[[nodiscard]] inline std::string number_text(const std::optional<post_stats>& of, std::int64_t post_stats::*which) {
  return of ? count_text((*of).*which) : "–";
}

/// What is counted, behind its number: `visit`, `visits`.
[[nodiscard]] inline std::string unit_text(const std::optional<post_stats>& of, std::int64_t post_stats::*which,
                                           std::string_view one) {
  return std::string{one} + (of && (*of).*which == 1 ? "" : "s");
}

/// Only readers who are not alone are told of the others.
[[nodiscard]] inline std::string readers_text(std::uint64_t readers) {
  return readers > 1 ? std::to_string(readers) + " people are reading this" : std::string{};
}

/// `footer-visits`
[[nodiscard]] inline std::string figure_id(std::string_view of, std::string_view what) {
  return std::string{of} + "-" + std::string{what};
}

}  // namespace beamline::event_horizon
