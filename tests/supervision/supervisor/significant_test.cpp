#include "supervision/supervisor/fixture.hpp"

// Catalogue F, G05 and X10: significant children, and supervisors that are changed while they run.

namespace beamline::supervision {

namespace {

supervisor_flags flags_of(auto_shutdown mode) {
  auto f = usual(strategy::one_for_one, 9);
  f.auto_shutdown = mode;
  return f;
}

child_spec significant_child(const std::string& id, restart_type restart) {
  return w_child(id).with({.restart = restart, .significant = true});
}

constexpr auto_shutdown modes[] = {auto_shutdown::never, auto_shutdown::any_significant,
                                   auto_shutdown::all_significant};

}  // namespace

TEST_CASE("F01 temporary children that are not significant end without consequence") {
  for (auto mode : modes)
    in_worlds(
        [&](stage& s) {
          s.start(spec_of(flags_of(mode)));
          auto again = [&] { CHECK(s.added(w_child("t").with({.restart = restart_type::temporary})) == "ok"); };
          again();
          CHECK(s.terminated("t") == "ok");
          again();
          s.kill("t");
          again();
          s.tell("t", die{});
          again();
          s.tell("t", finish{});
          CHECK(s.counts() == "[0,0,0,0]");
          CHECK(s.end_of(s.top) == "still alive");
        },
        5);
}

TEST_CASE("F02 transient children that are not significant end without consequence") {
  for (auto mode : modes)
    in_worlds(
        [&](stage& s) {
          s.start(spec_of(flags_of(mode), {w_child("t").with({.restart = restart_type::transient})}));
          CHECK(s.terminated("t") == "ok");
          CHECK(s.restarted("t") == "ok");
          s.kill("t");
          CHECK(s.state("t") == "running");
          s.tell("t", die{});
          CHECK(s.state("t") == "running");
          s.tell("t", finish{});
          CHECK(s.state("t") == "stopped");
          CHECK(s.end_of(s.top) == "still alive");
        },
        5);
}

TEST_CASE("F03 any_significant: every end by itself of a significant temporary child ends the supervisor") {
  for (int how = 0; how < 4; ++how)
    in_worlds(
        [&](stage& s) {
          s.start(spec_of(flags_of(auto_shutdown::any_significant),
                          {w_child("a"), significant_child("t", restart_type::temporary)}));
          auto a = s.child_pid("a");
          if (how == 0)
            CHECK(s.terminated("t") == "ok");
          else if (how == 1)
            s.kill("t");
          else if (how == 2)
            s.tell("t", die{});
          else
            s.tell("t", finish{});
          CHECK(s.end_of(s.top) == (how == 0 ? "still alive" : "shutdown"));
          CHECK(s.is_alive(a) == (how == 0));
        },
        5);
}

TEST_CASE("F03 all_significant: the last significant temporary child ends the supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::all_significant),
                    {significant_child("t", restart_type::temporary), w_child("a"),
                     significant_child("u", restart_type::temporary)}));
    s.tell("t", die{});
    CHECK(s.end_of(s.top) == "still alive");
    s.tell("u", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("F04 any_significant: only a normal end of a significant transient child ends the supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::any_significant),
                    {w_child("a"), significant_child("t", restart_type::transient)}));
    CHECK(s.terminated("t") == "ok");
    CHECK(s.restarted("t") == "ok");
    s.kill("t");
    s.tell("t", die{});
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.state("t") == "running");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("F04 all_significant: two normal ends are needed, and what was stopped through the API counts as gone") {
  in_worlds([](stage& s) {
    auto flags = flags_of(auto_shutdown::all_significant);
    s.start(spec_of(flags,
                    {significant_child("t", restart_type::transient), significant_child("u", restart_type::transient),
                     significant_child("v", restart_type::transient)}));
    CHECK(s.terminated("v") == "ok");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "still alive");
    s.tell("u", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("all_significant: a significant child that waits to be restarted counts as alive (S65, S81)") {
  in_worlds([](stage& s) {
    auto flags = flags_of(auto_shutdown::all_significant);
    flags.backoff = {.first = 1s, .jitter = 0};
    s.start(spec_of(
        flags, {significant_child("t", restart_type::transient), significant_child("u", restart_type::transient)}));
    s.tell("t", die{});
    CHECK(s.state("t") == "restarting");
    s.tell("u", finish{});
    CHECK(s.end_of(s.top) == "still alive");
    s.w.advance(2s);
    CHECK(s.state("t") == "running");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("F05 significant children need a supervisor that knows what to do about them") {
  auto child = significant_child("t", restart_type::transient);
  CHECK_FALSE(check_spec(spec_of(flags_of(auto_shutdown::never), {child})).ok());
  CHECK(check_spec(spec_of(flags_of(auto_shutdown::any_significant), {child})).ok());
  CHECK(check_spec(spec_of(flags_of(auto_shutdown::all_significant), {child})).ok());
}

TEST_CASE("F06 from never to any: significant children are accepted from then on, and effective") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::never)));
    CHECK(s.added(significant_child("t", restart_type::transient)) == "invalid_spec");
    CHECK(s.updated(spec_of(flags_of(auto_shutdown::any_significant))) == "ok");
    CHECK(s.added(significant_child("t", restart_type::transient)) == "ok");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("F07 from any to never: significant children are refused, and those that run end without consequence") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::any_significant)));
    CHECK(s.added(significant_child("t", restart_type::transient)) == "ok");
    CHECK(s.updated(spec_of(flags_of(auto_shutdown::never))) == "ok");
    CHECK(s.added(significant_child("u", restart_type::transient)) == "invalid_spec");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "still alive");
  });
}

