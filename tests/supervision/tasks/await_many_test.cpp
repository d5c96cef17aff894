#include "supervision/tasks/bench.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

namespace {

auto note_all(bench& b) {
  return [&b](const std::vector<int>& all) {
    std::string text = "all";
    for (auto v : all)
      text += " " + std::to_string(v);
    b.heard.push_back(text);
  };
}

}  // namespace

TEST_CASE("K37 await_many gives all values in order, or fails with the first failure, or after its time") {
  SUBCASE("in the order of the tasks, not of their ends") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        await_many(c,
                   std::vector{async<int>(c, b.sup, later(300ms, 1)), async<int>(c, b.sup, later(100ms, 2)),
                               async<int>(c, b.sup, later(200ms, 3))},
                   5s, note_all(b), note_error(b));
      });
      b.w.advance(1s);
      CHECK(b.heard == strings{"all 1 2 3"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("none at all") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        await_many(c, std::vector<task<int>>{}, 5s, note_all(b), note_error(b));
        CHECK(b.heard.empty());
      });
      CHECK(b.heard == strings{"all"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("a failure ends the wait at once") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        await_many(c,
                   std::vector{async_nolink<int>(c, b.sup, later(10s, 1)),
                               async_nolink(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; })},
                   5s, note_all(b), note_error(b));
      });
      CHECK(b.heard == strings{"ended: crashed: boom"});
      CHECK(b.info(b.me).pending == 0);
      b.w.advance(20s);
      CHECK(b.heard.size() == 1);
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("time-out") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        await_many(c, std::vector{async<int>(c, b.sup, later(1s, 1)), async<int>(c, b.sup, later(10s, 2))}, 5s,
                   note_all(b), note_error(b));
      });
      b.w.advance(20s);
      CHECK(b.heard == strings{"timeout"});
      CHECK(b.n.is_alive(b.me));
    });
  }
}

TEST_CASE("await_many without a way out ends the owner with the first failure") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      await_many(c, std::vector{async_nolink<int>(c, b.sup, later(10s, 1))}, 1s, [](const std::vector<int>&) {});
    });
    w.advance(2s);
    CHECK(b.end_of(b.me) == "custom: task \"one of several\": timeout");
  });
}

TEST_CASE("yield_many gives what is there, the rest may be asked again") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      auto all = std::vector{async_nolink<int>(c, b.sup, later(100ms, 1)), async_nolink<int>(c, b.sup, later(3s, 2)),
                             async_nolink(c, b.sup, []() -> int { throw std::runtime_error{"boom"}; })};
      yield_many(c, all, 1s, [&, all](const std::vector<std::optional<task_outcome<int>>>& got) {
        for (const auto& o : got)
          note_outcome(b)(o);
        all[1].yield(5s, note_outcome(b));
      });
    });
    w.advance(5s);
    CHECK(b.heard == strings{"ok 1", "nothing", "ended: crashed: boom", "ok 2"});
    b.check_clean();
  });
}
