#include "supervision/supervisor/fixture.hpp"

// Catalogue D and E: who is started again, with whom, and how often.

namespace beamline::supervision {

namespace {

/// One child of that type ends with that reason; what is left of it.
std::string after(restart_type type, const reason& why) {
  std::string seen;
  in_worlds(
      [&](stage& s) {
        s.start(spec_of(usual(), {w_child("a").with({.restart = type})}));
        auto old = s.child_pid("a");
        s.tell("a", die{why});
        auto is_new = s.counts() == "[1,1,0,1]" && s.child_pid("a") != old;
        auto now = is_new ? "restarted" : s.counts();
        if (seen.empty())
          seen = now;
        CHECK(now == seen);  // Whatever the schedule.
        CHECK(s.said.count(report::kind::child_terminated)
              == (why.is_graceful() && type != restart_type::permanent ? 0 : 1));
      },
      5);
  return seen;
}

}  // namespace

TEST_CASE("D01 a permanent child that ends normally is restarted") {
  CHECK(after(restart_type::permanent, reason::normal()) == "restarted");
}
TEST_CASE("D02 a transient child that ends normally is kept, without a life") {
  CHECK(after(restart_type::transient, reason::normal()) == "[1,0,0,1]");
}
TEST_CASE("D03 a temporary child that ends normally is forgotten") {
  CHECK(after(restart_type::temporary, reason::normal()) == "[0,0,0,0]");
}
TEST_CASE("D04 a permanent child that ends with shutdown is restarted") {
  CHECK(after(restart_type::permanent, reason::shutdown()) == "restarted");
  CHECK(after(restart_type::permanent, reason::shutdown("info")) == "restarted");
  CHECK(after(restart_type::transient, reason::shutdown("info")) == "[1,0,0,1]");
}
TEST_CASE("D05 a temporary child that ends with shutdown is forgotten") {
  CHECK(after(restart_type::temporary, reason::shutdown()) == "[0,0,0,0]");
  CHECK(after(restart_type::temporary, reason::shutdown("info")) == "[0,0,0,0]");
}
TEST_CASE("D06 a permanent child that dies is restarted") {
  CHECK(after(restart_type::permanent, reason::custom("died")) == "restarted");
  CHECK(after(restart_type::permanent, reason::noproc()) == "restarted");
}
TEST_CASE("D07 a transient child that dies is restarted") {
  CHECK(after(restart_type::transient, reason::custom("died")) == "restarted");
  CHECK(after(restart_type::transient, reason::killed()) == "restarted");
}
TEST_CASE("D08 a temporary child that dies is forgotten") {
  CHECK(after(restart_type::temporary, reason::custom("died")) == "[0,0,0,0]");
}

TEST_CASE("D09 a failed start deep in a tree names every level on the way up") {
  in_worlds([](stage& s) {
    class missing final : public process {
    public:
      using process::process;
      behavior init() override { throw std::runtime_error{"undefined function"}; }
    };
    s.start(spec_of(usual(), {child_supervisor("app", spec_of(usual(), {child<missing>("worker")}))}));
    CHECK(s.end_of(s.top)
          == "shutdown: failed to start child \"app\": shutdown: failed to start child \"worker\": crashed: undefined "
             "function");
  });
}

TEST_CASE("E01 restarts that are far enough apart never end the supervisor") {
  in_worlds([](stage& s) {
    s.start(spec_of({.intensity = 1, .period = 1s}, {w_child("a")}));
    for (int i = 0; i < 4; ++i) {
      s.tell("a", die{});
      CHECK(s.end_of(s.top) == "still alive");
      s.w.advance(2100ms);
    }
  });
}

TEST_CASE("E02 one_for_one restarts the one") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {w_child("a"), w_child("b")}));
    auto b = s.child_pid("b");
    s.tell("a", die{});
    CHECK(s.counts() == "[2,2,0,2]");
    CHECK(s.child_pid("b") == b);
    s.tell("a", die{});
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK_FALSE(s.is_alive(b));
  });
}

TEST_CASE("E03 a child that cannot be started again uses up the budget") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    s.start(spec_of(usual(strategy::one_for_one, 4), {w3_child("a", talk), w_child("b")}));
    auto b = s.child_pid("b");
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK_FALSE(s.is_alive(b));
    CHECK(talk->starts["a"] == 5);
  });
}

