#include "supervision/supervisor/fixture.hpp"

// Catalogue A and the starts of X: how supervisors and their children start, and what happens when they do not.

namespace beamline::supervision {

TEST_CASE("A01 an empty supervisor that is ordered to shut down ends with shutdown") {
  in_worlds([](stage& s) {
    s.start({});
    CHECK(s.end_of(s.top) == "still alive");
    s.order();
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

TEST_CASE("A02 a supervisor whose init function says ignore ends, and is no failed start for its parent") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto none = [](environment&) -> std::variant<supervisor_spec, start_ignored, reason> { return start_ignored{}; };
    auto a = s.add(child_supervisor("sub", none));
    REQUIRE(a.ok());
    CHECK_FALSE(a->who);
    CHECK(s.state("sub") == "stopped");
    CHECK(s.counts() == "[1,0,1,0]");
    CHECK(s.said.lines.empty());

    auto alone = s.n.spawn<supervisor>(none);
    s.w.run();
    CHECK_FALSE(s.is_alive(alone));
  });
}

TEST_CASE("A03 a permanent child that ignores is kept") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ignore};
    s.start(spec_of(usual()));
    auto ignored = s.add(w3_child("a", talk));
    REQUIRE(ignored.ok());
    CHECK_FALSE(ignored->who);
    CHECK(s.added(w3_child("b", talk)) == "ok");
    CHECK(s.listed() == "b a");
    CHECK(s.counts() == "[2,1,0,2]");
    CHECK(s.state("a") == "stopped");
  });
}

TEST_CASE("A04 a temporary child that ignores is forgotten") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::ignore};
    s.start(spec_of(usual()));
    auto ignored = s.add(w3_child("a", talk).with({.restart = restart_type::temporary}));
    REQUIRE(ignored.ok());
    CHECK_FALSE(ignored->who);
    CHECK(s.added(w3_child("b", talk)) == "ok");
    CHECK(s.listed() == "b");
    CHECK(s.counts() == "[1,1,0,1]");
  });
}

TEST_CASE("A04 children of the list that ignore do not stop the start") {
  in_worlds([](stage& s) {
    auto talk = std::make_shared<script>();
    talk->answers = {{"a", {start_answer_of::ignore}}, {"b", {start_answer_of::ignore}}};
    s.start(spec_of(usual(), {w3_child("a", talk), w3_child("b", talk).with({.restart = restart_type::temporary}),
                              w3_child("c", talk)}));
    CHECK(s.listed() == "c a");
    CHECK(s.state("a") == "stopped");
    CHECK(s.state("c") == "running");
  });
}

TEST_CASE("A07 a start function that returns nobody's pid is an error that says so") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto bad = custom("bad", [](starter&) -> start_outcome { return pid{}; });
    auto a = s.add(bad);
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().what == child_error::kind::start_failed);
    CHECK(a.error().why.text.find("bad_return") != std::string::npos);
    CHECK(s.counts() == "[0,0,0,0]");
  });
}

TEST_CASE("A07 a start function that spawns one process and returns another has failed, and leaves none behind") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    pid spawned;
    auto bad = custom("bad", [&](starter& by) -> start_outcome {
      spawned = by.spawn<plain>();
      return s.top;
    });
    CHECK(s.added(bad) == "start_failed");
    s.w.run();
    CHECK_FALSE(s.is_alive(spawned));
  });
}

TEST_CASE("A08 an init function that throws is a failed start with what it threw") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto throws = [](environment&) -> std::variant<supervisor_spec, start_ignored, reason> {
      throw std::runtime_error{"no configuration"};
    };
    auto a = s.add(child_supervisor("sub", throws));
    REQUIRE_FALSE(a.ok());
    CHECK(to_string(a.error().why) == "crashed: no configuration");
    CHECK(s.end_of(s.top) == "still alive");

    auto refuses = [](environment&) -> std::variant<supervisor_spec, start_ignored, reason> {
      return reason::custom("not today");
    };
    CHECK(s.add(child_supervisor("sub", refuses)).error().why == reason::custom("not today"));
  });
}

TEST_CASE("A09 a child that fails to start through the API is not kept") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto refusing = custom("r", [](starter&) -> start_outcome { return reason::custom("no"); });
    auto a = s.add(refusing);
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().what == child_error::kind::start_failed);
    CHECK(a.error().why == reason::custom("no"));
    auto throwing = custom("t", [](starter&) -> start_outcome { throw std::runtime_error{"oops"}; });
    CHECK(s.add(throwing).error().why == reason::crashed("oops"));
    auto odd = custom("o", [](starter&) -> start_outcome { throw 42; });
    CHECK(s.add(odd).error().why.why == reason::kind::crashed);
    CHECK(s.counts() == "[0,0,0,0]");
    CHECK(s.said.count(report::kind::start_error) == 0);
  });
}

TEST_CASE("A10 specs are shown with their defaults filled in") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {child<w>("a"), child<w>("b").with({.shutdown = shutdown_policy::brutal_kill()}),
                              child_supervisor("c", supervisor_spec{})}));
    auto ask = [&](const std::string& id) { return s.w.ask<answer<child_spec>>(s.top, get_child_spec{.id = id}); };
    CHECK(ask("a")->restart == restart_type::permanent);
    CHECK(ask("a")->type == child_type::worker);
    CHECK_FALSE(ask("a")->significant);
    CHECK(to_string(ask("a")->shutdown.value()) == "5000ms");
    CHECK(to_string(ask("b")->shutdown.value()) == "brutal_kill");
    CHECK(to_string(ask("c")->shutdown.value()) == "infinity");
    CHECK(ask("c")->type == child_type::supervisor);
    CHECK(ask("x").error().what == child_error::kind::not_found);
  });
}

