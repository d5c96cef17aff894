#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string_view>

/// What the program tells telemetry: the only thing that checkers see of it.
namespace beamline::toy {

/// The monitor begins: nobody is up.
struct monitor_started {
  static constexpr std::string_view event_name = "toy.monitor_started";
  BEAMLINE_EVENT()
};
struct came_up {
  static constexpr std::string_view event_name = "toy.up";
  std::string_view peer;
  std::uint64_t incarnation = 0;
  BEAMLINE_EVENT(peer, incarnation)
};

/// Presence has learned of that link: from here on it must believe in no earlier run.
struct presence_linked {
  static constexpr std::string_view event_name = "toy.presence_linked";
  std::string_view peer;
  std::uint64_t incarnation = 0;
  BEAMLINE_EVENT(peer, incarnation)
};
struct went_down {
  static constexpr std::string_view event_name = "toy.down";
  std::string_view peer;
  std::uint64_t incarnation = 0;
  BEAMLINE_EVENT(peer, incarnation)
};

struct received_post {
  static constexpr std::string_view event_name = "toy.post";
  std::string_view publisher;
  std::uint64_t generation = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(publisher, generation, number)
};

/// The presence begins: it knows nothing.
struct presence_started {
  static constexpr std::string_view event_name = "toy.presence_started";
  BEAMLINE_EVENT()
};
/// What it knows of a node now; `members` are separated by blanks. Incarnation 0: nothing any more.
struct present {
  static constexpr std::string_view event_name = "toy.presence";
  std::string_view node;
  std::uint64_t incarnation = 0;
  std::uint64_t version = 0;
  std::string_view members;
  BEAMLINE_EVENT(node, incarnation, version, members)
};

/// A question was put; numbers are never used twice on one run of a node.
struct asked {
  static constexpr std::string_view event_name = "toy.asked";
  std::uint64_t number = 0;
  bool is_local = false;
  BEAMLINE_EVENT(number, is_local)
};
/// What became of it: the answer was to question `answer`, or there is none (0).
struct outcome {
  static constexpr std::string_view event_name = "toy.outcome";
  std::uint64_t number = 0;
  std::uint64_t answer = 0;
  BEAMLINE_EVENT(number, answer)
};

}  // namespace beamline::toy
