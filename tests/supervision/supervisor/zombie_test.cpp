#include "base/log.hpp"
#include "supervision/board.hpp"
#include "supervision/parts.hpp"
#include "supervision/supervisor/fixture.hpp"

// M9-M11: children that cannot be ended.

namespace beamline::supervision {

namespace {

child_spec stubborn(const std::string& id, journal j = {}) {
  return w_child(id, std::move(j))
      .with({.shutdown = duration{50ms}, .name = id + "_name", .kill_grace = duration{50ms}});
}

/// A child that is busy for ten seconds from now on.
void make_busy(stage& s, const std::string& id) { s.tell(id, busy_for{10s}); }

}  // namespace

TEST_CASE("X42 a child that is stuck in a handler does not hang its supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {stubborn("z")}));
    auto z = s.child_pid("z");
    make_busy(s, "z");
    auto began = s.w.now();
    CHECK(s.terminated("z") == "ok");
    CHECK(s.w.now() - began >= 100ms);
    CHECK(s.w.now() - began < 110ms);

    const auto& said = s.said.only(report::kind::zombie);
    CHECK(said.why.text.find("unkillable") == 0);
    CHECK(said.last_message == "beamline::supervision::workers::busy_for");
    CHECK(said.handling_for >= 100ms);
    auto zombies = s.w.ask<zombie_list>(s.top, which_zombies{});
    REQUIRE(zombies.size() == 1);
    CHECK(zombies[0].who == z);
    CHECK(zombies[0].id == "z");
    CHECK(zombies[0].handling == "beamline::supervision::workers::busy_for");
    CHECK_FALSE(s.n.get().whereis("z_name"));

    CHECK(s.restarted("z") == "ok");
    CHECK(s.child_pid("z") != z);
    CHECK(s.n.get().whereis("z_name") == s.child_pid("z"));
    CHECK(s.w.ask<int>(s.child_pid("z"), ping{}) == 1);

    s.w.advance(11s);
    CHECK(s.said.only(report::kind::zombie_reaped).child == z);
    CHECK(s.w.ask<zombie_list>(s.top, which_zombies{}).empty());
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).zombies == 0);
    CHECK(s.n.get().whereis("z_name") == s.child_pid("z"));
  });
}

TEST_CASE("what a zombie sends reaches nobody") {
  class late_talker final : public process {
  public:
    late_talker(process_context& c, pid to) : process{c}, to_{std::move(to)} {}
    behavior init() override {
      return handlers([this](const busy_for& m) {
        testing::block(m.length);
        cast(to_, finish{});
      });
    }

  private:
    pid to_;
  };
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto listener = s.n.spawn<w>(j, std::string{"listener"});
    s.start(spec_of(
        usual(), {child<late_talker>("z", listener).with({.shutdown = duration{50ms}, .kill_grace = duration{50ms}})}));
    s.tell("z", busy_for{10s});
    CHECK(s.terminated("z") == "ok");
    s.w.advance(11s);
    CHECK(s.said.count(report::kind::zombie_reaped) == 1);
    CHECK(s.is_alive(listener));
  });
}

TEST_CASE("a busy child that returns within its grace is no zombie") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {stubborn("z")}));
    s.tell("z", busy_for{80ms});
    CHECK(s.terminated("z") == "ok");
    CHECK(s.said.count(report::kind::zombie) == 0);
    CHECK(s.said.only(report::kind::shutdown_error).why == reason::killed());
  });
}

TEST_CASE("zombie policy wait waits, as OTP would") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a"), stubborn("z").with({.zombie = zombie_policy::wait})}));
    make_busy(s, "z");
    s.order();
    s.w.advance(9s);
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.state("z") == "stopping");
    CHECK(s.said.count(report::kind::zombie) == 1);
    s.w.advance(2s);
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("zombie policy abort ends the operating system process") {
  in_worlds([](stage& s) {
    std::vector<std::string> aborted;
    abort_handler handler{[&](const std::string& why) { aborted.push_back(why); }};
    s.n.env().provide(handler);
    s.start(spec_of(usual(), {stubborn("z").with({.zombie = zombie_policy::abort})}));
    make_busy(s, "z");
    CHECK(s.terminated("z") == "ok");
    REQUIRE(aborted.size() == 1);
    CHECK(aborted[0].find("\"z\"") != std::string::npos);
    CHECK(s.said.count(report::kind::zombie) == 1);
  });
}

TEST_CASE("one zombie more than zombies_max and the supervisor gives up") {
  in_worlds([](stage& s) {
    auto flags = usual(strategy::one_for_one, 9);
    flags.zombies_max = 1;
    s.start(spec_of(flags, {w_child("a"), stubborn("y"), stubborn("z")}));
    make_busy(s, "y");
    make_busy(s, "z");
    CHECK(s.terminated("z") == "ok");
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.terminated("y") == "ok");
    s.w.run();
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.only(report::kind::shutdown).why.text.find("zombies_max") == 0);
  });
}

TEST_CASE("a start that is stuck in init becomes a zombie, and the start has failed") {
  class stuck final : public process {
  public:
    using process::process;
    behavior init() override {
      testing::block(10s);
      return handlers([](const ping&) { return 1; });
    }
  };
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto a = s.add(child<stuck>("z").with({.start_timeout = 1s, .kill_grace = duration{50ms}}));
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().detail.find("timeout") != std::string::npos);
    CHECK(s.said.count(report::kind::zombie) == 1);
    s.w.advance(11s);
    CHECK(s.said.count(report::kind::zombie_reaped) == 1);
  });
}

TEST_CASE("the board shows slots without a process, restarts and zombies to whoever does not want to ask") {
  in_worlds([](stage& s) {
    board_registry boards;
    s.n.env().provide(boards);
    s.start(spec_of(usual(), {w_child("a"), w_child("b").with({.restart = restart_type::transient}), stubborn("z")}));
    auto board = boards.find(s.top.id());
    REQUIRE(board != nullptr);
    CHECK(board->read(s.w.now()).empty_slots.empty());
    s.tell("a", die{});
    s.tell("b", finish{});
    make_busy(s, "z");
    CHECK(s.terminated("z") == "ok");
    auto seen = board->read(s.w.now());
    CHECK(seen.restarts_in_period == 1);
    CHECK(seen.flags.intensity == 2);
    REQUIRE(seen.empty_slots.size() == 2);
    CHECK(seen.empty_slots[0].id == "b");
    CHECK(seen.empty_slots[0].state == slot_state::stopped);
    REQUIRE(seen.zombies.size() == 1);
    CHECK(seen.zombies[0].id == "z");
    CHECK_FALSE(seen.is_stopping);
    s.w.advance(11s);
    CHECK(board->read(s.w.now()).zombies.empty());
    s.order();
    CHECK(boards.find(s.top.id()) == nullptr);
    CHECK(board->read(s.w.now()).is_stopping);
  });
}

}  // namespace beamline::supervision
