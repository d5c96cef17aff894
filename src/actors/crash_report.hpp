#pragma once

#include "actors/pid.hpp"
#include "actors/reason.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace caf {
class type_erased_tuple;
}

namespace beamline {

class environment;

/// What a dying process says about its end (S182): when a handler or `init` threw, or when it stopped itself with a
/// reason that is not graceful. Ends by signals from outside, kills among them, and refused starts are not crashes.
struct crash_report {
  enum class ending : std::uint8_t {
    error,  // It threw.
    exit,   // It called `stop`.
  };

  ending how = ending::error;
  pid who;
  std::string kind;  // Its class.
  std::string name;  // Registered; empty: none.
  std::string label;
  std::uint32_t incarnation = 1;
  reason why;
  std::string exception_type;  // Empty for `exit`, and for what is no std::exception.
  std::string handling;        // Type of the message it was handling, or handled last; `init`; empty: none.
  std::string message;         // What it said, if its type has a `to_string`, as each BEAMLINE_MESSAGE has; else empty.
  duration handling_for{};     // Only with `error`.
  std::vector<std::string> ancestors;  // `shop <4.1>`, its parent first; at most ancestors_max.
  std::vector<std::uint64_t> links;    // At most links_max.
  std::size_t links_total = 0;
  std::int64_t depth = 0;  // Messages that waited and are lost.
  std::uint64_t handled = 0;
  duration age{};
  bool traps_exits = false;
  std::size_t memory_bytes = 0;

  // Beyond these a report is of no more use.
  static constexpr std::size_t ancestors_max = 16;
  static constexpr std::size_t links_max = 16;
  // A longer message is cut.
  static constexpr std::size_t message_max = 512;
};

[[nodiscard]] std::string_view to_string(crash_report::ending e) noexcept;

/// `<5.1> "cart" (app::cart) threw std::runtime_error: boom, handling app::add for 1.2ms; life 2, ...`: one line of at
/// most `crash_text_max` octets; the longest parts are cut first.
[[nodiscard]] std::string to_string(const crash_report& r);
inline constexpr std::size_t crash_text_max = 1024;

/// For people, with a line for each fact: of at most `octets_max` octets.
[[nodiscard]] std::string format_crash(const crash_report& r, std::size_t octets_max = 4096);

/// Whether anybody would see one.
[[nodiscard]] bool is_crash_report_wanted(const environment& env);

/// Looks at the process, which must be in the table still, and at its ancestors; takes a lock of each for a moment.
/// `thrown` null: it stopped itself. `message`: what it is handling, or null.
[[nodiscard]] crash_report gather_crash_report(environment& env, std::uint64_t id, reason why,
                                               const std::exception_ptr& thrown, const caf::type_erased_tuple* message);

/// Redacts it, emits the event `process.crashed` and writes the line of the log.
void publish(environment& env, crash_report r);

}  // namespace beamline
