#pragma once

#include "net/event_loop.hpp"
#include "net/link/carrier.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace beamline::testing {

/// Carriers with nothing in between: what is sent is to be relayed at once, what was relayed is received at once. Takes
/// the place of CAF's middleman in the simulation, and behaves like it towards the link:
///
///   open                -> a preface is to be relayed; with the far end's preface, `opened`
///   send(envelope)      -> length and envelope are to be relayed
///   what the far carrier wanted relayed -> cut into envelopes -> `received`
///
/// Everything on one thread. Completions, `opened` and `received` are called from what was posted to the loop, never
/// from within a call to the carrier or its octets; once the carrier is destroyed, none is. Any of them may destroy it.
class direct_carriers final : public net::carriers {
public:
  // Of a write, as a socket's buffer: more is taken when this was received.
  static constexpr std::size_t octets_at_once_max = 64 * 1024;

  /// `loop` outlives it, and its carriers.
  explicit direct_carriers(net::event_loop& loop) : loop_{loop} {}

  [[nodiscard]] result<std::unique_ptr<net::carrier>> open(net::link_side side, events e) override;

private:
  net::event_loop& loop_;
};

/// Where envelopes begin and end in what is relayed: a preface, then per envelope its length in four octets and itself.
class direct_framing {
public:
  [[nodiscard]] static bytes preface(net::link_side of);
  static void append(bytes& out, std::string_view envelope);

  /// Reads what the far end of that side wanted relayed.
  explicit direct_framing(net::link_side far) : expected_{preface(far)} {}

  /// Consumes of `octets` what belongs together: up to the end of the preface, of an envelope, or all of it. What that
  /// completed, if anything, is in `envelope()` and `has_preface()`. Errors: `corrupt`, `too_large`.
  [[nodiscard]] result<std::size_t> consume(std::string_view octets);
  [[nodiscard]] bool has_preface() const noexcept { return preface_read_ == expected_.size(); }
  /// Whole ones only, each once; empty: none.
  [[nodiscard]] bytes take_envelope();

private:
  [[nodiscard]] result<std::size_t> consume_preface(std::string_view octets);
  [[nodiscard]] result<std::size_t> consume_length(std::string_view octets);

  bytes expected_;
  std::size_t preface_read_ = 0;
  std::size_t length_read_ = 0;
  std::uint32_t length_ = 0;
  bytes envelope_;
};

}  // namespace beamline::testing