TEST_CASE("E04 one_for_all restarts all") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_all), {w_child("a"), w_child("b")}));
    auto a = s.child_pid("a"), b = s.child_pid("b");
    s.tell("b", die{});
    CHECK(s.counts() == "[2,2,0,2]");
    CHECK(s.child_pid("a") != a);
    CHECK(s.child_pid("b") != b);
    s.tell("a", die{});
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("E05 one_for_all ends when one of them cannot be started again") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["b"] = {start_answer_of::ok};
    talk->answers["a"] = std::vector<start_answer_of>(20, start_answer_of::ok);
    talk->otherwise = start_answer_of::refuse;
    s.start(spec_of(usual(strategy::one_for_all, 4), {w3_child("a", talk), w3_child("b", talk)}));
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(talk->starts["b"] == 5);
  });
}

TEST_CASE("E06 when another child of the group refuses, those that were started are stopped and all start anew") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["b"] = {start_answer_of::ok, start_answer_of::refuse, start_answer_of::ok};
    s.start(spec_of(usual(strategy::one_for_all, 3), {w3_child("a", talk, j), w3_child("b", talk, j)}));
    j->clear();
    s.tell("a", die{});
    CHECK(*j
          == lines{"stop a custom: died", "stop b shutdown", "start a", "fail b", "stop a shutdown", "start a",
                   "start b"});
    CHECK(s.counts() == "[2,2,0,2]");
  });
}

TEST_CASE("E07 rest_for_one restarts it and those after it") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::rest_for_one), {w_child("a"), w_child("b"), w_child("c")}));
    auto a = s.child_pid("a"), b = s.child_pid("b"), c = s.child_pid("c");
    s.tell("b", die{});
    CHECK(s.counts() == "[3,3,0,3]");
    CHECK(s.child_pid("a") == a);
    CHECK(s.child_pid("b") != b);
    CHECK(s.child_pid("c") != c);
    s.tell("b", die{});
    s.tell("b", die{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("E08 rest_for_one ends when one of the rest cannot be started again") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = std::vector<start_answer_of>(20, start_answer_of::ok);
    talk->answers["b"] = {start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    s.start(spec_of(usual(strategy::rest_for_one, 4), {w3_child("a", talk), w3_child("b", talk)}));
    s.tell("a", die{});
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(talk->starts["a"] == 2);  // The retries begin behind it (S69).
    CHECK(talk->starts["b"] == 5);
  });
}

TEST_CASE("E13 a child that is being restarted again and again can be asked about, stopped and started") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    // The back-off keeps the loop slow enough to be met by every request.
    auto flags =
        supervisor_flags{.intensity = 1000, .period = std::chrono::hours{1}, .backoff = {.first = 10ms, .max = 10ms}};
    s.start(spec_of(flags, {w3_child("a", talk)}));
    s.tell("a", die{});
    s.w.advance(25ms);
    CHECK(s.added(w3_child("a", talk)) == "already_present");
    CHECK(s.restarted("a") == "restarting");
    CHECK(s.deleted("a") == "restarting");
    CHECK(s.state("a") == "restarting");
    CHECK(s.counts() == "[1,0,0,1]");
    CHECK(s.terminated("a") == "ok");
    CHECK(s.state("a") == "stopped");
    auto starts = talk->starts["a"];
    s.w.advance(1s);
    CHECK(talk->starts["a"] == starts);
    talk->otherwise = start_answer_of::ok;
    CHECK(s.restarted("a") == "ok");
    talk->otherwise = start_answer_of::refuse;
    s.tell("a", die{});
    s.w.advance(25ms);
    s.order();
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("E15 a named tree comes back under the same names") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_one, 9),
                    {child_supervisor("sub", spec_of(usual(), {child<plain>("x").with({.name = "worker"})}))
                         .with({.name = "sub"})}));
    auto sub = s.n.get().whereis("sub");
    auto worker = s.n.get().whereis("worker");
    s.n.kill(sub);
    s.w.run();
    CHECK(s.n.get().whereis("sub") != sub);
    CHECK(s.n.get().whereis("worker") != worker);
    worker = s.n.get().whereis("worker");
    REQUIRE(s.is_alive(worker));
    s.n.kill(worker);
    s.w.run();
    CHECK(s.n.get().whereis("worker") != worker);
    worker = s.n.get().whereis("worker");
    s.n.cast(worker, crash{});
    s.w.run();
    CHECK(s.n.get().whereis("worker") != worker);
    auto at = pid{s.n.env().self(), "sub"};
    CHECK(stage::word(s.w.ask<change_answer>(at, terminate_child{.id = "x"})) == "ok");
    CHECK_FALSE(s.n.get().whereis("worker"));
    CHECK(stage::word(s.w.ask<start_answer>(at, restart_child{"x"})) == "ok");
    CHECK(s.is_alive(s.n.get().whereis("worker")));
  });
}

