#pragma once

#include "base/config/schema.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

/// What differs between two loads of one schema, and how to take over a part of it: the pure half of reloading.
namespace beamline::config {

/// A key whose value differs. Tables of text are compared entry by entry (`log.areas.web`), lists of tables as a whole.
struct change {
  /// As `config_change(Changed, New, Removed)` of OTP counts: *added* had its default and is now given by a source,
  /// *removed* was given and has its default again, *changed* was and is given.
  enum class kind { changed, added, removed };

  std::string path;  // "web.port", "log.areas.web", "cluster.queries"
  std::string key;   // The key it belongs to: "web.port", "log.areas", "cluster.queries".
  kind how = kind::changed;
  std::string before;  // As TOML, secrets hidden; empty for an entry that was not there.
  std::string after;   // The same for the new value.
  origin from;         // Where the new value comes from.
  bool is_reloadable = false;
};

[[nodiscard]] std::string_view to_string(change::kind how);

/// All differences, in the order of the schema. Both must be ok and of the same schema; anything else throws
/// std::logic_error.
[[nodiscard]] std::vector<change> diff(const loaded& before, const loaded& after);

/// What `merge` made.
struct merged {
  loaded values;
  /// Sections of which nothing was taken, because a rule between keys is broken by old and new values together: the
  /// section's name, and the rule's words ("log.file_size_max is …").
  std::map<std::string, std::string> held_back;
};

/// The values of `base` with those keys of `fresh` that `takes(key)` wants ("web.port"). Preconditions as for `diff`.
[[nodiscard]] merged merge(const loaded& base, const loaded& fresh,
                           const std::function<bool(const std::string& key)>& takes);

}  // namespace beamline::config
