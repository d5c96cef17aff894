// Over real threads: what the simulator cannot show are data races, and handlers that look at is_asked_to_stop.

#include "actors/simple_node.hpp"
#include "supervision/tasks/task.hpp"
#include "supervision/tasks/task_stream.hpp"
#include "supervision/tasks/task_supervisor.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace beamline;
using namespace beamline::supervision;

namespace {

struct run_stream {
  int items;
  int take;
};
struct tally {
  int values = 0;
  int failures = 0;
  bool is_in_order = true;
};
struct stop_spinner {
  std::atomic<bool>* is_spinning;
};

class consumer final : public process {
public:
  consumer(process_context& c, pid tasks) : process{c}, tasks_{std::move(tasks)} {}

  behavior init() override {
    return handlers([this](const run_stream& m) -> deferred { return run(m); },
                    [this](const stop_spinner& m) -> deferred { return stop_spinning(m.is_spinning); });
  }

private:
  deferred run(const run_stream& m) {
    auto p = promise<tally>();
    auto seen = std::make_shared<tally>();
    async_stream_nolink(
        *this, tasks_, [n = 0, all = m.items]() mutable { return n < all ? std::optional{n++} : std::nullopt; },
        [](task_context& t, int i) {
          if (i % 10 == 3)
            t.fail(reason::shutdown());
          return i;
        },
        {.max_concurrency = 16},
        [seen, next = std::uint64_t{0}](const stream_item<int, int>& i) mutable {
          seen->is_in_order =
              seen->is_in_order && i.index == next++ && (!i.outcome || *i.outcome == static_cast<int>(i.index));
          ++(i.outcome ? seen->values : seen->failures);
        },
        [seen, p](const std::optional<task_error>& why) {
          if (why)
            p.fail(why->why);
          else
            p.set(*seen);
        })
        .take(static_cast<std::size_t>(m.take));
    return p;
  }

  deferred stop_spinning(std::atomic<bool>* is_spinning) {
    auto p = promise<bool>();
    auto t = async(*this, tasks_,
                   [is_spinning](task_context& me) {
                     *is_spinning = true;
                     while (!me.is_asked_to_stop()) {}
                     *is_spinning = false;
                   },
                   {.has_own_thread = true});
    wait_for(t, p, is_spinning);
    return p;
  }
  void wait_for(const task<void>& t, const reply_promise<bool>& p, std::atomic<bool>* is_spinning) {
    run_after(1ms, [=, this] {
      if (!*is_spinning)
        return wait_for(t, p, is_spinning);
      t.shutdown(duration{10s}, [=](const std::optional<task_outcome<void>>& o) { p.set(o.has_value() && o->ok()); });
    });
  }

  pid tasks_;
};

}  // namespace

TEST_CASE("a stream of 1,000 items over real threads gives each once and in order, and leaves nothing") {
  simple_node n;
  auto tasks = n->spawn<task_supervisor>(task_supervisor_spec());
  auto c = n->spawn<consumer>(tasks);
  auto got = n->call_sync<tally>(c, run_stream{1'000, 1'000}, 60s);
  REQUIRE(std::holds_alternative<tally>(got));
  auto seen = std::get<tally>(got);
  CHECK(seen.values == 900);
  CHECK(seen.failures == 100);
  CHECK(seen.is_in_order);
  // Ended early, again and again, at moments the threads choose.
  for (int i = 1; i <= 50; ++i) {
    auto some = n->call_sync<tally>(c, run_stream{1'000, i}, 60s);
    REQUIRE(std::holds_alternative<tally>(some));
    CHECK(std::get<tally>(some).values + std::get<tally>(some).failures == i);
    CHECK(std::get<tally>(some).is_in_order);
  }
  CHECK(n.get().shutdown(10s).is_clean());
}

TEST_CASE("a task that loops and looks whether it is asked to stop can be shut down") {
  simple_node n;
  auto tasks = n->spawn<task_supervisor>(task_supervisor_spec());
  auto c = n->spawn<consumer>(tasks);
  std::atomic<bool> is_spinning = false;
  auto got = n->call_sync<bool>(c, stop_spinner{&is_spinning}, 60s);
  REQUIRE(std::holds_alternative<bool>(got));
  CHECK(std::get<bool>(got));  // It returned, and that is its value.
  CHECK(!is_spinning);
  CHECK(n.get().shutdown(10s).is_clean());
}
