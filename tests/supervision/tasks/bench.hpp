#pragma once

#include "actors/events.hpp"
#include "supervision/tasks/await_many.hpp"
#include "supervision/tasks/start_task.hpp"
#include "supervision/tasks/task.hpp"
#include "supervision/tasks/task_stream.hpp"
#include "supervision/tasks/task_supervisor.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::supervision::tests {

/// Runs what a test hands it in a turn of its own, with all tools of a process.
class client;
struct perform {
  std::function<void(client&)> what;
};

class client final : public process {
public:
  using process::cast;
  using process::exit;
  using process::process;
  using process::run_after;
  using process::stop;
  using process::stop_process;
  using process::trap_exits;

  behavior init() override {
    return handlers([this](const perform& p) { p.what(*this); });
  }
};

/// A task supervisor, a client that owns tasks of it, and what the client heard.
struct bench {
  explicit bench(testing::world& world, task_supervisor_options o = {})
      : w{world}, n{world.start_node()}, sup{n.spawn<task_supervisor>(task_supervisor_spec(o))}, me{n.spawn<client>()} {
    w.run();
    at_rest = n.processes().count();
    ended = n.events().attach<process_ended>([this](const process_ended& e) { ends[e.id] = std::string{e.reason}; });
    unexpected = n.events().attach<message_unexpected>([this](const message_unexpected&) { ++strays; });
  }

  /// Runs `fn(client&)` in a turn of the client, and the world to rest.
  void in(std::function<void(client&)> fn) {
    n.cast(me, perform{std::move(fn)});
    w.run();
  }
  void trap_exits() {
    in([this](client& c) { c.trap_exits([this](const exit_signal& e) { exits.push_back(to_string(e.why)); }); });
  }
  /// A copy of what was heard, which is forgotten.
  std::vector<std::string> take_heard() { return std::exchange(heard, {}); }
  /// How it ended; empty while it lives.
  [[nodiscard]] std::string end_of(const pid& p) { return ends[p.id()]; }
  [[nodiscard]] process_info info(const pid& p) { return n.processes().info(p.id(), w.now()).value(); }
  [[nodiscard]] child_counts counts() { return w.ask<child_counts>(sup, count_children{}); }

  /// Nothing is left of any task or stream: no process, message, link, timer, watch or call.
  void check_clean() {
    w.run();
    CHECK(n.processes().count() == at_rest - (n.is_alive(me) ? 0 : 1));
    CHECK(counts().active == 0);
    CHECK(strays == 0);
    if (!n.is_alive(me))
      return;
    auto i = info(me);
    CHECK(i.depth == 0);
    CHECK(i.links == 0);
    CHECK(i.pending == 0);
    CHECK(i.watchers == 0);
  }

  testing::world& w;
  testing::simulated_node& n;
  pid sup;
  pid me;
  std::size_t at_rest = 0;
  int strays = 0;  // Messages that reached a handler that did not exist.
  std::vector<std::string> heard;
  std::vector<std::string> exits;  // Signals the trapping client got.
  std::map<std::uint64_t, std::string> ends;
  telemetry::handle unexpected;
  telemetry::handle ended;
};

/// Runs a story under `count` schedules; each time nothing may be left at its end.
inline void for_each_schedule(std::uint64_t count, const std::function<void(bench&)>& story) {
  testing::for_each_seed(count, [&](testing::world& w) {
    bench b{w};
    story(b);
    b.check_clean();
  });
}

/// A task that has its value after `d`.
template <class T>
auto later(duration d, T value) {
  return [d, value](task_context& t, task_promise<T> p) { t.run_after(d, [p, value] { p.set(value); }); };
}

/// One that never has it.
inline auto endless() { return later<int>(duration{100h}, 0); }

/// Notes outcomes in words: `ok 3`, `ended: killed`, `still running`.
template <class T>
std::string word(const T& value) {
  if constexpr (std::is_same_v<T, std::string>)
    return value;
  else
    return std::to_string(value);
}
template <class R>
std::string words(const task_outcome<R>& o) {
  if (!o)
    return to_string(o.error());
  if constexpr (std::is_void_v<R>)
    return "ok";
  else
    return "ok " + word(*o);
}
inline auto note_outcome(bench& b) {
  return [&b](const auto& o) { b.heard.push_back(o ? words(*o) : "nothing"); };
}
inline auto note_value(bench& b) {
  return [&b](const auto&... v) { b.heard.push_back(("ok" + ... + (" " + word(v)))); };
}
inline auto note_error(bench& b) {
  return [&b](const task_error& e) { b.heard.push_back(to_string(e)); };
}
inline auto note_item(bench& b) {
  return [&b](const auto& i) { b.heard.push_back(words(i.outcome)); };
}
inline auto note_end(bench& b) {
  return [&b](const std::optional<task_error>& e) { b.heard.push_back(e ? "end: " + to_string(*e) : "end"); };
}

using strings = std::vector<std::string>;

}  // namespace beamline::supervision::tests

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& s : all)
      text += (text.empty() ? "" : ", ") + s;
    return text.c_str();
  }
};
