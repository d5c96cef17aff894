#pragma once

#include "supervision/events.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace beamline::supervision {

using namespace workers;  // NOLINT: every test of this folder is about them.
using testing::for_each_seed;
using testing::simulated_node;
using testing::world;

inline constexpr std::uint64_t seeds = 15;

/// The catalogue's usual flags: intensity 2 in 3600 s.
inline supervisor_flags usual(strategy s = strategy::one_for_one, int intensity = 2) {
  return {.strategy = s, .intensity = intensity, .period = std::chrono::hours{1}};
}

/// What a supervisor said, a line each: "child_terminated a custom: died".
class reports {
public:
  explicit reports(simulated_node& n)
      : handle_{n.events().attach<supervisor_reported>([this](const supervisor_reported& e) {
          lines.push_back(std::string{to_string(e.what)} + " " + std::string{e.id}
                          + (e.what == report::kind::progress ? "" : " " + std::string{e.reason}));
          full.push_back(e.full);
        })} {}

  [[nodiscard]] std::size_t count(report::kind k) const {
    return static_cast<std::size_t>(
        std::count_if(full.begin(), full.end(), [&](const report& r) { return r.what == k; }));
  }
  [[nodiscard]] const report& only(report::kind k) const {
    REQUIRE(count(k) == 1);
    return *std::find_if(full.begin(), full.end(), [&](const report& r) { return r.what == k; });
  }
  void clear() {
    lines.clear();
    full.clear();
  }

  std::vector<std::string> lines;
  std::vector<report> full;

private:
  telemetry::handle handle_;
};

/// A stranger, who sends exit signals.
class stranger final : public process {
public:
  struct signal_it {
    pid who;
    reason why;
  };
  using process::process;
  behavior init() override {
    return handlers([this](const signal_it& m) { exit(m.who, m.why); });
  }
};

/// One supervisor on one node of one world, and the things tests do to it.
class stage {
public:
  explicit stage(world& in) : w{in}, n{in.start_node()}, said{n}, stranger_{n.spawn<stranger>()} {}
  stage(world& in, supervisor_spec spec) : stage{in} { start(std::move(spec)); }

  pid start(supervisor_spec spec) {
    top = n.spawn<supervisor>(std::move(spec));
    w.run();
    return top;
  }

  /// How it ended; `still alive` when it did not.
  [[nodiscard]] std::string end_of(const pid& p) const {
    auto why = n.processes().exit_reason(p.id());
    return why ? to_string(*why) : "still alive";
  }
  [[nodiscard]] bool is_alive(const pid& p) { return n.is_alive(p); }

  /// An exit signal from a stranger.
  void stranger_exits(const pid& p, const reason& why) {
    n.cast(stranger_, stranger::signal_it{p, why});
    w.run();
  }
  /// As its parent would: the node is the parent of `top`.
  void order(const reason& why = reason::shutdown()) {
    n.exit(top, why);
    w.run();
  }

  [[nodiscard]] start_answer add(child_spec s) { return w.ask<start_answer>(top, start_child{std::move(s)}); }
  [[nodiscard]] std::string added(child_spec s) { return word(add(std::move(s))); }
  [[nodiscard]] std::string terminated(const std::string& id) {
    return word(w.ask<change_answer>(top, terminate_child{.id = id}));
  }
  [[nodiscard]] std::string restarted(const std::string& id) {
    return word(w.ask<start_answer>(top, restart_child{id}));
  }
  [[nodiscard]] std::string deleted(const std::string& id) { return word(w.ask<change_answer>(top, delete_child{id})); }
  [[nodiscard]] std::string updated(supervisor_spec s) {
    return word(w.ask<change_answer>(top, update_supervisor{std::move(s)}));
  }

  /// "ok", or the kind of the error.
  template <class T>
  static std::string word(const answer<T>& a) {
    return a ? "ok" : std::string{to_string(a.error().what)};
  }

  [[nodiscard]] child_info info(const std::string& id) {
    auto a = w.ask<answer<child_info>>(top, which_child{.id = id});
    REQUIRE_MESSAGE(a.ok(), id);
    return *a;
  }
  [[nodiscard]] pid child_pid(const std::string& id) { return info(id).who; }
  [[nodiscard]] std::string state(const std::string& id) { return std::string{to_string(info(id).state)}; }
  /// Ids, newest first: "c b a".
  [[nodiscard]] std::string listed() {
    std::string text;
    for (const auto& c : w.ask<child_list>(top, which_children{}))
      text += (text.empty() ? "" : " ") + c.id;
    return text;
  }
  /// As the catalogue writes them: specs, active, supervisors, workers.
  [[nodiscard]] std::string counts() {
    auto c = w.ask<child_counts>(top, count_children{});
    return "[" + std::to_string(c.specs) + "," + std::to_string(c.active) + "," + std::to_string(c.supervisors) + ","
         + std::to_string(c.workers) + "]";
  }

  template <class M>
  void tell(const std::string& id, M m) {
    n.cast(child_pid(id), std::move(m));
    w.run();
  }
  void kill(const std::string& id) {
    n.kill(child_pid(id));
    w.run();
  }

  world& w;
  simulated_node& n;
  reports said;
  pid top;

private:
  pid stranger_;
};

/// Runs the story with many schedules.
inline void in_worlds(const std::function<void(stage&)>& story, std::uint64_t count = seeds) {
  for_each_seed(count, [&](world& w) {
    stage s{w};
    story(s);
  });
}

inline supervisor_spec spec_of(supervisor_flags f, std::vector<child_spec> children = {}) {
  return {.flags = f, .children = std::move(children)};
}

/// A child with a start function of its own.
inline child_spec custom(std::string id, start_function start, restart_type restart = restart_type::permanent) {
  child_spec s;
  s.id = std::move(id);
  s.start = std::move(start);
  s.restart = restart;
  return s;
}

inline birth born_as(std::string name) {
  birth how;
  how.name = std::move(name);
  return how;
}

using lines = std::vector<std::string>;

}  // namespace beamline::supervision

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& l : all)
      text += "\n    " + l;
    return text.c_str();
  }
};
}  // namespace doctest
