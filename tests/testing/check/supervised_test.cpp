#include "testing/check/supervised.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using beamline::testing::supervised;

namespace {

/// Tells the story of one supervisor in short sentences.
struct story {
  supervised s{"\"top\" <a@sim.1>", false};
  supervisor_flags flags{.intensity = 2, .period = 5s};
  time_point now{1s};
  std::string broken;

  void keep(std::string b) {
    if (broken.empty())
      broken = std::move(b);
  }
  report about(report::kind what, const std::string& id, std::uint64_t process = 0, reason why = reason::normal()) {
    report r;
    r.what = what;
    r.why = std::move(why);
    r.id = id;
    r.child = pid{nullptr, process};
    r.strategy = flags.strategy;
    r.intensity = flags.intensity;
    return r;
  }
  void say(const report& r) { keep(s.reported(r, now, flags)); }
  void born(const std::string& id, std::uint64_t process, std::uint64_t position) {
    keep(s.started({process, id, position}));
  }
  void runs(const std::string& id, std::uint64_t process, std::uint64_t position) {
    born(id, process, position);
    say(about(report::kind::progress, id, process));
  }
  void gone(std::uint64_t process) { s.ended(process); }
  void stopped(std::uint64_t process) {
    keep(s.tells_to_stop(process));
    s.ended(process);
  }
  void dies(const std::string& id, std::uint64_t process) {
    gone(process);
    say(about(report::kind::child_terminated, id, process, reason::crashed("boom")));
  }
};

story three(strategy how) {
  story t;
  t.flags.strategy = how;
  t.runs("a", 11, 1);
  t.runs("b", 12, 2);
  t.runs("c", 13, 3);
  return t;
}

}  // namespace

TEST_CASE("one_for_one: one dies and is started again") {
  auto t = three(strategy::one_for_one);
  t.dies("b", 12);
  CHECK(t.s.missing().contains("b"));
  t.runs("b", 22, 2);
  CHECK(t.broken == "");
  CHECK(t.s.missing().empty());
}

TEST_CASE("one_for_one: a sibling that is restarted with it is caught") {
  auto t = three(strategy::one_for_one);
  t.dies("b", 12);
  t.runs("b", 22, 2);
  t.stopped(13);
  t.runs("c", 23, 3);
  CHECK(t.broken
        == "restarted \"c\", but neither it nor anybody whose fate it shares (one_for_one) had ended by itself (S45)");
}

TEST_CASE("a second life beside the first is caught, unless that one is a zombie") {
  auto t = three(strategy::one_for_one);
  SUBCASE("alive") {
    t.born("b", 22, 2);
    CHECK(t.broken == "starts \"b\" while another life of it is there (M4)");
  }
  SUBCASE("zombie") {
    t.say(t.about(report::kind::zombie, "b", 12));
    t.born("b", 22, 2);
    CHECK(t.broken == "");
  }
}

TEST_CASE("one_for_all: all others stop in reverse, then all are started") {
  auto t = three(strategy::one_for_all);
  t.dies("b", 12);
  t.stopped(13);
  t.stopped(11);
  CHECK(t.s.missing().size() == 3);
  t.runs("a", 21, 1);
  t.runs("b", 22, 2);
  t.runs("c", 23, 3);
  CHECK(t.broken == "");
  CHECK(t.s.missing().empty());
}

TEST_CASE("one_for_all: the wrong order of stops is caught") {
  auto t = three(strategy::one_for_all);
  t.dies("b", 12);
  t.stopped(11);
  CHECK(t.broken == "stops \"a\" before \"c\", which was started after it (S48)");
}

TEST_CASE("one_for_all: who ends by itself meanwhile says nothing about the order") {
  auto t = three(strategy::one_for_all);
  t.dies("b", 12);
  t.gone(11);
  t.stopped(13);
  CHECK(t.broken == "");
}

TEST_CASE("one_for_all: a start while a sibling is there is caught") {
  auto t = three(strategy::one_for_all);
  t.dies("b", 12);
  t.stopped(13);
  t.born("b", 22, 2);
  CHECK(t.broken == "starts \"b\" while \"a\" is still there, which is restarted with it (S46-S48)");
}

