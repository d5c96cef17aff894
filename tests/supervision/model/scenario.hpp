#pragma once

#include "base/random.hpp"
#include "supervision/api.hpp"

#include <string>
#include <variant>
#include <vector>

namespace beamline::supervision::model {

/// How one life of a child goes. Fixed by the scenario's seed, the child's id and its incarnation, so that leaving out
/// commands does not change it.
struct life_plan {
  enum class beginning : std::uint8_t { ok, ignore, refuse, refuse_at_once, never };
  enum class ending : std::uint8_t {
    obedient,  // Ends with the reason it is told, after `stop_takes`.
    own_way,   // Ends with `last_words` instead.
    deaf,      // Only a kill ends it.
    stuck,     // Not even that: it is in a handler for `stop_takes` after the kill.
  };
  beginning start = beginning::ok;
  duration start_takes{};
  ending stop = ending::obedient;
  duration stop_takes{};
  reason last_words{};
};

/// Something from outside.
struct command {
  enum class kind : std::uint8_t { crash, start, terminate, restart, remove, update, stop, look };
  duration at{};
  kind what = kind::look;
  std::string id{};
  reason why{};
  child_spec spec{};       // Of `start`.
  supervisor_spec next{};  // Of `update`.
};

/// A supervisor, its children's fates, and what happens to them, in order of time.
struct scenario {
  std::uint64_t seed = 0;
  supervisor_spec spec{};
  std::vector<command> commands{};

  [[nodiscard]] life_plan plan(const std::string& id, std::uint32_t incarnation) const;
};

[[nodiscard]] scenario make_scenario(std::uint64_t seed);
/// For a failing case: everything that matters, a line each.
[[nodiscard]] std::string to_string(const scenario& s);

/// What a supervisor did, a line each: `12ms start a/1`, `12ms report progress a`, `15ms reply 3 ok`.
using trace = std::vector<std::string>;

[[nodiscard]] trace run_core(const scenario& s);
[[nodiscard]] trace run_reference(const scenario& s);

// -- the words of traces, the same for both --------------------------------------------------

[[nodiscard]] std::string line(duration at, const std::string& what);
[[nodiscard]] std::string name_of(const std::string& id, std::uint32_t incarnation);

/// Order of what happens at the same moment: commands, then children by their birth, then timers by their number.
enum class rank : std::uint8_t { command, child, timer };

}  // namespace beamline::supervision::model
