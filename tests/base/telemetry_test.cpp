#include "base/telemetry.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

enum class verdict { good, bad };

std::string_view to_string(verdict v) { return v == verdict::good ? "good" : "bad"; }

struct request_done {
  static constexpr std::string_view event_name = "web.request";
  std::string route;
  int status = 0;
  duration took{};
  BEAMLINE_EVENT(route, status, took)
};

struct queue_full {
  static constexpr std::string_view event_name = "store.queue_full";
  unsigned depth = 0;
  double load = 0;
  bool fatal = false;
  verdict judged = verdict::good;
  BEAMLINE_EVENT(depth, load, fatal, judged)
};

struct bare {
  static constexpr std::string_view event_name = "web.bare";
  BEAMLINE_EVENT()
};

struct widest {
  static constexpr std::string_view event_name = "test.widest";
  int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12;
  BEAMLINE_EVENT(a, b, c, d, e, f, g, h, i, j, k, l)
};

std::string describe(const event_view& e) {
  auto text = std::string{e.name()};
  e.for_each([&](std::string_view key, const event_value& v) { text += " " + std::string{key} + "=" + to_text(v); });
  return text;
}

}  // namespace

TEST_CASE("a typed handler sees each event of its type, and only those") {
  telemetry t;
  auto seen = std::vector<int>{};
  auto h = t.attach<request_done>([&](const request_done& e) { seen.push_back(e.status); });
  t.emit(request_done{"/", 200, 3ms});
  t.emit(bare{});
  t.emit(request_done{"/no", 404, 1ms});
  CHECK(seen == std::vector{200, 404});
}

TEST_CASE("handlers attached by prefix see names, keys in declared order, and values") {
  telemetry t;
  auto seen = std::vector<std::string>{};
  auto h = t.attach_all([&](const event_view& e) { seen.push_back(describe(e)); }, "web.");
  t.emit(request_done{"/blog", 200, 1500us});
  t.emit(queue_full{});
  t.emit(bare{});
  CHECK(seen == std::vector<std::string>{"web.request route=/blog status=200 took=1.5ms", "web.bare"});
}

TEST_CASE("after detach_all nobody is told anything, and handles that are left do no harm") {
  telemetry t;
  int seen = 0;
  auto typed = t.attach<bare>([&](const bare&) { ++seen; });
  auto all = t.attach_all([&](const event_view&) { ++seen; });
  t.emit(bare{});
  CHECK(seen == 2);
  t.detach_all();
  t.emit(bare{});
  CHECK(seen == 2);
  CHECK_FALSE(typed.attached());
  typed.detach();
  auto again = t.attach<bare>([&](const bare&) { ++seen; });
  t.emit(bare{});
  CHECK(seen == 3);
}

TEST_CASE("an empty prefix sees everything, each field type included") {
  telemetry t;
  auto seen = std::vector<std::string>{};
  auto h = t.attach_all([&](const event_view& e) { seen.push_back(describe(e)); });
  t.emit(queue_full{7, 0.25, true, verdict::bad});
  t.emit(widest{});
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == "store.queue_full depth=7 load=0.25 fatal=true judged=bad");
  CHECK(seen[1] == "test.widest a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12");
}

TEST_CASE("event_view finds fields by key and gives the event back by type") {
  telemetry t;
  auto calls = 0;
  auto h = t.attach_all([&](const event_view& e) {
    ++calls;
    CHECK(e.get("status") == event_value{std::int64_t{200}});
    CHECK_FALSE(e.get("no such field"));
    REQUIRE(e.as<request_done>());
    CHECK(e.as<request_done>()->route == "/");
    CHECK_FALSE(e.as<bare>());
  });
  t.emit(request_done{"/", 200, {}});
  CHECK(calls == 1);
}

TEST_CASE("event values read as people expect") {
  CHECK(to_text(to_event_value(-5)) == "-5");
  CHECK(to_text(to_event_value(std::uint64_t{18446744073709551615ULL})) == "18446744073709551615");
  CHECK(to_text(to_event_value(false)) == "false");
  CHECK(to_text(to_event_value("text")) == "text");
  CHECK(to_text(to_event_value(duration{0})) == "0ns");
  CHECK(to_text(to_event_value(250ns)) == "250ns");
  CHECK(to_text(to_event_value(2s)) == "2s");
  CHECK(to_text(to_event_value(-1250us)) == "-1.25ms");
  CHECK(to_text(to_event_value(100min)) == "6000s");
}

TEST_CASE("nobody wants an event until a handler is attached, and not after it is gone") {
  telemetry t;
  CHECK_FALSE(t.wants<bare>());
  {
    auto h = t.attach<bare>([](const bare&) {});
    CHECK(t.wants<bare>());
    CHECK_FALSE(t.wants<request_done>());
  }
  CHECK_FALSE(t.wants<bare>());
  auto h = t.attach_all([](const event_view&) {}, "web.");
  CHECK(t.wants<bare>());
  CHECK_FALSE(t.wants<queue_full>());
}

TEST_CASE("an event that is built on demand is built only when somebody wants it") {
  telemetry t;
  auto built = 0;
  auto make = [&] {
    ++built;
    return bare{};
  };
  t.emit<bare>(make);
  CHECK(built == 0);
  auto seen = 0;
  auto h = t.attach<bare>([&](const bare&) { ++seen; });
  t.emit<bare>(make);
  CHECK(built == 1);
  CHECK(seen == 1);
}

