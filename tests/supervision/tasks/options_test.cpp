#include "supervision/tasks/bench.hpp"

#include <stdexcept>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::tests;
using testing::world;

namespace {

void check_refused(const stream_options& o, const std::string& text) {
  auto ok = check_stream_options(o);
  REQUIRE(!ok);
  CHECK(ok.error().message == text);
}

}  // namespace

TEST_CASE("task options say what is wrong with them") {
  CHECK(check_task_options({}));
  CHECK(check_task_options({.shutdown = shutdown_policy::brutal_kill()}));
  CHECK(check_task_options({.shutdown = shutdown_policy::infinity()}));
  auto label = check_task_options({.label = ""});
  REQUIRE(!label);
  CHECK(label.error().message == "task.label is empty, expected a word for lists and logs");
  auto grace = check_task_options({.kill_grace = -1s});
  REQUIRE(!grace);
  CHECK(grace.error().message == "task.kill_grace is -1000 ms, expected 0 ms or more");
}

TEST_CASE("stream options say what is wrong with them") {
  CHECK(check_stream_options({}));
  CHECK(check_stream_options({.timeout = duration::max()}));
  check_refused({.max_concurrency = 0}, "max_concurrency is 0, expected 1 or more");
  check_refused({.timeout = duration{0}}, "timeout is 0 ms, expected more than 0 ms, or duration::max() for none");
  check_refused({.buffered_max = 0}, "buffered_max is 0, expected 1 or more");
}

TEST_CASE("K26 a stream with an invalid shutdown is refused at once") {
  world w{1};
  bench b{w};
  check_refused({.task = {.shutdown = duration{-5ms}}},
                "task.shutdown is -5 ms, expected 0 ms or more, infinity or brutal_kill");
  b.in([&](client& c) {
    CHECK_THROWS_AS(async_stream(
                        c, b.sup, each(std::vector{1}), [](int i) { return i; }, {.task = {.shutdown = duration{-5ms}}},
                        note_item(b), note_end(b)),
                    std::invalid_argument);
    CHECK_THROWS_AS(async(c, b.sup, [] {}, {.shutdown = duration{-5ms}}), std::invalid_argument);
    CHECK_THROWS_AS(start_task(c, b.sup, [] {}, {.task = {.label = ""}}), std::invalid_argument);
  });
  CHECK(b.heard.empty());
  b.check_clean();
}

TEST_CASE("errors of tasks read as one line") {
  CHECK(to_string(task_error{}) == "timeout");
  CHECK(to_string(task_error{task_error::kind::ended, reason::killed(), {}}) == "ended: killed");
  CHECK(to_string(task_error{task_error::kind::not_started, reason::noproc(), {}}) == "not_started: noproc");
  // Who ends because of a task's end never looks finished.
  auto ended = [](reason r) { return as_exit_reason({task_error::kind::ended, std::move(r), {}}, "t"); };
  CHECK(ended(reason::normal()) == reason::custom("task \"t\": ended: normal"));
  CHECK(ended(reason::kill()).why == reason::kind::killed);
  CHECK(ended(reason::shutdown()).why == reason::kind::shutdown);
}
