#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beamline::net {

/// What discovery knows, for people: the answer to get_discovery_status.
struct discovery_status {
  struct target {
    std::string endpoint;
    std::string state;  // `linked`, `dialling`, `waiting`, `own`, or `stale`: in no answer any more.
    std::string node;   // Who is behind it, or was when it last linked; may be empty.
    std::string role;   // Who is expected there; may be empty.
    std::string name;
    std::vector<std::string> sources;  // Who names it.
    int tries = 0;                     // Attempts since it last had a link that held.
    std::optional<duration> next_attempt_in{};
    std::string last_error;  // Of the last attempt that failed; empty after one that did not.
  };
  struct source {
    std::string label;
    std::string state;              // `found`, `nobody`, `partial`, `failed`, or `not asked yet`.
    std::size_t addresses = 0;      // In its last answer.
    std::string why;                // Of a failure, or of what is missing.
    std::optional<duration> age{};  // Of its last answer, a failure not counting as one.
  };

  std::vector<target> targets;  // By endpoint.
  std::vector<source> sources;  // In order of precedence.
  std::uint64_t rounds = 0;     // Begun so far.
  bool is_round_under_way = false;
  duration next_round_in{};
  std::size_t attempts = 0;  // Under way.
};

/// `status` as a table, for `beamline remote NODE discovery`.
[[nodiscard]] std::string to_text(const discovery_status& s);

}  // namespace beamline::net