TEST_CASE("A12 specs without an id or a start function are refused by name") {
  CHECK(check_child_spec({}).error().message.find("missing_id") != std::string::npos);
  CHECK(check_child_spec(custom("a", nullptr)).error().message.find("missing_start") != std::string::npos);
  in_worlds([](stage& s) {
    s.start(spec_of(usual(), {custom("a", nullptr)}));
    CHECK(s.end_of(s.top).find("missing_start") != std::string::npos);
  });
}

TEST_CASE("X01 when a child fails to start, those before it are stopped in reverse and those after it never start") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["c"] = {start_answer_of::refuse};
    s.start(spec_of(usual(), {w_child("a", j), w_child("b", j), w3_child("c", talk, j), w_child("d", j)}));
    CHECK(*j == lines{"start a", "start b", "fail c", "stop b shutdown", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown: failed to start child \"c\": custom: refused");
    CHECK(s.said.lines == lines{"progress a", "progress b", "start_error c custom: refused"});
  });
}

TEST_CASE("X02 failed starts of supervisors in supervisors nest") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["y"] = {start_answer_of::crash};
    s.start(spec_of(usual(), {w_child("a", j),
                              child_supervisor("inner", spec_of(usual(), {w_child("x", j), w3_child("y", talk, j)})),
                              w_child("b", j)}));
    CHECK(s.end_of(s.top)
          == "shutdown: failed to start child \"inner\": shutdown: failed to start child \"y\": crashed: cannot start");
    CHECK(*j == lines{"start a", "start x", "stop y crashed: cannot start", "stop x shutdown", "stop a shutdown"});
  });
}

TEST_CASE("X13 starts through the API fail with bare reasons, and nothing is reported") {
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::refuse, start_answer_of::crash, start_answer_of::ok};
    CHECK(s.add(w3_child("a", talk)).error().why == reason::custom("refused"));
    CHECK(s.add(w3_child("a", talk)).error().why == reason::crashed("cannot start"));
    auto first = s.add(w3_child("a", talk));
    REQUIRE(first.ok());
    auto second = s.add(w3_child("a", talk));
    CHECK(second.error().what == child_error::kind::already_started);
    CHECK(second.error().who == first->who);
    CHECK(s.said.count(report::kind::start_error) == 0);
    CHECK(s.said.count(report::kind::child_terminated) == 0);
  });
}

TEST_CASE("what a child passes to start_info reaches whoever asked for it") {
  class informed final : public process {
  public:
    using process::process;
    behavior init() override {
      start_info(std::string{"port 4000"});
      return handlers([](const ping&) { return 1; });
    }
  };
  in_worlds([](stage& s) {
    s.start(spec_of(usual()));
    auto a = s.add(child<informed>("a"));
    REQUIRE(a.ok());
    CHECK(std::any_cast<std::string>(a->info) == "port 4000");
  });
}

TEST_CASE("a start that takes too long has failed, and the half-started child is killed") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["a"] = {start_answer_of::never};
    s.start(spec_of(usual()));
    auto began = s.w.now();
    auto a = s.add(w3_child("a", talk, j).with({.start_timeout = 2s}));
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().what == child_error::kind::start_failed);
    CHECK(a.error().detail.find("timeout") != std::string::npos);
    CHECK(s.w.now() - began >= 2s);
    CHECK(*j == lines{"start a", "stop a killed"});
    CHECK(s.counts() == "[0,0,0,0]");
    CHECK(s.added(w3_child("a", talk, j).with({.start_timeout = 2s})) == "ok");
  });
}

TEST_CASE("a shutdown during a start stops the child under way first, and whoever waits for it hears stopping") {
  in_worlds([](stage& s) {
    auto j = make_journal();
    auto talk = std::make_shared<script>();
    talk->answers["slow"] = {start_answer_of::never};
    s.start(spec_of(usual(), {w_child("a", j), w_child("b", j)}));
    std::string heard;
    class asker final : public process {
    public:
      asker(process_context& c, pid sup, child_spec spec, std::string& heard)
          : process{c}, sup_{std::move(sup)}, spec_{std::move(spec)}, heard_{heard} {}
      behavior init() override {
        call<start_answer>(sup_, start_child{spec_}, 60s)
            .then([this](const start_answer& a) { heard_ = stage::word(a); }, [](const call_error&) {});
        return handlers([](const ping&) { return 1; });
      }

    private:
      pid sup_;
      child_spec spec_;
      std::string& heard_;
    };
    s.n.spawn<asker>(s.top, w3_child("slow", talk, j), heard);
    s.w.run();
    CHECK(s.state("slow") == "starting");
    CHECK(s.listed() == "slow b a");
    s.order();
    CHECK(heard == "stopping");
    CHECK(*j == lines{"start a", "start b", "start slow", "stop slow shutdown", "stop b shutdown", "stop a shutdown"});
    CHECK(s.end_of(s.top) == "shutdown");
  });
}

}  // namespace beamline::supervision
