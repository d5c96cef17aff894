#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string_view>

/// What the program tells telemetry, for its checkers. `process`: who tells it.
namespace beamline::linked {

/// It begins to know who is linked: nobody so far.
struct looked_out {
  static constexpr std::string_view event_name = "linked.looked_out";
  std::uint64_t process = 0;
  BEAMLINE_EVENT(process)
};
/// It was told that a node is up or down, or found it to be up when it began; over which connection of its node.
struct status_seen {
  static constexpr std::string_view event_name = "linked.status";
  std::uint64_t process = 0;
  std::string_view node;
  std::uint64_t incarnation = 0;
  std::uint64_t connection = 0;
  bool is_up = false;
  BEAMLINE_EVENT(process, node, incarnation, connection, is_up)
};

/// It sends that number to a process or name of another node.
struct said {
  static constexpr std::string_view event_name = "linked.said";
  std::uint64_t process = 0;
  std::string_view to;
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, to, stream, number)
};
/// It handles a number. `by`, `run`, `speaker`: node, incarnation and id of who sent it; `meant`, `meant_run`: id (0: a
/// name) and incarnation (0: any) of the address it was sent to.
struct heard {
  static constexpr std::string_view event_name = "linked.heard";
  std::uint64_t process = 0;
  std::string_view by;
  std::uint64_t run = 0;
  std::uint64_t speaker = 0;
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
  std::uint64_t meant = 0;
  std::uint64_t meant_run = 0;
  BEAMLINE_EVENT(process, by, run, speaker, stream, number, meant, meant_run)
};

/// It watches a process of another node, under a number of its own ...
struct watch_begun {
  static constexpr std::string_view event_name = "linked.watch_begun";
  std::uint64_t process = 0;
  std::uint64_t ref = 0;
  std::string_view node;
  std::uint64_t incarnation = 0;
  std::uint64_t target = 0;
  BEAMLINE_EVENT(process, ref, node, incarnation, target)
};
/// ... and is told its end, or lets it be (`why` is empty then).
struct watch_over {
  static constexpr std::string_view event_name = "linked.watch_over";
  std::uint64_t process = 0;
  std::uint64_t ref = 0;
  std::string_view why;
  BEAMLINE_EVENT(process, ref, why)
};
/// A mayfly says its nth word to whoever is called "mourner" on a node, and dies with its last.
struct word_said {
  static constexpr std::string_view event_name = "linked.word_said";
  std::uint64_t process = 0;
  std::string_view to;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, to, number)
};
struct word_heard {
  static constexpr std::string_view event_name = "linked.word_heard";
  std::uint64_t process = 0;
  std::uint64_t run = 0;  // Of the mayfly's node.
  std::uint64_t mayfly = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, run, mayfly, number)
};

/// It calls somebody of another node, with `call` or by rpc.
struct asked {
  static constexpr std::string_view event_name = "linked.asked";
  std::uint64_t process = 0;
  std::uint64_t number = 0;
  std::string_view node;
  std::uint64_t place = 0;  // In a multicall.
  BEAMLINE_EVENT(process, number, node, place)
};
/// `ok` or the kind of the failure. `value` is the number that came back, `from` the node it came from (rpc).
struct answered {
  static constexpr std::string_view event_name = "linked.answered";
  std::uint64_t process = 0;
  std::uint64_t number = 0;
  std::uint64_t place = 0;
  std::string_view outcome;
  std::uint64_t value = 0;
  std::string_view from;
  BEAMLINE_EVENT(process, number, place, outcome, value, from)
};
/// What was asked is done here. `run`, `asker`, `number`: of the question.
struct served {
  static constexpr std::string_view event_name = "linked.served";
  std::uint64_t process = 0;
  std::uint64_t run = 0;
  std::uint64_t asker = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, run, asker, number)
};

/// What a follower of groups has been told so far, of one of them, against what it found wrong: empty, or in words.
struct group_followed {
  static constexpr std::string_view event_name = "linked.group_followed";
  std::uint64_t process = 0;
  std::string_view group;
  std::uint64_t members = 0;
  std::string_view wrong;
  BEAMLINE_EVENT(process, group, members, wrong)
};
/// After it was told that a node is down: how many members of it are read.
struct ghosts_read {
  static constexpr std::string_view event_name = "linked.ghosts_read";
  std::uint64_t process = 0;
  std::string_view node;
  std::uint64_t members = 0;
  BEAMLINE_EVENT(process, node, members)
};

}  // namespace beamline::linked
