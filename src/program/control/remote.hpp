#pragma once

#include "base/time.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace beamline::program::control {

/// The words of `beamline remote NODE VERB …`.
struct remote_arguments {
  std::string node{};
  std::string verb = "help";
  std::vector<std::string> words{};  // One JSON object, or the verb's arguments in order.
  std::string via{};  // A node of this machine that passes the request on to `node`; empty: `node` is of this machine.
  bool as_json = false;
  std::optional<double> timeout_s{};
  std::filesystem::path var = "var";
};

// Exit statuses, as documented in docs/operating/node.md.
inline constexpr int exit_answered = 0;
inline constexpr int exit_refused = 1;  // The node refused or failed, or its answer did not arrive.
inline constexpr int exit_misused = 2;  // The command line is wrong.
inline constexpr int exit_no_node = 3;  // No such node is running.

/// Asks the node and prints what it says: the result's "text" or else indented JSON; with `as_json` the result as one
/// line of JSON, as it came. Items of streams are printed as they come. Errors go to `err`, with `as_json` as one line
/// of JSON that has "code", "message" and maybe "details". Returns the exit status.
[[nodiscard]] int remote(const remote_arguments& args, const clock& time, std::ostream& out, std::ostream& err);

}  // namespace beamline::program::control
