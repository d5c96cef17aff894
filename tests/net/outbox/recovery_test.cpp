#include "net/outbox/recovery.hpp"

#include "base/property.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::outbox;

namespace {

row some_row(bytes payload = "payload") {
  return {.at = 3,
          .what = {{0x018bcfe568007000, 0x8000000000000001},
                   "visit",
                   std::move(payload),
                   "hello",
                   wall_time{std::chrono::seconds{1'700'000'000}}},
          .merged = 4};
}

}  // namespace

TEST_CASE("an event that was written down is read back as it was, whatever octets it holds") {
  testing::check_property([](std::uint64_t id, std::int64_t at) {
    auto r = some_row(*testing::any_octets());
    r.what.id = uid{id, 1};
    r.what.key = "k" + std::to_string(id % 7);
    // Before 2200.
    r.what.at = wall_time{std::chrono::microseconds{static_cast<std::uint64_t>(at) % 7'258'118'400'000'000}};
    auto line = recovery_line(r, "a \"reason\"\nof two lines");
    RC_ASSERT(line.back() == '\n');
    RC_ASSERT(line.find('\n') == line.size() - 1);
    auto back = parse_recovery_line(line);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == r.what);
  });
}

TEST_CASE("a line of a recovery file is what the documentation says") {
  CHECK(recovery_line(some_row(), "full")
        == R"({"at":1700000000000000,"id":"018bcfe5-6800-7000-8000-000000000001","key":"hello","merged":4,)"
           R"("payload":"cGF5bG9hZA","type":"visit","why":"full"})"
           "\n");
}

TEST_CASE("lines of a recovery file that are no events are told by their number, and the others are read") {
  auto good = recovery_line(some_row(), "x");
  auto file = good + "\n\n{\"id\":1}\n" + "not json\n" + good.substr(0, good.size() - 1);
  auto r = parse_recovery_file(file);
  CHECK(r.events.size() == 2);
  REQUIRE(r.problems.size() == 2);
  CHECK(r.problems[0].starts_with("line 4: \"id\" is missing"));
  CHECK(r.problems[1].starts_with("line 5: "));
}

TEST_CASE("a recovery line that lacks something says what") {
  auto says = [](std::string_view line, std::string_view what) {
    auto e = parse_recovery_line(line);
    REQUIRE_FALSE(e.ok());
    INFO(e.error().message);
    CHECK(e.error().message.find(what) != std::string::npos);
  };
  const std::string id = R"("id":"018bcfe5-6800-7000-8000-000000000001")";
  says("{" + id + R"(,"key":"k","at":1,"payload":""})", "\"type\"");
  says("{" + id + R"(,"type":"t","at":1,"payload":""})", "\"key\"");
  says("{" + id + R"(,"type":"t","key":"k","payload":""})", "\"at\"");
  for (const auto* at : {"-1", "7258118400000000", "9223372036854775807", "-9223372036854775808"})
    says("{" + id + R"(,"type":"t","key":"k","payload":"","at":)" + at + "}", "before 2200");
  says("{" + id + R"(,"type":"t","key":"k","at":1})", "\"payload\"");
  says("{" + id + R"(,"type":"t","key":"k","at":1,"payload":"?"})", "\"payload\"");
  says(R"({"id":"00000000-0000-0000-0000-000000000000","type":"t","key":"k","at":1,"payload":""})", "\"id\"");
  says("[]", "\"id\"");
}
