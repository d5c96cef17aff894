#pragma once

// Two gates and what is between them, and what the tests of gates say often.

#include "base/random.hpp"
#include "net/link/gate.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace beamline::net {

using fate = gate::pushed::fate;
using message_kind = link_message::kind;

struct arrival {
  lane where{};
  message_kind what{};
  std::string service{};
  std::string payload{};
  friend bool operator==(const arrival&, const arrival&) = default;
};

inline link_message signal_of(std::string_view payload) { return {message_kind::signal, {}, payload}; }

/// Deterministic octets that are not all the same.
inline std::string pattern(std::size_t octets, std::uint64_t seed = 1) {
  std::string made(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i)
    made[i] = static_cast<char>(mix64(seed + i / 8) >> (i % 8 * 8));
  return made;
}

/// What `here` sends arrives at `there`, an envelope at a time.
struct gate_pair {
  explicit gate_pair(gate::limits l = {}) : here{7, l}, there{7, l} {}

  gate here, there;
  std::deque<bytes> wire;
  std::vector<arrival> arrived;
  gate::sink sink = [this](lane where, const link_message& m) {
    arrived.push_back({where, m.what, std::string{m.service}, std::string{m.payload}});
  };

  fate push(lane where, std::uint64_t flow, std::string_view payload) {
    return here.push(where, flow, signal_of(payload)).what;
  }
  /// As many envelopes as the window allows.
  std::size_t send() {
    std::size_t sent = 0;
    for (; auto envelope = here.next(); ++sent)
      wire.push_back(std::move(*envelope));
    return sent;
  }
  void deliver_one() {
    auto done = there.receive(wire.front(), sink);
    wire.pop_front();
    if (!done)
      FAIL(done.error().message);
    if (auto credit = there.take_credit(); credit > 0)
      CHECK(here.note_credit(credit).ok());
  }
  void pass_everything() {
    while (send() > 0 || !wire.empty())
      while (!wire.empty())
        deliver_one();
  }
  /// One more envelope there and back; false: nothing to send.
  bool pass_one() {
    auto envelope = here.next();
    if (!envelope)
      return false;
    wire.push_back(std::move(*envelope));
    deliver_one();
    return true;
  }
};

inline std::uint64_t total(const std::array<std::uint64_t, lanes>& by_lane) {
  std::uint64_t sum = 0;
  for (auto n : by_lane)
    sum += n;
  return sum;
}

}  // namespace beamline::net
