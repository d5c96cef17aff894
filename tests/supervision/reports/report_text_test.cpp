#include "actors/report_redaction.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "supervision/events.hpp"
#include "supervision/report.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::supervision;

namespace {

std::uint64_t id_of(std::uint64_t slot, std::uint64_t use) { return (use << 24) | slot; }

report usual_report() {
  auto node = std::make_shared<const node_identity>(node_identity{"one@sim", 1});
  report r;
  r.what = report::kind::child_terminated;
  r.supervisor = pid{node, id_of(4, 1)};
  r.supervisor_label = "pipeline";
  r.why = reason::crashed("boom");
  r.id = "counter";
  r.child = pid{node, id_of(5, 2)};
  r.child_kind = "app::counter";
  r.incarnation = 3;
  r.strategy = strategy::rest_for_one;
  r.restarts_in_period = 2;
  r.intensity = 3;
  r.lived = 12'300ms;
  r.last_message = "app::add";
  r.affected = {"writer", "index"};
  r.shutdown = shutdown_policy{5s};
  return r;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("G08 a report has fixed fields, and its long parts are cut") {
  auto r = usual_report();
  CHECK(to_string(r)
        == "child_terminated: \"counter\" <5.2> of \"pipeline\" <4.1>: crashed: boom (permanent worker, app::counter, "
           "life 3, lived 12.3s, last handled app::add; rest_for_one, restarts 2/3), with writer, index");

  SUBCASE("without a limit that matters nothing is cut") {
    r.why = reason::crashed(std::string(500, 'x'));
    CHECK(contains(to_string(r), std::string(500, 'x') + " (permanent"));
  }
  SUBCASE("the longest part is cut, the others stay whole") {
    r.why = reason::crashed(std::string(100'000, 'x'));
    auto text = to_string(r);
    CHECK(text.size() <= report_text_max);
    CHECK(text.size() > report_text_max - 8);
    CHECK(contains(text, "xxx... (permanent"));
    CHECK(contains(text, "with writer, index"));
  }
  SUBCASE("several long parts share what there is") {
    r.why = reason::crashed(std::string(100'000, 'x'));
    r.id = std::string(50'000, 'i');
    r.affected.assign(report::affected_max, std::string(1'000, 's'));
    auto text = to_string(r);
    CHECK(text.size() <= report_text_max);
    CHECK(contains(text, "\"" + std::string(100, 'i')));
    CHECK(contains(text, "crashed: " + std::string(100, 'x')));
    CHECK(contains(text, "app::counter"));
    CHECK(contains(text, "restarts 2/3"));
  }
  SUBCASE("whatever names hold, it stays one line that a terminal can take") {
    r.id = "evil\n\x1b[2J";
    r.why = reason::crashed("two\nlines \xff");
    auto text = to_string(r);
    CHECK(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
    CHECK(contains(text, "two?lines ?"));
  }
}

TEST_CASE("G09 a report in several lines, in one, with a limit, and of many children") {
  auto r = usual_report();
  SUBCASE("several lines") {
    CHECK(format_report(r) == R"(child_terminated: a child has ended
  supervisor   "pipeline" <4.1>, rest_for_one, restarts 2/3
  reason       crashed: boom
  child        "counter" <5.2>
  class        app::counter
  spec         permanent worker, shutdown 5000ms
  life         3, lived 12.3s
  message      last handled app::add
  with         writer, index
)");
  }
  SUBCASE("one line") { CHECK(format_report(r, {.is_single_line = true}) == to_string(r)); }
  SUBCASE("a limit leaves out lines at the end, and never more than the limit is written") {
    r.why = reason::crashed(std::string(10'000, 'x'));
    for (std::size_t limit : {40U, 100U, 200U, 400U, 1'000U}) {
      CHECK(format_report(r, {.octets_max = limit}).size() <= limit + 1);
      CHECK(format_report(r, {.octets_max = limit, .is_single_line = true}).size() <= limit);
    }
    CHECK(contains(format_report(r, {.octets_max = 400}), "xxx...\n"));
  }
  SUBCASE("many children of a dynamic supervisor in one report") {
    r.what = report::kind::shutdown_error;
    r.children = 9'985;
    CHECK(contains(to_string(r), "\"counter\" <5.2> and 9,984 more of \"pipeline\""));
    CHECK(contains(format_report(r), "child        \"counter\" <5.2> and 9,984 more\n"));
    CHECK(to_json(r)["children"] == 9'985);
  }
  SUBCASE("a retry, a child that never was, and one stuck in a handler") {
    r.what = report::kind::start_error;
    r.is_restarting = true;
    r.child = {};
    r.took = 5ms;
    CHECK(to_string(r).starts_with("start_error (retry): \"counter\" (no process) of"));
    CHECK(contains(format_report(r), "child        \"counter\" (no process), being restarted\n"));
    r.what = report::kind::zombie;
    r.handling_for = 61s;
    CHECK(contains(to_string(r), "in app::add for 1m01s"));
    CHECK(contains(format_report(r), "message      in app::add for 1m01s\n"));
  }
}

TEST_CASE("a report as JSON has every field") {
  auto j = to_json(usual_report());
  CHECK(j["kind"] == "child_terminated");
  CHECK(j["level"] == "error");
  CHECK(j["supervisor"]["pid"] == "<one@sim.4.1>");
  CHECK(j["child"]["id"] == "counter");
  CHECK(j["child"]["restart"] == "permanent");
  CHECK(j["child"]["incarnation"] == 3);
  CHECK(j["reason"]["kind"] == "crashed");
  CHECK(j["reason"]["text"] == "boom");
  CHECK(j["strategy"] == "rest_for_one");
  CHECK(j["affected"] == json{"writer", "index"});
  CHECK(j["lived_ms"] == 12'300.0);
  CHECK(j["text"] == to_string(usual_report()));
  auto progress = usual_report();
  progress.what = report::kind::progress;
  CHECK(to_json(progress)["reason"].is_null());
}

TEST_CASE("levels tell what went wrong from what went as it should") {
  report r;
  auto level = [&](report::kind k) {
    r.what = k;
    return level_of(r);
  };
  CHECK(level(report::kind::child_terminated) == log_level::error);
  CHECK(level(report::kind::start_error) == log_level::error);
  CHECK(level(report::kind::shutdown_error) == log_level::error);
  CHECK(level(report::kind::zombie) == log_level::error);
  CHECK(level(report::kind::zombie_reaped) == log_level::info);
  CHECK(level(report::kind::progress) == log_level::info);
  r.is_api_start = true;
  CHECK(level(report::kind::progress) == log_level::debug);
  r.why = reason::custom("reached_max_restart_intensity");
  CHECK(level(report::kind::shutdown) == log_level::error);
  r.why = reason::shutdown("auto_shutdown");
  CHECK(level(report::kind::shutdown) == log_level::info);
}

TEST_CASE("a report is one event and one line of the log") {
  testing::world w;
  auto& n = w.start_node();
  std::vector<std::string> events;
  auto h = n.events().attach<supervisor_reported>([&](const supervisor_reported& e) {
    events.push_back(std::string{to_string(e.what)} + " " + std::string{e.id} + " " + std::string{e.reason});
  });
  n.env().log().set_level(log_level::info);
  publish(n.env(), usual_report());
  CHECK(events == std::vector<std::string>{"child_terminated counter crashed: boom"});
  auto lines = n.env().log().recent();
  REQUIRE(lines.size() == 1);
  for (auto part : {"error", "supervision", "child_terminated", "supervisor=pipeline", "child=counter", "crashed: boom",
                    "restarts=2/3", "life=3"})
    CHECK_MESSAGE(contains(lines[0], part), lines[0]);
}

TEST_CASE("nobody who listens means that nothing is gathered") {
  testing::world w;
  auto& n = w.start_node();
  n.env().log().set_level(log_level::error);
  CHECK(is_wanted(n.env(), report::kind::child_terminated));
  CHECK_FALSE(is_wanted(n.env(), report::kind::progress));
  auto h = n.events().attach<supervisor_reported>([](const supervisor_reported&) {});
  CHECK(is_wanted(n.env(), report::kind::progress));
}

TEST_CASE("what the redaction hides is in no event and in no line") {
  testing::world w;
  auto& n = w.start_node();
  report_redaction hide{[](std::string_view field, std::string text) {
    if (field == "id")
      throw std::runtime_error{"cannot say"};
    return field == "reason" ? std::string{"(hidden)"} : std::move(text);
  }};
  n.env().provide(hide);
  std::string seen;
  auto h = n.events().attach<supervisor_reported>([&](const supervisor_reported& e) { seen = to_string(e.full); });
  n.env().log().set_level(log_level::info);
  auto r = usual_report();
  r.why = reason::crashed("password hunter2");
  publish(n.env(), r);
  auto line = n.env().log().recent().back();
  for (const auto& text : {seen, line}) {
    CHECK_FALSE(contains(text, "hunter2"));
    CHECK(contains(text, "(hidden)"));
    CHECK_FALSE(contains(text, "counter\""));  // When the redaction fails, the text is hidden.
    CHECK(contains(text, "pipeline"));
  }
}
