#pragma once

#include "base/config/diff.hpp"
#include "base/json_fwd.hpp"

#include <string>
#include <vector>

namespace beamline::program {

/// What reloading did about one key.
struct reloaded_key {
  enum class state {
    applied,        // In effect now.
    needs_restart,  // The value before stays in effect until the node is started anew.
    failed,         // Could be applied, but the part that uses it refused: the value before counts as in effect.
  };

  config::change what;
  state then = state::applied;
  std::string why{};  // Why it failed or, where that is not plain, needs a restart.

  /// As TOML, secrets hidden; empty for an entry of a table that is not there.
  [[nodiscard]] const std::string& in_effect() const { return then == state::applied ? what.after : what.before; }
};

[[nodiscard]] std::string_view to_string(reloaded_key::state s);

/// The outcome of one reload: a value, for logs, the control socket and tests.
struct reload_report {
  std::vector<std::string> problems;  // Not empty: nothing was applied. Each names its place, the value, the remedy.
  std::vector<std::string> warnings;
  std::vector<reloaded_key> keys;  // Everything that differs from what is in effect, in the order of the schema.

  [[nodiscard]] bool is_refused() const { return !problems.empty(); }
  [[nodiscard]] std::size_t count(reloaded_key::state s) const;
};

/// {"problems":[],"warnings":[],"keys":[{"key":"log.level","change":"changed","before":"\"info\"","after":"\"debug\"",
///   "from":"config/dev.toml:3:9","state":"applied","in_effect":"\"debug\""}],"applied":1,"needs_restart":0,"failed":0}
[[nodiscard]] json to_json(const reload_report& r);

/// The same for people, several lines, the first of which says it all.
[[nodiscard]] std::string to_text(const reload_report& r);

}  // namespace beamline::program
