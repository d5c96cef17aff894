#pragma once

#include "base/time.hpp"
#include "net/outbox/messages.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beamline::net::outbox {

/// Where an event stands in its outbox: the order in which events were accepted, over all lives of it. From 1.
using place = std::uint64_t;

/// An event that can never be applied, as its target, or its age, says.
struct burial {
  std::string why;
  wall_time at{};

  friend bool operator==(const burial&, const burial&) = default;
};

/// One row of the outbox's table.
struct row {
  place at = 0;
  event what;
  std::uint64_t merged = 1;  // Events that are one by now.
  std::optional<burial> dead{};

  friend bool operator==(const row&, const row&) = default;
};

/// What the table is to be told, in one transaction.
struct row_changes {
  std::vector<row> puts;  // New rows, and those that have changed.
  std::vector<place> drops;

  [[nodiscard]] bool empty() const noexcept { return puts.empty() && drops.empty(); }
};

}  // namespace beamline::net::outbox
