#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "program/control/protocol.hpp"

#include <filesystem>
#include <functional>
#include <variant>

namespace beamline::program::control {

/// What a node answered.
struct outcome {
  std::variant<json, failure> answer;  // The result, or why there is none.
  std::uint64_t dropped = 0;           // Items of a stream that the node had to drop.
};

/// Asks the node behind a control socket and waits for its answer; `on_item` is called for each item of a stream.
/// Blocks. Errors are those of the way: `not_found` (no node runs there), `denied`, `busy`, `timeout` (the node says
/// nothing for `silence_max`: it is stopped or hangs), `unavailable` (it went away), `corrupt`, `unsupported`, `io`.
[[nodiscard]] result<outcome> ask(const std::filesystem::path& socket, const request& what, const clock& time,
                                  const std::function<void(const json&)>& on_item = nullptr);

}  // namespace beamline::program::control
