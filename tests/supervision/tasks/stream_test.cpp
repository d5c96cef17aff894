#include "supervision/tasks/bench.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::for_each_seed;
using testing::world;

namespace {

const std::vector one_to_four{1, 2, 3, 4};

/// Each item takes so many tens of milliseconds.
auto slow() {
  return [](task_context& t, int i, task_promise<int> p) { t.run_after(i * 10ms, [p, i] { p.set(i); }); };
}

auto failing() {
  return [](task_context& t, int i) -> int { t.fail(reason::custom(std::to_string(i))); };
}

}  // namespace

TEST_CASE("K19 a stream gives the values in the order of the input") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream(
          c, b.sup, each(one_to_four), [](int i) { return i; }, {}, note_item(b), note_end(b));
      CHECK(b.heard.empty());
    });
    CHECK(b.heard == strings{"ok 1", "ok 2", "ok 3", "ok 4", "end"});
    b.check_clean();
  });
}

TEST_CASE("K21 a stream leaves nothing in the mailbox of its owner, nor anywhere else") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in([&](client& c) {
      async_stream<int>(c, b.sup, each(one_to_four), slow(), {.max_concurrency = 2}, note_item(b), note_end(b));
    });
    w.advance(1s);
    CHECK(b.heard.size() == 5);
    CHECK(b.exits.empty());
    b.check_clean();
  });
}

TEST_CASE("K22 an owner that traps exits gets failed items, in order") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in([&](client& c) {
      async_stream(c, b.sup, each(one_to_four), failing(), {.max_concurrency = 4}, note_item(b), note_end(b));
    });
    CHECK(b.heard == strings{"ended: custom: 1", "ended: custom: 2", "ended: custom: 3", "ended: custom: 4", "end"});
    CHECK(b.exits.empty());
    b.check_clean();
  });
}

TEST_CASE("an owner that does not trap exits ends with the first failure of a linked stream, and all ends with it") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream<int>(
          c, b.sup, each(std::vector{10, 3, 20}),
          [](task_context& t, int i, task_promise<int> p) {
            t.run_after(i * 10ms, [p, i] {
              if (i == 3)
                p.fail(reason::custom("three"));
              else
                p.set(i);
            });
          },
          {}, note_item(b), note_end(b));
    });
    w.advance(1s);
    CHECK(b.end_of(b.me) == "custom: three");
    CHECK(b.heard.empty());
    b.check_clean();
  });
}

TEST_CASE("K24 the tasks of a stream know their callers") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    pid outer;
    std::vector<std::vector<pid>> seen;
    b.in([&](client& c) {
      async<int>(c, b.sup, [&](task_context& t, task_promise<int> p) {
        outer = t.self();
        async_stream(
            t, b.sup, each(std::vector{1, 2}),
            [&](task_context& item, int i) {
              seen.push_back(item.callers());
              CHECK(item.owner() == outer);
              return i;
            },
            {}, note_item(b), [p](const auto&) { p.set(0); });
      });
    });
    CHECK(b.heard == strings{"ok 1", "ok 2"});
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == std::vector{outer, b.me});
    CHECK(seen[1] == std::vector{outer, b.me});
    b.check_clean();
  });
}

TEST_CASE("K25 failed items come with their input when that is wanted, and taking some of them ends the stream") {
  for_each_seed(40, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink(
          c, b.sup, each(std::vector{1, 2, 3, 4, 5, 6, 7, 8}), failing(),
          {.max_concurrency = 2, .zip_input_on_exit = true},
          [&](const stream_item<int, int>& i) {
            REQUIRE(i.input);
            CHECK(i.index + 1 == static_cast<std::uint64_t>(*i.input));
            b.heard.push_back(std::to_string(*i.input) + " " + to_string(i.outcome.error().why));
          },
          note_end(b))
          .take(4);
    });
    CHECK(b.heard == strings{"1 custom: 1", "2 custom: 2", "3 custom: 3", "4 custom: 4", "end"});
    b.check_clean();
  });
}

TEST_CASE("values come without their input, which is not kept either") {
  for_each_seed(10, [](world& w) {
    bench b{w};
    auto token = std::make_shared<int>(1);
    b.in([&](client& c) {
      async_stream(
          c, b.sup, each(std::vector{token}), [](const std::shared_ptr<int>& p) { return *p; },
          {.zip_input_on_exit = true},
          [&](const stream_item<std::shared_ptr<int>, int>& i) {
            CHECK(!i.input);
            note_item(b)(i);
          },
          note_end(b));
    });
    CHECK(b.heard == strings{"ok 1", "end"});
    b.check_clean();
    CHECK(token.use_count() == 1);
  });
}

TEST_CASE("K27 a stream without links gives the values in order") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink(
          c, b.sup, each(one_to_four), [](int i) { return i; }, {}, note_item(b), note_end(b));
    });
    CHECK(b.heard == strings{"ok 1", "ok 2", "ok 3", "ok 4", "end"});
    b.check_clean();
  });
}

TEST_CASE("K29 a stream without links leaves nothing in the mailbox of its owner") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.trap_exits();
    b.in(
        [&](client& c) { async_stream_nolink(c, b.sup, each(one_to_four), failing(), {}, note_item(b), note_end(b)); });
    CHECK(b.heard.size() == 5);
    CHECK(b.exits.empty());
    b.check_clean();
  });
}

