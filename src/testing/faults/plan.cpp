#include "testing/faults/plan.hpp"

#include "testing/faults/line_text.hpp"
#include "testing/faults/read_fault.hpp"

#include <array>
#include <set>
#include <utility>

namespace beamline::testing {

namespace {

using detail::duration_text;
using detail::line_reader;

// Entries of a script on one line.
constexpr std::size_t script_columns = 12;

constexpr std::array<std::pair<std::string_view, schedule>, 3> schedules{
    {{"fifo", schedule::fifo}, {"uniform", schedule::uniform}, {"pct", schedule::pct}}};

constexpr std::uint64_t count_max = std::numeric_limits<std::uint32_t>::max();

std::string span_text(const span& s) { return duration_text(s.min) + ".." + duration_text(s.max); }

std::string script_text(const schedule_script& script) {
  if (script.empty())
    return "script fifo\n";
  std::string out;
  std::size_t n = 0;
  for (const auto& [step, choice] : script) {
    if (n++ % script_columns == 0)
      out += n == 1 ? "script" : "\nscript";
    out += " " + std::to_string(step) + ":" + std::to_string(choice);
  }
  return out + "\n";
}

/// Reads the lines of a plan, one after another.
class plan_reader {
public:
  void read_line(std::string_view line) {
    line_reader in{line};
    while (!in.at_end())
      read_setting(in);
  }

  [[nodiscard]] plan take() { return std::move(plan_); }

private:
  void read_setting(line_reader& in) {
    auto& w = plan_.weather;
    if (once(in, "seed"))
      plan_.seed = in.number("a number");
    else if (once(in, "horizon"))
      plan_.horizon = in.length();
    else if (once(in, "settle"))
      plan_.settle = in.length();
    else if (once(in, "schedule"))
      read_schedule(in);
    else if (once(in, "step"))
      w.step_cost = read_span(in);
    else if (once(in, "latency"))
      w.latency = read_span(in);
    else if (once(in, "commit"))
      w.commit = read_span(in);
    else if (once(in, "suspend"))
      read_suspension(in);
    else if (once(in, "reset"))
      w.reset_ppm = read_ppm(in);
    else if (once(in, "skew"))
      w.skew_max = in.length();
    else if (in.take("script"))
      read_script(in);
    else if (in.take("fault"))
      read_fault(in);
    else
      in.fail("seed, horizon, settle, schedule, step, latency, commit, suspend, reset, skew, script or fault");
  }

  /// Takes the word if it is next; once in a plan.
  bool once(line_reader& in, std::string_view word) {
    if (in.peek() != word)
      return false;
    if (!seen_.insert(word).second)
      in.fail("each setting once, and " + std::string{word} + " was there before");
    in.skip();
    return true;
  }

  void read_schedule(line_reader& in) {
    auto& w = plan_.weather;
    bool is_known = false;
    for (const auto& [name, value] : schedules)
      if (!is_known && in.take(name)) {
        w.choice = value;
        is_known = true;
      }
    if (!is_known)
      in.fail("fifo, uniform or pct");
    if (!in.take("depth"))
      return;
    w.pct_depth = static_cast<std::uint32_t>(in.number("how often priorities change, plus one", count_max));
    in.keyword("of");
    w.pct_steps = static_cast<std::uint32_t>(in.number("within how many steps they change", count_max));
  }

  static span read_span(line_reader& in) {
    constexpr std::string_view expected = "two durations such as 1us..20us, the smaller one first";
    auto text = in.peek();
    auto dots = text.find("..");
    span s;
    if (dots == std::string_view::npos || !detail::read_duration(text.substr(0, dots), s.min)
        || !detail::read_duration(text.substr(dots + 2), s.max) || s.min < duration{} || s.max < s.min)
      in.fail(expected);
    in.skip();
    return s;
  }

  static std::uint32_t read_ppm(line_reader& in) {
    std::uint64_t n = 0;
    auto text = in.peek();
    if (!text.ends_with("ppm") || !detail::read_number(text.substr(0, text.size() - 3), n) || n > 1'000'000)
      in.fail("a chance from 0ppm to 1000000ppm");
    in.skip();
    return static_cast<std::uint32_t>(n);
  }

  void read_suspension(line_reader& in) {
    plan_.weather.hold_ppm = read_ppm(in);
    if (!in.take("up"))
      return;
    in.keyword("to");
    plan_.weather.hold_max = in.length();
  }

  void read_script(line_reader& in) {
    if (!plan_.script)
      plan_.script.emplace();
    if (in.take("fifo"))
      return;
    do
      read_choice(in);
    while (in.peek().find(':') != std::string_view::npos);
  }

  void read_choice(line_reader& in) {
    auto text = in.peek();
    auto colon = text.find(':');
    std::uint64_t step = 0, choice = 0;
    if (colon == std::string_view::npos || !detail::read_number(text.substr(0, colon), step)
        || !detail::read_number(text.substr(colon + 1), choice) || choice > count_max)
      in.fail("a step and which of the ready ones runs there, such as 17:2, or fifo");
    if (!plan_.script->emplace(step, static_cast<std::uint32_t>(choice)).second)
      in.fail("each step once, and " + std::to_string(step) + " was there before");
    in.skip();
  }

  void read_fault(line_reader& in) {
    if (plan_.faults.size() >= plan_faults_max)
      in.fail("at most " + std::to_string(plan_faults_max) + " faults");
    auto f = detail::read_fault(in);
    f.id = static_cast<std::uint32_t>(plan_.faults.size());
    plan_.faults.push_back(std::move(f));
  }

  plan plan_;
  std::set<std::string_view> seen_;  // Settings, by their names in this file.
};

}  // namespace

std::string climate_text(const climate& w) {
  std::string out = "schedule ";
  for (const auto& [name, value] : schedules)
    if (value == w.choice)
      out += name;
  constexpr climate usual{};
  if (w.choice == schedule::pct || w.pct_depth != usual.pct_depth || w.pct_steps != usual.pct_steps)
    out += " depth " + std::to_string(w.pct_depth) + " of " + std::to_string(w.pct_steps);
  out += "\nstep " + span_text(w.step_cost) + " latency " + span_text(w.latency) + " commit " + span_text(w.commit);
  out += "\nsuspend " + std::to_string(w.hold_ppm) + "ppm up to " + duration_text(w.hold_max) + ", reset "
       + std::to_string(w.reset_ppm) + "ppm, skew " + duration_text(w.skew_max) + "\n";
  return out;
}

std::string to_string(const plan& p) {
  auto out = "seed " + std::to_string(p.seed) + "\nhorizon " + duration_text(p.horizon) + " settle "
           + duration_text(p.settle) + "\n" + climate_text(p.weather);
  if (p.script)
    out += script_text(*p.script);
  for (const auto& f : p.faults)
    out += "fault " + to_string(f) + "\n";
  return out;
}

result<plan> parse_plan(std::string_view text) {
  plan_reader reader;
  std::size_t line = 1;
  try {
    while (!text.empty()) {
      auto end = text.find('\n');
      reader.read_line(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line;
    }
  } catch (const detail::unreadable& e) {
    return error{errc::invalid, std::to_string(line) + ":" + std::to_string(e.column()) + ": " + e.what()};
  }
  return reader.take();
}

}  // namespace beamline::testing
