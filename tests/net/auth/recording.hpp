#pragma once

#include "base/bytes.hpp"
#include "net/auth/handshake.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Two nodes whose every handshake is the same to the octet, and that exchange as one input of the fuzzer.
namespace beamline::net::recording {

inline keyring keys() { return {.current = {"1", bytes(32, 'k')}, .others = {{"0", bytes(32, 'o')}}}; }

inline node_card card_of(const std::string& name, const std::string& role, std::uint64_t incarnation) {
  return {.identity = {name, incarnation},
          .role = role,
          .version = "0.1.0",
          .cluster = "blue",
          .endpoint = "127.0.0.1:4400",
          .tick_time = 20s,
          .contract_hash = 42};
}

inline node_card dialler_card() { return card_of("event_horizon_1@127.0.0.1", "event_horizon", 1'700'000'000'000'001); }
inline node_card acceptor_card() { return card_of("accumulator_1@127.0.0.1", "accumulator", 1'700'000'000'000'002); }

/// What an input says before its messages.
enum flag : std::uint8_t { is_acceptor = 1, is_certified = 2, is_old = 4, uses_other_key = 8, is_bound = 16 };

inline handshake::options options_of(std::uint8_t flags, bool at_acceptor, const keyring* keys) {
  handshake::options o;
  o.self = at_acceptor ? acceptor_card() : dialler_card();
  o.keys = keys;
  o.nonce = bytes(32, at_acceptor ? 'B' : 'A');
  if ((flags & is_bound) != 0)
    o.channel_binding = bytes(32, 'c');
  if ((flags & is_old) != 0)
    o.protocol_max = 1;
  if ((flags & is_certified) != 0) {
    o.is_certified = true;
    o.certificate_names = {at_acceptor ? "beamline://node/event_horizon_1@127.0.0.1" : "beamline://role/accumulator"};
  }
  return o;
}

}  // namespace beamline::net::recording
