#include "testing/faults/fault.hpp"
#include "testing/faults/line_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::testing;

namespace {

fault read(std::string_view line) {
  auto f = parse_fault(line);
  REQUIRE_MESSAGE(f.ok(), line << ": " << (f.ok() ? "" : f.error().message));
  return *f;
}

/// The error's message.
std::string refused(std::string_view line) {
  auto f = parse_fault(line);
  REQUIRE_MESSAGE(!f.ok(), line << " was read as " << to_string(*f));
  CHECK(f.error().code == errc::invalid);
  return f.error().message;
}

}  // namespace

TEST_CASE("durations are written in their largest unit, exact to the nanosecond, and read back") {
  const std::vector<std::pair<duration, std::string>> known{
      {0ns, "0s"},
      {1ns, "1ns"},
      {999ns, "999ns"},
      {3us, "3us"},
      {1500ns, "1.5us"},
      {120ms, "120ms"},
      {1250ms, "1.25s"},
      {60s, "60s"},
      {2h, "7200s"},
      {-1250ms, "-1.25s"},
      {1'000'000'001ns, "1.000000001s"},
      {duration::max(), "9223372036.854775807s"},
  };
  for (const auto& [d, text] : known) {
    CHECK(detail::duration_text(d) == text);
    duration back{};
    REQUIRE(detail::read_duration(text, back));
    CHECK(back == d);
  }
}

TEST_CASE("what is no duration is refused, and so is one that does not fit") {
  duration d{};
  for (const auto* text : {"", "s", "3", "3m", "3 us", "1.us", ".5s", "1.0005us", "0.5ns", "--1s", "+1s", "1e3s",
                           "9223372036.854775808s", "99999999999999999999s", "1.1234567890s"})
    CHECK_FALSE_MESSAGE(detail::read_duration(text, d), text);
}

TEST_CASE("each kind of fault reads as a sentence") {
  const std::vector<std::string> lines{
      "crash a@sim at 120ms for 600ms",
      "power_loss a@sim 3us after outbox.accepted #39 for 1.25s",
      "kill a@sim outbox after outbox.accepted #3",
      "partition a@sim | b@sim at 1.25s for 300ms",
      "partition_one_way a@sim -> b@sim at 1.25s for 300ms",
      "reset a@sim | b@sim at 3us",
      "half_open a@sim | b@sim at 3us",
      "stall a@sim | b@sim at 3us for 1s",
      "slow_link a@sim | b@sim to 20 octets/ms at 1s for 500ms",
      "pause a@sim at 0s for 500ms",
      "disk_full a@sim at 1s for 500ms",
      "disk_error a@sim at 1s for 500ms",
      "slow_disk a@sim times 10 at 1s for 500ms",
      "clock_step a@sim by -1.5s at 40ms",
      "dns_outage a@sim at 40ms for 1s",
  };
  CHECK(lines.size() == fault_kinds);
  for (const auto& line : lines)
    CHECK(to_string(read(line)) == line);
}

TEST_CASE("a fault's line gives its fields") {
  auto f = read("slow_link a@sim | b@sim to 20 octets/ms 3us after link.up #2 for 500ms");
  CHECK(f
        == fault{.what = fault_kind::slow_link,
                 .node = "a@sim",
                 .other = "b@sim",
                 .lasts = 500ms,
                 .amount = 20,
                 .event = "link.up",
                 .nth = 2,
                 .delay = 3us});
  CHECK(read("clock_step a@sim by -1.5s at 40ms").lasts == -1500ms);
}

TEST_CASE("what says nothing may be left out of a fault") {
  auto f = read("  crash\ta@sim after node.up  # at once, and down for no time");
  CHECK(f == fault{.what = fault_kind::crash, .node = "a@sim", .event = "node.up"});
  CHECK(to_string(f) == "crash a@sim after node.up #1");
}

TEST_CASE("names with blanks and other odd characters survive in quotes") {
  for (const std::string name :
       {"the outbox", "with \"quotes\"", "back\\slash", "#3", "a|b", "a, b", "", "tab\tnew\nline\x7f", "caf\xc3\xa9"}) {
    fault f{.what = fault_kind::kill, .node = "a@sim", .target = name, .at = 1s};
    CHECK(read(to_string(f)) == f);
  }
}

TEST_CASE("an unreadable fault names the column, what was found and what was expected") {
  CHECK(refused("")
        == "column 1: found the end, expected a kind of fault (crash, power_loss, kill, partition, "
           "partition_one_way, reset, half_open, stall, slow_link, pause, disk_full, disk_error, slow_disk, "
           "clock_step, dns_outage)");
  CHECK(refused("explode a@sim at 1s").starts_with("column 1: found \"explode\", expected a kind of fault"));
  CHECK(refused("crash") == "column 6: found the end, expected a node");
  CHECK(refused("partition a@sim b@sim at 1s") == "column 17: found \"b@sim\", expected \"|\"");
  CHECK(refused("partition_one_way a@sim | b@sim at 1s") == "column 25: found \"|\", expected \"->\"");
  CHECK(refused("reset a@sim | a@sim at 1s") == "column 15: found \"a@sim\", expected another node than a@sim");
  CHECK(refused("reset a@sim | at")
        == "column 17: found the end, expected \"at\" and a duration, or \"after\" and an event, or a "
           "duration and \"after\"");
  CHECK(refused("reset a@sim |") == "column 14: found the end, expected another node");
  CHECK(refused("kill a@sim") == "column 11: found the end, expected the name or label of a process");
  CHECK(refused("slow_link a@sim | b@sim at 1s") == "column 25: found \"at\", expected \"to\"");
  CHECK(refused("slow_link a@sim | b@sim to fast") == "column 28: found \"fast\", expected a number above 0");
  CHECK(refused("slow_link a@sim | b@sim to 0 octets/ms at 1s") == "column 28: found \"0\", expected a number above 0");
  CHECK(refused("slow_link a@sim | b@sim to 3 at 1s") == "column 30: found \"at\", expected \"octets/ms\"");
  CHECK(refused("slow_disk a@sim times -3 at 1s") == "column 23: found \"-3\", expected a number above 0");
  CHECK(refused("clock_step a@sim at 1s") == "column 18: found \"at\", expected \"by\"");
  CHECK(refused("clock_step a@sim by far at 1s")
        == "column 21: found \"far\", expected a duration such as 1.5s or -1.5s");
  CHECK(refused("crash a@sim at noon")
        == "column 16: found \"noon\", expected a duration such as 3us or 1.25s, not negative");
  CHECK(refused("crash a@sim at -1s")
        == "column 16: found \"-1s\", expected a duration such as 3us or 1.25s, not negative");
  CHECK(refused("crash a@sim -1s after x").starts_with("column 13: found \"-1s\", expected \"at\" and a duration"));
  CHECK(refused("crash a@sim 3us x") == "column 17: found \"x\", expected \"after\"");
  CHECK(refused("crash a@sim after") == "column 18: found the end, expected the name of an event");
  CHECK(refused("crash a@sim after x #0") == "column 21: found \"#0\", expected # and which one, from 1: #3");
  CHECK(refused("crash a@sim after x #5000000000").starts_with("column 21: found \"#5000000000\", expected # and"));
  CHECK(refused("crash a@sim at 1s during 3s")
        == "column 19: found \"during\", expected \"for\" and a duration, or the end of the line");
  CHECK(refused("crash a@sim at 1s for 3s 4s") == "column 26: found \"4s\", expected the end of the line");
  CHECK(refused("reset a@sim | b@sim at 1s for 3s") == "column 27: found \"for\", expected the end of the line");
  CHECK(refused("kill a@sim \"the outbox")
        == "column 12: found a quote without its end, expected \" before the end of the line");
  CHECK(refused(R"(kill a@sim "a\q" at 1s)")
        == R"(column 14: found a lone backslash, expected \", \\ or \x and two hex digits)");
}
