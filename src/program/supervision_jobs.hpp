#pragma once

#include "actors/node.hpp"
#include "program/control/answer.hpp"
#include "supervision/board.hpp"

#include <string>

namespace beamline::program {

/// What is left to do of a `kill` once it is known who is meant.
struct kill_order {
  process_info target;
  std::string path;
  reason why;
  duration watch_for{};
};

/// Sends the signal, as the node itself: supervisors obey it. Watches what happens and answers
/// {"pid", "path", "reason", "outcome", "ended_as", "successor", "took_ms", "text"} with one of these outcomes:
///   restarted   a successor runs: "successor" is its pid, "incarnation" its life
///   restarting  it is gone, and its supervisor will start it again later
///   gone        it is gone, and nobody has taken its place
///   stuck       it is in a handler and has not seen the signal
///   alive       it has seen the signal and goes on
///   zombie      it had been killed before
/// Made by a process of its own, which ends with the answer.
void start_kill(node& n, const supervision::board_registry& boards, kill_order o, const control::answer& reply);

struct restart_order {
  pid supervisor;
  std::string id;
  std::string called;  // For people.
};

/// Asks the supervisor to terminate the child, if it runs, and to start it again; answers {"pid", "id", "supervisor",
/// "took_ms", "text"}, or why that cannot be.
void start_restart(node& n, restart_order o, const control::answer& reply);

}  // namespace beamline::program