TEST_CASE("F08 from never to all: significant children are accepted from then on, and effective") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::never)));
    CHECK(s.updated(spec_of(flags_of(auto_shutdown::all_significant))) == "ok");
    CHECK(s.added(significant_child("t", restart_type::transient)) == "ok");
    CHECK(s.added(significant_child("u", restart_type::temporary)) == "ok");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "still alive");
    s.tell("u", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("F09 from all to never: ends of significant children have no consequence any more") {
  in_worlds([](stage& s) {
    s.start(spec_of(flags_of(auto_shutdown::all_significant), {significant_child("t", restart_type::transient)}));
    CHECK(s.updated(spec_of(flags_of(auto_shutdown::never))) == "ok");
    CHECK(s.added(significant_child("u", restart_type::transient)) == "invalid_spec");
    s.tell("t", finish{});
    CHECK(s.end_of(s.top) == "still alive");
  });
}

TEST_CASE("F10 from all to any: one end is enough from then on") {
  in_worlds([](stage& s) {
    std::vector<child_spec> both{significant_child("t", restart_type::transient),
                                 significant_child("u", restart_type::transient)};
    s.start(spec_of(flags_of(auto_shutdown::all_significant), both));
    CHECK(s.updated(spec_of(flags_of(auto_shutdown::any_significant), both)) == "ok");
    s.tell("u", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X10 an automatic shutdown stops the others in reverse and ends with shutdown") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(flags_of(auto_shutdown::any_significant),
                    {w_child("a", j), w_child("sig", j).with({.restart = restart_type::transient, .significant = true}),
                     w_child("c", j)}));
    j->clear();
    s.tell("sig", finish{});
    CHECK(*j == lines{"stop sig normal", "stop c shutdown", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.only(report::kind::shutdown).why == reason::shutdown("auto_shutdown"));
  });
}

TEST_CASE("G05 a running supervisor takes new flags and specs") {
  in_worlds([](stage& s) {
    s.start({});
    CHECK(s.updated(spec_of(usual(strategy::one_for_all, 7))) == "ok");
    auto status = s.w.ask<supervisor_status>(s.top, get_status{});
    CHECK(status.flags.strategy == strategy::one_for_all);
    CHECK(status.flags.intensity == 7);

    CHECK(s.updated(spec_of(usual(), {custom("bad", nullptr)})) == "invalid_spec");
    CHECK(s.updated(spec_of({.intensity = -1})) == "invalid_spec");
    CHECK(s.w.ask<supervisor_status>(s.top, get_status{}).flags.intensity == 7);
    CHECK(s.listed().empty());

    CHECK(s.updated(spec_of(usual(), {w_child("a"), w_child("b")})) == "ok");
    CHECK(s.listed() == "b a");
    CHECK(s.counts() == "[2,0,0,2]");
    CHECK(s.restarted("a") == "ok");
    auto a = s.child_pid("a");

    CHECK(s.updated(spec_of(usual(), {w_child("c"), w_child("a").with({.shutdown = duration{7s}})})) == "ok");
    CHECK(s.listed() == "b a c");  // The new list, then who is kept.
    CHECK(s.child_pid("a") == a);
    CHECK(to_string(s.w.ask<answer<child_spec>>(s.top, get_child_spec{.id = "a"})->shutdown.value()) == "7000ms");
    CHECK(s.end_of(s.top) == "still alive");
  });
}

TEST_CASE("G05 a new spec of a running child acts from its next start") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(), {w_child("a", j)}));
    auto next = child<w>("a", j, std::string{"a2"});
    CHECK(s.updated(spec_of(usual(), {next})) == "ok");
    s.tell("a", die{});
    CHECK(*j == lines{"start a", "stop a custom: died", "start a2"});
  });
}

}  // namespace beamline::supervision
