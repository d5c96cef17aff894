#pragma once

#include "base/telemetry_event.hpp"

#include <cstdint>
#include <string_view>

/// What the program tells telemetry, for its checkers. `process`: who tells it.
namespace beamline::gathering {

/// It broadcasts that number now. `to`: "all", "others" (all but itself) or "here".
struct posted {
  static constexpr std::string_view event_name = "gathering.posted";
  std::uint64_t process = 0;
  std::string_view system;
  std::string_view topic;
  std::uint64_t number = 0;
  std::string_view to;
  BEAMLINE_EVENT(process, system, topic, number, to)
};
/// The broadcast before was refused: nobody is told.
struct post_refused {
  static constexpr std::string_view event_name = "gathering.post_refused";
  std::uint64_t process = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, number)
};
/// It handles a post. `by`, `run`, `speaker`: node, incarnation and id of who sent it; `system` is the one it listens
/// to, `of` the one it was broadcast in.
struct post_heard {
  static constexpr std::string_view event_name = "gathering.post_heard";
  std::uint64_t process = 0;
  std::string_view system;
  std::string_view of;
  std::string_view topic;
  std::string_view by;
  std::uint64_t run = 0;
  std::uint64_t speaker = 0;
  std::uint64_t number = 0;
  BEAMLINE_EVENT(process, system, of, topic, by, run, speaker, number)
};
/// So many subscriptions it has to that topic now, and had so far.
struct subscriptions_changed {
  static constexpr std::string_view event_name = "gathering.subscriptions_changed";
  std::uint64_t process = 0;
  std::string_view system;
  std::string_view topic;
  std::uint64_t now = 0;
  std::uint64_t ever = 0;
  BEAMLINE_EVENT(process, system, topic, now, ever)
};

/// What a host knows of one of its entries: `asked` to be tracked, changed or untracked; `there`, with its ref; `gone`;
/// `unknown`, when nobody answered.
struct guest_changed {
  static constexpr std::string_view event_name = "gathering.guest_changed";
  std::string_view tracker;
  std::string_view topic;
  std::uint64_t guest = 0;
  std::string_view key;
  std::string_view is;
  std::string_view ref;
  BEAMLINE_EVENT(tracker, topic, guest, key, is, ref)
};

/// One entry of a diff, as on_diff was told of it; all of one diff come before its diff_told, leaves before joins.
/// `weight`: for how many it stands. Of mode `count` `guest` is 0, and `key` and the refs are empty.
struct entry_shown {
  static constexpr std::string_view event_name = "gathering.entry_shown";
  std::string_view tracker;
  std::uint64_t shard = 0;
  std::string_view topic;
  std::string_view owner;
  std::uint64_t version = 0;
  std::uint64_t guest = 0;
  std::string_view key;
  std::string_view ref;
  std::string_view ref_prev;
  std::uint64_t weight = 0;
  bool is_join = false;
  BEAMLINE_EVENT(tracker, shard, topic, owner, version, guest, key, ref, ref_prev, weight, is_join)
};
struct diff_told {
  static constexpr std::string_view event_name = "gathering.diff_told";
  std::string_view tracker;
  std::uint64_t shard = 0;
  BEAMLINE_EVENT(tracker, shard)
};

}  // namespace beamline::gathering
