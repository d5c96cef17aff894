#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beamline {

/// Why a process ended, or is asked to end (OTP's exit reasons; S1-S19, M-rules of the CAF note).
struct reason {
  enum class kind : std::uint8_t {
    normal,        // It finished.
    shutdown,      // It was asked to stop, in order.
    killed,        // It was killed. As a signal an ordinary reason: who traps exits survives it.
    noproc,        // There was no such process.
    noconnection,  // Its node is out of reach; the process may live on there.
    crashed,       // A handler threw; `text` is what the exception said.
    custom,        // The application's own reason, in `text`.
    kill,          // The order to die, which cannot be trapped; whoever obeys ends as `killed` (S1, M2).
  };

  kind why = kind::normal;
  std::string text;

  [[nodiscard]] bool is_normal() const noexcept { return why == kind::normal; }
  /// Normal or shutdown: the end of somebody who was done or was asked to stop. A transient child is not restarted.
  [[nodiscard]] bool is_graceful() const noexcept { return why == kind::normal || why == kind::shutdown; }
  [[nodiscard]] bool is_kill() const noexcept { return why == kind::kill; }

  static reason normal() { return {}; }
  static reason shutdown(std::string text = {}) { return {kind::shutdown, std::move(text)}; }
  static reason killed() { return {kind::killed, {}}; }
  static reason kill() { return {kind::kill, {}}; }
  static reason noproc() { return {kind::noproc, {}}; }
  static reason noconnection() { return {kind::noconnection, {}}; }
  static reason crashed(std::string text) { return {kind::crashed, std::move(text)}; }
  static reason custom(std::string text) { return {kind::custom, std::move(text)}; }

  friend bool operator==(const reason&, const reason&) = default;
};

[[nodiscard]] std::string_view to_string(reason::kind why) noexcept;

/// `crashed: division by zero`, or the kind alone when there is no text.
[[nodiscard]] std::string to_string(const reason& r);

/// Why a call got no value. `timeout` and `noconnection` leave open whether the callee acted (D72).
struct call_error {
  enum class kind : std::uint8_t { timeout, noproc, noconnection, busy, crashed };

  kind what = kind::timeout;
  reason why{};  // With `crashed`: how the callee died, or what its handler refused with.

  friend bool operator==(const call_error&, const call_error&) = default;
};

[[nodiscard]] std::string_view to_string(call_error::kind what) noexcept;
[[nodiscard]] std::string to_string(const call_error& e);

}  // namespace beamline
