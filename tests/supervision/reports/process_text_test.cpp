#include "actors/pid.hpp"
#include "actors/process_text.hpp"

#include <doctest/doctest.h>

using namespace beamline;

TEST_CASE("a pid reads back from every way it is written") {
  auto node = std::make_shared<const node_identity>(node_identity{"one@127.0.0.1", 7});
  auto id = (std::uint64_t{3} << 24) | 12;
  CHECK(short_text(id) == "<12.3>");
  CHECK(to_string(pid{node, id}) == "<one@127.0.0.1.12.3>");
  for (auto text : {"<12.3>", "12.3", "<n.12.3>", "n.12.3", "<one@127.0.0.1.12.3>", "one@127.0.0.1.12.3"})
    CHECK_MESSAGE(parse_pid_text(text, "one@127.0.0.1") == id, text);
}

TEST_CASE("what is no pid of this node is none") {
  for (auto text : {"", "<>", "12", "12.", ".3", "12.3.4", "<two@127.0.0.1.12.3>", "a.b", "12.3x", "-1.3", "16777216.1",
                    "1.1099511627776", "shop/cart", "<12.3"})
    CHECK_MESSAGE(!parse_pid_text(text, "one@127.0.0.1").has_value(), text);
  CHECK(parse_pid_text("16777215.1099511627775", "x").has_value());
}

TEST_CASE("times have three figures that matter") {
  CHECK(span_text(0ns) == "0ns");
  CHECK(span_text(850us) == "850us");
  CHECK(span_text(1234us) == "1.23ms");
  CHECK(span_text(12'300ms) == "12.3s");
  CHECK(span_text(12s) == "12s");
  CHECK(span_text(999'600us) == "1s");
  CHECK(span_text(59'960ms) == "1m00s");
  CHECK(span_text(187s) == "3m07s");
  CHECK(span_text(187s + 499ms) == "3m07s");
  CHECK(span_text(187s + 500ms) == "3m08s");
  CHECK(span_text(duration::max()) == "106751d23h");
  CHECK(span_text(2h + 5min) == "2h05m");
  CHECK(span_text(24h * 11 + 4h) == "11d04h");
  CHECK(span_text(-5s) == "-5s");
  CHECK(span_text(duration::min()).starts_with("-"));
}

TEST_CASE("numbers and sizes are grouped and scaled") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(9984) == "9,984");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.5 KiB");
  CHECK(bytes_text(5 * 1024 * 1024) == "5 MiB");
}

TEST_CASE("printable text is one line of whole characters") {
  CHECK(printable("plain", 10) == "plain");
  CHECK(printable("a\nb\x1b[2J\x7f", 20) == "a?b?[2J?");
  CHECK(printable("\xc2\x85 \xe2\x80\xae \xff", 20) == "? ? ?");
  CHECK(printable("0123456789", 10) == "0123456789");
  CHECK(printable("0123456789x", 10) == "0123456...");
  CHECK(printable("ääääää", 10) == "äää...");
  CHECK(columns("äö") == 2);
}

TEST_CASE("a line that is too long loses from its longest parts first") {
  auto write = [](const std::vector<std::string>& p) { return "<" + p[0] + "|" + p[1] + "|" + p[2] + ">"; };
  std::string a(10, 'a'), b(300, 'b'), c(400, 'c');
  CHECK(fit_line({a, "b", "c"}, 100, 8, write) == "<aaaaaaaaaa|b|c>");
  auto cut = fit_line({a, b, c}, 100, 8, write);
  CHECK(cut.size() <= 100);
  CHECK(cut == "<" + a + "|" + std::string(40, 'b') + "...|" + std::string(40, 'c') + "...>");
  CHECK(fit_line({a, b, c}, 20, 8, write).size() <= 20);  // Not even the least fits.
}
