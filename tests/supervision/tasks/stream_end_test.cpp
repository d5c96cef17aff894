#include "supervision/tasks/bench.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

namespace {

/// The first item is quick, the others never finish.
auto one_quick() {
  return [](task_context& t, int i, task_promise<int> p) {
    t.run_after(i == 1 ? 1ms : duration{100h}, [p, i] { p.set(i); });
  };
}

const std::vector one_to_four{1, 2, 3, 4};

}  // namespace

TEST_CASE("K23 a stream that ends early ends its other tasks and leaves no link") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b), note_end(b))
          .take(1);
    });
    w.advance(1s);
    CHECK(b.heard == strings{"ok 1", "end"});
    CHECK(b.info(b.me).links == 0);
    b.check_clean();
  });
}

TEST_CASE("K31 a stream without links that ends early ends its other tasks") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    std::size_t left_at_end = 99;
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b),
                               [&](const auto&) { left_at_end = b.n.processes().count() - b.at_rest; })
          .take(1);
    });
    w.advance(1s);
    CHECK(left_at_end <= 1);  // The coordinator may be just about to go.
    b.check_clean();
  });
}

TEST_CASE("K32 a stream without links that ends early leaves no message") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b),
                               note_end(b))
          .take(1);
    });
    w.advance(1s);
    CHECK(b.heard == strings{"ok 1", "end"});
    CHECK(b.exits.empty());
    b.check_clean();
  });
}

TEST_CASE("K33 a stream that wants more tasks than its supervisor may have fails and leaves nothing") {
  for_each_seed(40, [](world& w) {
    bench b{w, {.max_children = 1}};
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 2}, note_item(b),
                               note_end(b));
    });
    w.advance(1s);
    REQUIRE(!b.heard.empty());
    CHECK(b.heard.back().starts_with("end: not_started: max_children"));
    CHECK(b.n.is_alive(b.me));
    b.check_clean();
  });
}

TEST_CASE("a stopped stream delivers nothing more and ends, whenever it is stopped") {
  for_each_seed(120, [](world& w) {
    bench b{w};
    auto stop_after = duration{static_cast<std::int64_t>(w.seed()) * 700};  // Up to 0.2 ms: while it starts.
    b.in([&](client& c) {
      auto s = async_stream<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b),
                                 note_end(b));
      c.run_after(stop_after, [&b, s]() mutable {
        s.stop();
        s.stop();
        b.heard.push_back("stopped");
      });
    });
    w.advance(1s);
    REQUIRE(b.heard.size() >= 2);
    CHECK(b.heard.back() == "end");
    CHECK(b.heard[b.heard.size() - 2] == "stopped");
    b.check_clean();
  });
}

TEST_CASE("stopping a stream from within an item is stopping it") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    auto held = std::make_shared<std::optional<task_stream>>();
    b.in([&](client& c) {
      *held = async_stream(
          c, b.sup, each(one_to_four), [](int i) { return i; }, {},
          [&, held](const stream_item<int, int>& i) {
            note_item(b)(i);
            (*held)->stop();
          },
          note_end(b));
    });
    CHECK(b.heard == strings{"ok 1", "end"});
    (*held)->stop();  // It is over: nothing happens.
    b.check_clean();
  });
}

TEST_CASE("a stream ends with its owner, however that one ends and whenever") {
  for (const auto& why : {reason::normal(), reason::custom("gone"), reason::kill()}) {
    for_each_seed(40, [&](world& w) {
      bench b{w};
      b.in([&](client& c) {
        async_stream_nolink<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b),
                                 note_end(b));
        c.run_after(duration{static_cast<std::int64_t>(w.seed()) * 1'000}, [&c, why] {
          if (why.is_kill())
            c.exit(c.self(), why);
          else
            c.stop(why);
        });
      });
      w.advance(1s);
      CHECK(!b.n.is_alive(b.me));
      b.check_clean();
    });
  }
}

TEST_CASE("a generator that throws ends its owner, and the stream with it") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink<int>(
          c, b.sup,
          [n = 0]() mutable -> std::optional<int> {
            if (++n == 3)
              throw std::runtime_error{"no more"};
            return n + 1;
          },
          one_quick(), {.max_concurrency = 4}, note_item(b), note_end(b));
    });
    CHECK(b.end_of(b.me) == "crashed: no more");
    b.check_clean();
  });
}

TEST_CASE("when the supervisor of a stream stops, its items end and the stream with the first it cannot start") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(std::vector{2, 3, 4}), one_quick(), {.max_concurrency = 2}, note_item(b),
                               note_end(b));
      c.run_after(1s, [&] { c.stop_process(b.sup, reason::shutdown(), 10s, [](const auto&) {}); });
    });
    w.advance(20s);
    REQUIRE(!b.heard.empty());
    CHECK(b.heard.back().starts_with("end: not_started: "));
    CHECK(b.n.processes().count() == b.at_rest - 1);
  });
}

TEST_CASE("a killed coordinator takes its tasks along and the owner hears of it") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(one_to_four), one_quick(), {.max_concurrency = 4}, note_item(b),
                               note_end(b));
    });
    w.advance(1s);
    for (const auto& p : b.n.processes().list(w.now()))
      if (p.label == "task stream")
        b.n.kill(pid{b.n.env().self(), p.id});
    w.advance(1s);
    CHECK(b.heard == strings{"ok 1", "end: ended: killed"});
    b.check_clean();
  });
}

TEST_CASE("a stuck item of a stream is left to its supervisor, and the stream ends") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink<int>(
          c, b.sup, each(std::vector{1, 2}),
          [](task_context& t, int i, task_promise<int> p) {
            if (i == 2)
              testing::block(100s);
            t.run_after(1ms, [p, i] { p.set(i); });
          },
          {.timeout = 1s,
           .on_timeout = on_timeout::kill_task,
           .task = {.shutdown = shutdown_policy::brutal_kill(), .kill_grace = 1s}},
          note_item(b), note_end(b));
    });
    w.advance(10s);
    CHECK(b.heard == strings{"ok 1", "timeout", "end"});
    w.advance(100s);
    b.check_clean();
  });
}