TEST_CASE("K30 a stream whose slowest item is first still gives them in the order of the input") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream_nolink<int>(c, b.sup, each(std::vector{4, 3, 2, 1}), slow(), {}, note_item(b), note_end(b));
    });
    w.advance(1s);
    CHECK(b.heard == strings{"ok 4", "ok 3", "ok 2", "ok 1", "end"});
    b.check_clean();
  });
}

TEST_CASE("K39 unordered items come as they finish, slow ones may be killed or may take for ever") {
  SUBCASE("unordered") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        async_stream<int>(c, b.sup, each(std::vector{4, 3, 2, 1}), slow(), {.ordered = false}, note_item(b),
                          note_end(b));
      });
      b.w.advance(1s);
      CHECK(b.heard == strings{"ok 1", "ok 2", "ok 3", "ok 4", "end"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("kill_task") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        async_stream<int>(c, b.sup, each(std::vector{1'000}), slow(),
                          {.timeout = 5s, .on_timeout = on_timeout::kill_task}, note_item(b), note_end(b));
      });
      b.w.advance(6s);
      CHECK(b.heard == strings{"timeout", "end"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("no limit") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        async_stream<int>(c, b.sup, each(std::vector{100'000}), slow(), {.timeout = duration::max()}, note_item(b),
                          note_end(b));
      });
      b.w.advance(1001s);
      CHECK(b.heard == strings{"ok 100000", "end"});
      CHECK(b.n.is_alive(b.me));
    });
  }
  SUBCASE("bad options") {
    for_each_schedule(25, [](bench& b) {
      b.in([&](client& c) {
        CHECK_THROWS_AS(
            async_stream<int>(c, b.sup, each(one_to_four), slow(), {.max_concurrency = 0}, note_item(b), note_end(b)),
            std::invalid_argument);
      });
      CHECK(b.n.is_alive(b.me));
    });
  }
}

TEST_CASE("with on_timeout exit the owner ends when an item takes too long, and all ends with it") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream<int>(c, b.sup, each(std::vector{1, 1'000, 2}), slow(), {.timeout = 5s, .task = {.label = "slow"}},
                        note_item(b), note_end(b));
    });
    w.advance(6s);
    CHECK(b.heard == strings{"ok 1"});
    CHECK(b.end_of(b.me) == "custom: task \"slow\": timeout");
    b.check_clean();
  });
}

TEST_CASE("X36 a stream runs as many items at once as it may, and no more") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    int now = 0;
    int peak = 0;
    b.in([&](client& c) {
      async_stream<int>(
          c, b.sup, each(std::vector{1, 2, 3, 4, 5, 6, 7, 8}),
          [&](task_context& t, int i, task_promise<int> p) {
            peak = std::max(peak, ++now);
            t.run_after(10ms * (9 - i), [&, p, i] {
              --now;
              p.set(i);
            });
          },
          {.max_concurrency = 3}, note_item(b), note_end(b));
    });
    w.advance(1s);
    CHECK(peak == 3);
    CHECK(b.heard.size() == 9);
    b.check_clean();
  });
}

TEST_CASE("X37 an item that takes too long is killed, the others are not touched") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream<int>(
          c, b.sup, each(std::vector{1, 10'000, 2}), slow(),
          {.timeout = 1s, .on_timeout = on_timeout::kill_task, .zip_input_on_exit = true},
          [&](const stream_item<int, int>& i) {
            note_item(b)(i);
            if (i.input)
              b.heard.push_back("input " + std::to_string(*i.input));
          },
          note_end(b));
    });
    w.advance(5s);
    CHECK(b.heard == strings{"ok 1", "timeout", "input 10000", "ok 2", "end"});
    b.check_clean();
  });
}

TEST_CASE("behind a slow item a stream goes on, and stops when too many results wait") {
  for_each_seed(8, [](world& w) {
    bench b{w};
    int asked = 0;
    b.in([&](client& c) {
      async_stream<int>(
          c, b.sup, [&]() -> std::optional<int> { return asked < 100 ? std::optional{asked++} : std::nullopt; },
          [](task_context& t, int i, task_promise<int> p) { t.run_after(i == 0 ? 4s : 1ms, [p, i] { p.set(i); }); },
          {.max_concurrency = 2, .buffered_max = 10}, note_item(b), note_end(b));
    });
    w.advance(1s);
    CHECK(b.heard.empty());
    CHECK(asked == 10);
    w.advance(5s);
    CHECK(b.heard.size() == 101);
    b.check_clean();
  });
}

TEST_CASE("a stream asks for its input only as places become free") {
  for_each_seed(30, [](world& w) {
    bench b{w};
    int asked = 0;
    b.in([&](client& c) {
      async_stream<int>(
          c, b.sup, [&]() -> std::optional<int> { return ++asked; }, slow(), {.max_concurrency = 1, .ordered = false},
          note_item(b), note_end(b))
          .take(3);
    });
    w.advance(1s);
    CHECK(b.heard == strings{"ok 1", "ok 2", "ok 3", "end"});
    CHECK(asked <= 4);
    b.check_clean();
  });
}

TEST_CASE("an empty stream ends") {
  for_each_seed(20, [](world& w) {
    bench b{w};
    b.in([&](client& c) {
      async_stream(
          c, b.sup, each(std::vector<int>{}), [](int i) { return i; }, {}, note_item(b), note_end(b));
    });
    CHECK(b.heard == strings{"end"});
    b.check_clean();
  });
}
