#include "testing/faults/fault.hpp"

#include "testing/faults/line_text.hpp"
#include "testing/faults/read_fault.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace beamline::testing {

namespace {

// In the order of fault_kind.
constexpr std::array<std::pair<std::string_view, fault_shape>, fault_kinds> kinds{{
    {"crash", {.has_lasts = true}},
    {"power_loss", {.has_lasts = true}},
    {"kill", {.has_target = true}},
    {"partition", {.has_other = true, .has_lasts = true}},
    {"partition_one_way", {.has_other = true, .has_lasts = true}},
    {"reset", {.has_other = true}},
    {"half_open", {.has_other = true}},
    {"stall", {.has_other = true, .has_lasts = true}},
    {"slow_link", {.has_other = true, .has_lasts = true, .has_amount = true}},
    {"pause", {.has_lasts = true}},
    {"disk_full", {.has_lasts = true}},
    {"disk_error", {.has_lasts = true}},
    {"slow_disk", {.has_lasts = true, .has_amount = true}},
    {"clock_step", {.has_lasts = true}},
    {"dns_outage", {.has_lasts = true}},
}};

/// What stands between the two nodes.
std::string_view arrow_of(fault_kind k) { return k == fault_kind::partition_one_way ? "->" : "|"; }

std::string all_kinds() {
  std::string out = "a kind of fault (";
  for (const auto& [name, shape] : kinds)
    out.append(out.ends_with('(') ? "" : ", ").append(name);
  return out + ")";
}

fault_kind read_kind(detail::line_reader& in) {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (in.take(kinds[i].first))
      return static_cast<fault_kind>(i);
  in.fail(all_kinds());
}

void read_amount(detail::line_reader& in, fault& f) {
  in.keyword(f.what == fault_kind::slow_link ? "to" : "times");
  if (in.peek() == "0")
    in.fail("a number above 0");
  f.amount = in.number("a number above 0");
  if (f.what == fault_kind::slow_link)
    in.keyword("octets/ms");
}

void read_moment(detail::line_reader& in, fault& f) {
  if (in.take("at")) {
    f.at = in.length();
    return;
  }
  if (in.peek() != "after") {
    duration d{};
    if (!detail::read_duration(in.peek(), d) || d < duration{})
      in.fail("\"at\" and a duration, or \"after\" and an event, or a duration and \"after\"");
    f.delay = in.length();
  }
  in.keyword("after");
  f.event = in.word("the name of an event");
  if (!in.peek().starts_with('#'))
    return;
  std::uint64_t n = 0;
  if (!detail::read_number(in.peek().substr(1), n) || n == 0 || n > std::numeric_limits<std::uint32_t>::max())
    in.fail("# and which one, from 1: #3");
  f.nth = static_cast<std::uint32_t>(n);
  in.skip();
}

}  // namespace

std::string_view to_string(fault_kind k) { return kinds.at(static_cast<std::size_t>(k)).first; }

fault_shape shape_of(fault_kind k) noexcept { return kinds[static_cast<std::size_t>(k)].second; }

std::string to_string(const fault& f) {
  const auto shape = shape_of(f.what);
  auto out = std::string{to_string(f.what)} + " " + detail::word_text(f.node);
  if (shape.has_other)
    out.append(" ").append(arrow_of(f.what)).append(" ").append(detail::word_text(f.other));
  if (shape.has_target)
    out += " " + detail::word_text(f.target);
  if (shape.has_amount)
    out += f.what == fault_kind::slow_link ? " to " + std::to_string(f.amount) + " octets/ms"
                                           : " times " + std::to_string(f.amount);
  if (f.what == fault_kind::clock_step)
    out += " by " + detail::duration_text(f.lasts);
  if (f.event.empty()) {
    out += " at " + detail::duration_text(f.at);
  } else {
    if (f.delay != duration{})
      out += " " + detail::duration_text(f.delay);
    out += " after " + detail::word_text(f.event) + " #" + std::to_string(f.nth);
  }
  if (shape.has_lasts && f.what != fault_kind::clock_step && f.lasts != duration{})
    out += " for " + detail::duration_text(f.lasts);
  return out;
}

fault detail::read_fault(line_reader& in) {
  fault f;
  f.what = read_kind(in);
  const auto shape = shape_of(f.what);
  f.node = in.word("a node");
  if (shape.has_other) {
    in.keyword(arrow_of(f.what));
    if (in.peek() == detail::word_text(f.node))
      in.fail("another node than " + f.node);
    f.other = in.word("another node");
  }
  if (shape.has_target)
    f.target = in.word("the name or label of a process");
  if (shape.has_amount)
    read_amount(in, f);
  if (f.what == fault_kind::clock_step) {
    in.keyword("by");
    f.lasts = in.time("a duration such as 1.5s or -1.5s");
  }
  read_moment(in, f);
  if (shape.has_lasts && f.what != fault_kind::clock_step && in.take("for"))
    f.lasts = in.length();
  if (!in.at_end())
    in.fail(shape.has_lasts && f.what != fault_kind::clock_step && f.lasts == duration{}
                ? "\"for\" and a duration, or the end of the line"
                : "the end of the line");
  return f;
}

result<fault> parse_fault(std::string_view line) {
  detail::line_reader in{line};
  try {
    return detail::read_fault(in);
  } catch (const detail::unreadable& e) {
    return error{errc::invalid, "column " + std::to_string(e.column()) + ": " + e.what()};
  }
}

}  // namespace beamline::testing
