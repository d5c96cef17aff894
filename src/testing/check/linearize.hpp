#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace beamline::testing {

/// One call of a history: when it was made and when it was answered, as numbers that grow from event to event. A call
/// without an answer may have taken effect at any time after it was made, or never.
struct call_span {
  std::uint64_t invoked = 0;
  std::optional<std::uint64_t> returned{};
};

struct linearize_limits {
  // Pairs of (calls that took effect, state) that are looked at; beyond it the answer is `undecided`. Each costs about
  // `calls / 8 + 100` octets.
  std::size_t configurations_max = 300'000;
};

struct linearization {
  enum class verdict : std::uint8_t {
    legal,      // Some order explains it: `order`.
    illegal,    // None does; `order` is the longest that explains a part of it.
    undecided,  // The limit was met.
  };
  verdict what = verdict::legal;
  std::vector<std::size_t> order;  // Calls by their place in the history.
  std::size_t configurations = 0;  // Looked at.
};

/// State of the model, numbered by whoever gives `apply`; 0 is the first.
using model_state = std::uint32_t;
/// The state after a call took effect in `before`, or nothing when it cannot have given its answer there. Whose answer
/// does not count can have given any.
using apply_call = std::function<std::optional<model_state>(model_state before, std::size_t call, bool is_answered)>;

/// Whether each call can have taken effect at one moment between its invocation and its answer: the algorithm of Wing
/// and Gong with Lowe's memory of configurations. Time grows with the calls that are under way at once, not with
/// the length of the history: 10 clients and thousands of calls are cheap, 30 unanswered calls may not be.
///
/// Pure; the same input gives the same output.
[[nodiscard]] linearization linearize(const std::vector<call_span>& calls, const apply_call& apply,
                                      const linearize_limits& limits = {});

/// How many answers the shortest beginning of the history has that no order explains. Nothing: the whole history is
/// legal, or undecided. The beginning of a legal history is legal, so this takes log2(calls) searches.
[[nodiscard]] std::optional<std::size_t> shortest_illegal(const std::vector<call_span>& calls, const apply_call& apply,
                                                          const linearize_limits& limits = {});

/// The history up to the `answers`th answer: all calls keep their places, those that were answered later are
/// unanswered.
[[nodiscard]] std::vector<call_span> beginning_of(const std::vector<call_span>& calls, std::size_t answers);

}  // namespace beamline::testing