TEST_CASE("handlers run in the order they were attached, typed ones first") {
  telemetry t;
  auto order = std::string{};
  auto p = t.attach_all([&](const event_view&) { order += "p"; });
  auto a = t.attach<bare>([&](const bare&) { order += "a"; });
  auto b = t.attach<bare>([&](const bare&) { order += "b"; });
  t.emit(bare{});
  CHECK(order == "abp");
  a.detach();
  t.emit(bare{});
  CHECK(order == "abpbp");
}

TEST_CASE("a handle detaches once, can be moved, and may outlive the telemetry object") {
  auto held = std::make_shared<int>(1);
  auto outliving = telemetry::handle{};
  {
    telemetry t;
    auto seen = 0;
    auto first = t.attach<bare>([&seen](const bare&) { ++seen; });
    auto second = std::move(first);
    CHECK(second.attached());
    CHECK_FALSE(first.attached());  // NOLINT: a moved-from handle holds nothing
    t.emit(bare{});
    CHECK(seen == 1);
    second = t.attach<bare>([held](const bare&) {});  // Assigning detaches what was held before.
    t.emit(bare{});
    CHECK(seen == 1);
    second.detach();
    second.detach();
    CHECK(held.use_count() == 1);  // Detaching lets go of what the handler captured.
    outliving = t.attach<bare>([held](const bare&) {});
  }
  CHECK(outliving.attached());
  outliving.detach();
  CHECK(held.use_count() == 1);
}

TEST_CASE("a handler that throws is detached and reported, the others go on") {
  telemetry t;
  auto reports = std::vector<std::string>{};
  auto good = 0;
  auto r = t.attach<handler_failed>(
      [&](const handler_failed& e) { reports.push_back(std::string{e.event} + ": " + std::string{e.what}); });
  auto bad = t.attach<bare>([](const bare&) { throw std::runtime_error{"no luck"}; });
  auto odd = t.attach<bare>([](const bare&) { throw 7; });
  auto ok = t.attach<bare>([&](const bare&) { ++good; });
  t.emit(bare{});
  t.emit(bare{});
  CHECK(good == 2);
  CHECK_FALSE(bad.attached());
  CHECK_FALSE(odd.attached());
  CHECK(ok.attached());
  CHECK(reports
        == std::vector<std::string>{"web.bare: no luck", "web.bare: an exception that is not a std::exception"});
}

TEST_CASE("a failing handler of handler_failed ends itself, not the program") {
  telemetry t;
  auto r1 = t.attach<handler_failed>([](const handler_failed&) { throw std::runtime_error{"worse"}; });
  auto seen = 0;
  auto r2 = t.attach<handler_failed>([&](const handler_failed&) { ++seen; });
  auto bad = t.attach<bare>([](const bare&) { throw std::runtime_error{"bad"}; });
  t.emit(bare{});
  CHECK_FALSE(r1.attached());
  CHECK_FALSE(bad.attached());
  CHECK(r2.attached());
  CHECK(seen == 2);  // bad's failure and r1's.
}

TEST_CASE("a handler that emits is not called for its own events") {
  telemetry t;
  auto calls = 0;
  auto others = 0;
  auto h = t.attach_all([&](const event_view&) {
    ++calls;
    t.emit(bare{});
  });
  auto o = t.attach<bare>([&](const bare&) { ++others; });
  t.emit(request_done{});
  CHECK(calls == 1);
  CHECK(others == 1);
}

TEST_CASE("a handler may detach itself and finishes its call") {
  telemetry t;
  auto finished = 0;
  auto h = telemetry::handle{};
  h = t.attach<bare>([&](const bare&) {
    h.detach();
    ++finished;
  });
  t.emit(bare{});
  t.emit(bare{});
  CHECK(finished == 1);
}

TEST_CASE("a handler may attach another, which sees the next event") {
  telemetry t;
  auto late = 0;
  auto inner = telemetry::handle{};
  auto outer = t.attach<bare>([&](const bare&) {
    if (!inner.attached())
      inner = t.attach<bare>([&](const bare&) { ++late; });
  });
  t.emit(bare{});
  CHECK(late == 0);
  t.emit(bare{});
  CHECK(late == 1);
}

TEST_CASE("two telemetry objects know nothing of each other") {
  telemetry one;
  telemetry two;
  auto seen = 0;
  auto h = one.attach<bare>([&](const bare&) { ++seen; });
  two.emit(bare{});
  CHECK(seen == 0);
  CHECK_FALSE(two.wants<bare>());
}

TEST_CASE("after detach returns, no thread is in the handler or enters it") {
  telemetry t;
  auto stop = std::atomic<bool>{false};
  auto emitters = std::vector<std::thread>{};
  for (int i = 0; i < 3; ++i)
    emitters.emplace_back([&] {
      while (!stop.load())
        t.emit(bare{});
    });
  auto violations = std::atomic<int>{0};
  auto calls = std::atomic<int>{0};
  for (int round = 0; round < 300; ++round) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    auto* flag = alive.get();
    const auto before = calls.load();
    auto h = t.attach<bare>([&, flag](const bare&) {
      calls.fetch_add(1);
      if (!flag->load())
        violations.fetch_add(1);
    });
    if (round % 2 == 0)
      while (calls.load() == before)
        std::this_thread::yield();
    h.detach();
    flag->store(false);  // From here on a call would be seen, and by a sanitizer after the round as well.
  }
  stop.store(true);
  for (auto& e : emitters)
    e.join();
  CHECK(violations.load() == 0);
  CHECK(calls.load() > 0);
}
