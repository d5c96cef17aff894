#include "supervision/supervisor/fixture.hpp"

// Catalogue B, C09 and the stops of X: how children are stopped, in which order, and what is said about it.

namespace beamline::supervision {

TEST_CASE("B01 children with all the time they want end with shutdown") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto infinity = child_spec::overrides{.shutdown = shutdown_policy::infinity()};
    auto typed = infinity;
    typed.type = child_type::supervisor;
    s.start(spec_of(usual(),
                    {child<w2>("a", duration{70s}, j, std::string{"a"}).with(infinity), w_child("b", j).with(typed)}));
    s.order();
    s.w.advance(71s);
    CHECK(*j == lines{"start a", "start b", "stop b shutdown", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.count(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("B02 a child that traps exits and does not end in its time is killed") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(
        spec_of(usual(), {w_child("a", j), child<deaf>("b", j, std::string{"b"}).with({.shutdown = duration{1s}})}));
    s.order();
    CHECK(s.state("b") == "stopping");
    s.w.advance(999ms);
    CHECK(s.end_of(s.top) == "still alive");
    s.w.advance(2ms);
    CHECK(*j == lines{"start a", "start b", "signal b shutdown", "stop b killed", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.only(report::kind::shutdown_error).id == "b");
    CHECK(s.said.only(report::kind::shutdown_error).took >= 1s);
  });
}

TEST_CASE("B02 a child that is busy in a handler becomes a zombie and its supervisor ends without it") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(), {w_child("a", j), w_child("b", j).with({.kill_grace = duration{100ms}})}));
    s.tell("b", busy_for{10s});
    auto b = s.child_pid("b");
    s.order();
    s.w.advance(1200ms);
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.only(report::kind::zombie).child == b);
    CHECK(j->back() == "stop a shutdown");
  });
}

TEST_CASE("B03 brutal_kill kills without a word") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(
        spec_of(usual(), {w_child("a", j),
                          child<deaf>("b", j, std::string{"b"}).with({.shutdown = shutdown_policy::brutal_kill()})}));
    s.order();
    CHECK(*j == lines{"start a", "start b", "stop b killed", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.count(report::kind::shutdown_error) == 0);
  });
}

TEST_CASE("C09 a child that is no longer linked to anybody is stopped all the same") {
  in_worlds([](stage& s) {
    class loner final : public worker_base {
    public:
      using worker_base::worker_base;
      behavior init() override {
        unlink(parent());
        return worker_base::init();
      }
    };
    auto j = make_journal();
    s.start(spec_of(usual(), {child<loner>("a", j, std::string{"a"})}));
    CHECK(s.terminated("a") == "ok");
    CHECK(s.state("a") == "stopped");
    CHECK(*j == lines{"start a", "stop a shutdown"});
  });
}

TEST_CASE("X03 giving up stops the others in reverse, not the one that is gone, and ends with shutdown") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(strategy::one_for_one, 0), {w_child("a", j), w_child("b", j), w_child("c", j)}));
    s.tell("b", die{});
    CHECK(*j == lines{"start a", "start b", "start c", "stop b custom: died", "stop c shutdown", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(s.said.only(report::kind::shutdown).why.text.find("reached_max_restart_intensity") == 0);
    CHECK(s.said.only(report::kind::shutdown).id == "b");
  });
}

TEST_CASE("X07 a supervisor whose parent ends normally stops its children and ends normally") {
  in_worlds([](stage& s) {
    class parent final : public process {
    public:
      parent(process_context& c, supervisor_spec spec, pid& child)
          : process{c}, spec_{std::move(spec)}, child_{child} {}
      behavior init() override {
        child_ = spawn<supervisor>(spec_);
        return handlers([this](const finish&) {
          exit(child_, reason::normal());
          stop();
        });
      }

    private:
      supervisor_spec spec_;
      pid& child_;
    };
    auto j = make_journal();
    pid sup;
    auto p = s.n.spawn<parent>(spec_of(usual(), {w_child("a", j)}), sup);
    s.w.run();
    s.n.cast(p, finish{});
    s.w.run();
    CHECK(s.end_of(sup) == "normal");
    CHECK(*j == lines{"start a", "stop a shutdown"});
  });
}

TEST_CASE("X11 a time of zero asks and kills at once; brutal_kill does not even ask") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(
        usual(), {child<deaf>("zero", j, std::string{"zero"}).with({.shutdown = duration{0}}),
                  child<deaf>("brutal", j, std::string{"brutal"}).with({.shutdown = shutdown_policy::brutal_kill()})}));
    auto began = s.w.now();
    s.order();
    CHECK(s.w.now() - began < 10ms);
    CHECK(std::count(j->begin(), j->end(), "stop brutal killed") == 1);
    CHECK(std::count(j->begin(), j->end(), "stop zero killed") == 1);
    CHECK(std::count(j->begin(), j->end(), "signal brutal shutdown") == 0);
    CHECK(s.said.only(report::kind::shutdown_error).id == "zero");
  });
}

TEST_CASE("X26 a supervisor ends with the reason it was stopped with, its children with shutdown") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(), {w_child("a", j)}));
    s.n.processes().tell(s.top.id(), stop_order{reason::custom("upgrade")});
    s.w.run();
    CHECK(s.end_of(s.top) == "custom: upgrade");
    CHECK(*j == lines{"start a", "stop a shutdown"});
  });
}

TEST_CASE("a stranger's exit signal does not stop a supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a")}));
    auto a = s.child_pid("a");
    for (const auto& why : {reason::shutdown(), reason::normal(), reason::custom("go"), reason::killed()})
      s.stranger_exits(s.top, why);
    CHECK(s.end_of(s.top) == "still alive");
    CHECK(s.child_pid("a") == a);
  });
}

TEST_CASE("how a stopped child ended is judged by its restart type and how it was stopped") {
  struct row {
    restart_type restart;
    shutdown_policy how;
    reason last;
    bool is_fine;
  };
  auto timed = shutdown_policy{1s};
  auto brutal = shutdown_policy::brutal_kill();
  for (const auto& r : std::vector<row>{{restart_type::permanent, timed, reason::shutdown(), true},
                                        {restart_type::permanent, timed, reason::shutdown("x"), false},
                                        {restart_type::permanent, timed, reason::normal(), false},
                                        {restart_type::transient, timed, reason::shutdown("x"), true},
                                        {restart_type::transient, timed, reason::normal(), true},
                                        {restart_type::transient, timed, reason::custom("x"), false},
                                        {restart_type::temporary, shutdown_policy::infinity(), reason::normal(), true},
                                        {restart_type::permanent, shutdown_policy::infinity(), reason::normal(), false},
                                        {restart_type::permanent, brutal, reason::custom("never said"), true}})
    for_each_seed(3, [&](world& w) {
      stage s{w, spec_of(usual(), {child<w4>("a", r.last).with({.restart = r.restart, .shutdown = r.how})})};
      CAPTURE(to_string(r.restart));
      CAPTURE(to_string(r.last));
      CHECK(s.terminated("a") == "ok");
      CHECK(s.said.count(report::kind::shutdown_error) == (r.is_fine ? 0 : 1));
    });
}

}  // namespace beamline::supervision
