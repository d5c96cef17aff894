#pragma once

#include "actors/message.hpp"
#include "base/time.hpp"
#include "program/control/answer.hpp"
#include "program/control/dispatcher.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beamline::program {

// Verbs that a peer asks for: the same dispatcher as behind the control socket, reached over an authenticated link. Who
// has the cookie is trusted as the user of this machine is; who has not, gets as far as the handshake.

/// A verb to carry out.
struct far_request {
  std::string verb;
  std::vector<std::string> words;  // As on the command line ...
  std::string arguments;           // ... or a JSON object that names them; may be empty.
  BEAMLINE_MESSAGE(far_request, "control.run", 1, verb, words, arguments)
};

struct far_answer {
  bool is_ok = false;
  std::string value;    // JSON.
  std::string code;     // Why not, as `to_string(errc)`; of a newer release, maybe an unknown word.
  std::string message;  // For people.
  std::string details;  // JSON; may be empty.
  BEAMLINE_MESSAGE(far_answer, "control.answer", 1, is_ok, value, code, message, details)
};

// An answer that is longer does not cross: ask for a smaller part.
inline constexpr std::size_t far_answer_octets_max = 8U * 1024 * 1024;

/// Carries out what a peer asked for; `done` is called once, on any thread, unless `is_wanted` says before that nobody
/// waits any more. Streams are refused (`unsupported`): they have no end that a call could wait for.
void run_for_peer(control::dispatcher& verbs, const far_request& r, time_point deadline,
                  std::function<void(far_answer)> done);

/// Hands a far answer on as one's own.
void pass_on(const far_answer& a, const control::answer& reply);

}  // namespace beamline::program