TEST_CASE("rest_for_one: those before it live on") {
  auto t = three(strategy::rest_for_one);
  t.dies("b", 12);
  t.stopped(13);
  t.runs("b", 22, 2);
  t.runs("c", 23, 3);
  CHECK(t.broken == "");
  SUBCASE("and one of them that is restarted, too, is caught") {
    t.dies("b", 22);
    t.stopped(23);
    t.stopped(11);
    t.runs("a", 31, 1);
    CHECK(t.broken.starts_with("restarted \"a\", but neither it nor"));
  }
}

TEST_CASE("a restart that never comes is missing, also after a failed attempt") {
  auto t = three(strategy::rest_for_one);
  t.dies("b", 12);
  t.stopped(13);
  t.born("b", 22, 2);
  CHECK_FALSE(t.s.missing().contains("b"));
  t.gone(22);
  auto failed = t.about(report::kind::start_error, "b", 22, reason::crashed("boom"));
  failed.is_restarting = true;
  t.say(failed);
  CHECK(t.s.missing().contains("b"));
  CHECK(t.s.missing().contains("c"));
  t.runs("b", 32, 2);
  t.runs("c", 33, 3);
  CHECK(t.s.missing().empty());
  CHECK(t.broken == "");
}

TEST_CASE("temporary children and graceful transient ones need not come back") {
  auto t = three(strategy::one_for_one);
  auto end = t.about(report::kind::child_terminated, "b", 12, reason::crashed("boom"));
  SUBCASE("temporary") { end.restart = restart_type::temporary; }
  SUBCASE("transient") {
    end.restart = restart_type::transient;
    end.why = reason::shutdown();
  }
  t.gone(12);
  t.say(end);
  CHECK(t.s.missing().empty());
}

TEST_CASE("what is started through the API is free") {
  auto t = three(strategy::one_for_one);
  t.stopped(12);
  t.born("b", 22, 2);
  auto r = t.about(report::kind::progress, "b", 22);
  r.is_api_start = true;
  t.say(r);
  CHECK(t.broken == "");
}

TEST_CASE("more restarts than the budget within the period: whoever goes on is caught") {
  auto t = three(strategy::one_for_one);
  for (std::uint64_t n = 0; n < 2; ++n) {
    t.dies("b", 12 + 10 * n);
    t.runs("b", 22 + 10 * n, 2);
  }
  CHECK(t.s.must_end() == "");
  SUBCASE("within") {
    t.now += 5s;  // The period itself still counts.
    t.dies("b", 32);
    CHECK(t.s.must_end() == "has had 3 restarts within 5s, and its budget is 2 (S55)");
    CHECK(t.s.missing().empty());
    t.born("b", 42, 2);
    CHECK(t.broken == "starts \"b\", although it has had 3 restarts within 5s, and its budget is 2 (S55)");
  }
  SUBCASE("later") {
    t.now += 5s + 1ns;
    t.dies("b", 32);
    CHECK(t.s.must_end() == "");
  }
}

TEST_CASE("who gives up too early is caught") {
  auto t = three(strategy::one_for_one);
  auto last = t.about(report::kind::shutdown, "b", 12, reason::custom("reached_max_restart_intensity"));
  t.dies("b", 12);
  SUBCASE("within its budget") {
    t.say(last);
    CHECK(t.broken == "gives up after 1 restarts within 5s, but its budget is 2 (S55)");
  }
  SUBCASE("beyond, counting starts that failed") {
    for (int i = 0; i < 2; ++i)
      t.say(t.about(report::kind::start_error, "b", 12));
    t.say(last);
    CHECK(t.broken == "");
    CHECK(t.s.must_end() == "has given up");
  }
}

TEST_CASE("a dynamic supervisor's children share no id, but the budget") {
  story t;
  t.s = supervised{"\"pool\" <a@sim.1>", true};
  t.runs("", 11, 1);
  t.runs("", 12, 2);
  for (std::uint64_t n = 0; n < 3; ++n)
    t.dies("", 11 + n);
  CHECK(t.broken == "");
  CHECK_FALSE(t.s.must_end().empty());
}
