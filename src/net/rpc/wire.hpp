#pragma once

// What rpc processes tell each other. Calls travel as calls of processes (remote_processes.hpp), so correlation,
// noconnection and at most once are theirs; these are what is in them.

#include "actors/message.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "net/rpc/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace beamline {
class message_contract;
}

namespace beamline::net::rpc {

/// A call of a procedure; answered with `wire_reply`.
struct wire_request {
  std::string procedure;
  bytes arguments;
  std::string from;   // The node of the caller.
  duration budget{};  // What is left of the caller's time; duration::max() for ever (D86).
  BEAMLINE_MESSAGE(wire_request, "rpc.request", 1, procedure, arguments, from, budget)
};

/// The same, with nobody waiting (D80).
struct wire_cast {
  std::string procedure;
  bytes arguments;
  std::string from;
  BEAMLINE_MESSAGE(wire_cast, "rpc.cast", 1, procedure, arguments, from)
};

struct wire_reply {
  enum class kind : std::uint8_t { value, thrown, exited_exception, exited_signal, failed, rpc_error };
  kind what = kind::value;
  bytes value;              // Or, of a failure, its cause: a wire_reply in turn.
  std::string type;         // failed: its type.
  std::string text;         // thrown: its value; failed: what; otherwise for people.
  std::string where;        // failed.
  std::uint8_t number = 0;  // rpc_error: its kind; exited: the kind of the reason.
  BEAMLINE_MESSAGE(wire_reply, "rpc.reply", 1, what, value, type, text, where, number)
};

/// What a call gave, not decoded yet.
using raw_outcome = std::variant<bytes, failure>;

[[nodiscard]] wire_reply to_wire(raw_outcome o);
/// Of a newer release, unknown kinds are `failed`.
[[nodiscard]] raw_outcome from_wire(wire_reply r);

/// The messages of rpc; every node that calls or serves has them in its contract.
void add_messages(message_contract& c);

}  // namespace beamline::net::rpc