TEST_CASE("X04 every attempt takes one unit of the budget") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok};
    talk->otherwise = start_answer_of::crash;
    s.start(spec_of(usual(strategy::one_for_one, 3), {w3_child("a", talk)}));
    s.tell("a", die{});
    CHECK(talk->starts["a"] == 1 + 3);
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X05 with intensity 0 the first restart is one too many") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(strategy::one_for_one, 0), {w_child("a")}));
    s.tell("a", finish{});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X18 when a supervisor is killed its children end as killed and a new subtree is started") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(), {child_supervisor("sub", spec_of(usual(), {child<plain>("x", j, std::string{"x"}),
                                                                        child<plain>("y", j, std::string{"y"})}))}));
    j->clear();
    s.kill("sub");
    CHECK(std::count(j->begin(), j->end(), "stop x killed") == 1);
    CHECK(std::count(j->begin(), j->end(), "stop y killed") == 1);
    CHECK(std::count(j->begin(), j->end(), "start x") == 1);
    CHECK(std::count(j->begin(), j->end(), "start y") == 1);
    CHECK(s.counts() == "[1,1,1,0]");
  });
}

TEST_CASE("X19 a child that is not restarted itself takes nobody with it") {
  in_worlds([](stage& s) {
    s.start(
        spec_of(usual(strategy::one_for_all), {w_child("a"), w_child("t").with({.restart = restart_type::temporary}),
                                               w_child("r").with({.restart = restart_type::transient})}));
    auto a = s.child_pid("a");
    s.tell("t", die{});
    s.tell("r", finish{});
    CHECK(s.child_pid("a") == a);
    CHECK(s.listed() == "r a");
  });
}

TEST_CASE("X21 the order of a group restart") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    s.start(spec_of(usual(strategy::one_for_all), {w_child("a", j), w_child("b", j), w_child("c", j)}));
    j->clear();
    s.tell("b", die{});
    CHECK(*j == lines{"stop b custom: died", "stop c shutdown", "stop a shutdown", "start a", "start b", "start c"});
    CHECK(s.said.only(report::kind::child_terminated).affected == std::vector<std::string>{"a", "c"});
  });
}

TEST_CASE("X22 the order of a group restart that fails and gives up") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["c"] = {start_answer_of::ok, start_answer_of::refuse, start_answer_of::refuse,
                          start_answer_of::refuse};
    s.start(spec_of(usual(strategy::one_for_all), {w_child("a", j), w_child("b", j), w3_child("c", talk, j)}));
    j->clear();
    s.tell("b", die{});
    CHECK(*j
          == lines{"stop b custom: died", "stop c shutdown", "stop a shutdown", "start a", "start b", "fail c",
                   "stop b shutdown", "stop a shutdown", "start a", "start b", "fail c", "stop b shutdown",
                   "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X23 budgets multiply over levels") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    class doomed final : public worker_base {
    public:
      using worker_base::worker_base;
      behavior init() override {
        auto b = worker_base::init();
        run_after(1ms, [this] { stop(reason::custom("doomed")); });
        return b;
      }
    };
    s.start(spec_of(usual(strategy::one_for_one, 1),
                    {child_supervisor("inner", spec_of(usual(strategy::one_for_one, 2),
                                                       {child<doomed>("leaf", j, std::string{"leaf"})}))}));
    s.w.advance(1s);
    CHECK(std::count(j->begin(), j->end(), "start leaf") == 6);
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("X24 a supervisor in an endless retry loop stops at once when it is told to") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    auto j = make_journal();
    s.start(
        spec_of({.intensity = intensity_max, .period = std::chrono::hours{1}}, {w_child("b", j), w3_child("a", talk)}));
    s.n.cast(s.child_pid("a"), die{});
    for (int i = 0; i < 500; ++i)
      s.w.step();
    CHECK(s.end_of(s.top) == "still alive");
    s.order();
    CHECK(s.end_of(s.top) == "shutdown");
    CHECK(j->back() == "stop b shutdown");
  });
}

TEST_CASE("X27 what is reported, and in which order") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ok, start_answer_of::ok};
    talk->otherwise = start_answer_of::refuse;
    s.start(spec_of(usual(), {w3_child("a", talk)}));
    s.tell("a", die{});
    CHECK(s.said.lines == lines{"progress a", "child_terminated a custom: died", "progress a"});
    CHECK(s.said.full[1].incarnation == 1);
    CHECK(s.said.full[2].incarnation == 2);
    s.said.clear();
    s.tell("a", die{});
    CHECK(s.said.lines
          == lines{"child_terminated a custom: died", "start_error a custom: refused",
                   "shutdown a custom: reached_max_restart_intensity"});
    CHECK(s.said.full[0].intensity == 2);
  });
}

}  // namespace beamline::supervision
