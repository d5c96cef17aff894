#include "testing/explore/explore.hpp"

#include "base/random.hpp"
#include "testing/explore/command_line.hpp"
#include "testing/explore/report.hpp"
#include "testing/explore/shrink.hpp"
#include "testing/explore/workers.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

namespace beamline::testing {

namespace {

// To show where two runs of one seed part, it is run so often again with another heap.
constexpr int difference_attempts = 8;

run_result run_once(const campaign& c, const plan& p, run_options o) {
  o.counted = c.menu.triggers;
  o.counted.insert(o.counted.end(), c.must_happen.begin(), c.must_happen.end());
  run_result r;
  try {
    auto s = c.make();
    if (s == nullptr)
      throw simulation_error{"the factory of the scenario made nothing"};
    return run_plan(*s, p, o);
  } catch (const std::exception& e) {
    r.broken = violation{invariants::no_exception, std::string{"making the scenario: "} + e.what()};
  }
  return r;
}

bool is_same(const run_result& a, const run_result& b) {
  return a.hash == b.hash && a.broken.has_value() == b.broken.has_value()
      && (!a.broken || a.broken->invariant == b.broken->invariant);
}

/// Runs a plan, from time to time twice; runs that differ break an invariant of their own.
run_result run_seed(const campaign& c, const plan& p) {
  auto r = run_once(c, p, {});
  if (c.repeat_every == 0 || p.seed % c.repeat_every != 0)
    return r;
  shuffle_heap(p.seed);
  auto again = run_once(c, p, {});
  if (!is_same(r, again)) {
    r.broken =
        violation{invariants::same_run,
                  "The same seed and plan ran differently the second time, with the heap shuffled: something "
                  "depends on addresses (a container ordered or hashed by pointers), on memory that was not set, "
                  "or on something outside of the world. Hashes: "
                      + std::to_string(r.hash) + " after " + std::to_string(r.steps) + " steps, then "
                      + std::to_string(again.hash) + " after " + std::to_string(again.steps) + " steps."};
    r.broken_at = r.took;
  }
  return r;
}

/// What the runs of a campaign come to, in the order of their seeds.
class tally {
public:
  /// `wanted` empty: any broken invariant counts as a failure.
  tally(exploration& into, std::string wanted, bool is_keeping_on)
      : into_{into}, wanted_{std::move(wanted)}, is_keeping_on_{is_keeping_on} {}

  /// False: that is enough.
  bool add(std::uint64_t seed, run_result r) {
    ++into_.seeds;
    into_.steps += r.steps;
    into_.virtual_time += r.took;
    into_.hash = mix64(into_.hash ^ mix64(seed)) + r.hash;
    for (const auto& [what, times] : r.seen)
      into_.seen[what] += times;
    if (!r.broken)
      return true;
    ++into_.broken[r.broken->invariant];
    if (!wanted_.empty() && r.broken->invariant != wanted_)
      return true;
    into_.failing.push_back(seed);
    if (into_.failing.size() == 1) {
      first_failure_ = std::move(r);
      seeds_until_first_ = into_.seeds;
    }
    return is_keeping_on_;
  }

  [[nodiscard]] const run_result& first_failure() const { return first_failure_; }
  [[nodiscard]] std::uint64_t seeds_until_first() const { return seeds_until_first_; }

private:
  exploration& into_;
  std::string wanted_;
  bool is_keeping_on_;
  run_result first_failure_;
  std::uint64_t seeds_until_first_ = 0;
};

std::string difference_of(const campaign& c, const plan& p) {
  auto once = run_once(c, p, {.has_timeline = true});
  for (int i = 0; i < difference_attempts; ++i) {
    shuffle_heap(p.seed + static_cast<std::uint64_t>(i) + 1);
    auto again = run_once(c, p, {.has_timeline = true});
    if (auto text = first_difference(once.timeline, again.timeline); !text.empty())
      return text;
  }
  return "With the story written down it ran the same " + std::to_string(difference_attempts)
       + " times more: nothing to show.\n";
}

/// Shrinks the failure and writes its report.
void report_failure(exploration& e, const campaign& c, const plan& p, const run_result& r, std::uint64_t seeds) {
  const auto& line = the_command_line();
  failure f;
  f.campaign = c.name;
  f.seeds = seeds;
  f.found = p;
  f.outcome = r;
  f.lines = line.lines;
  f.again = replay_command("--seed " + std::to_string(p.seed));
  e.invariant = r.broken->invariant;
  e.smallest = p;
  if (e.invariant == invariants::same_run) {
    f.outcome.broken->evidence += "\n" + difference_of(c, p);
  } else {
    plan_runner run = [&](const plan& q, const run_options& o) { return run_once(c, q, o); };
    f.shrunk = shrink(p, r, run);
    e.smallest = f.shrunk.smallest;
    f.story = run(f.shrunk.smallest, {.has_timeline = true}).timeline;
    f.again += "\nUp to a moment: " + f.again + " --until " + moment_text(r.broken_at);
  }
  e.report = failure_text(f);
}

/// Runs one plan with its story; fails if it breaks anything.
exploration tell_story(const campaign& c, const plan& p, const std::string& what) {
  const auto& line = the_command_line();
  auto r = run_once(c, p, {.has_timeline = true, .until = line.until});
  exploration e;
  tally{e, {}, false}.add(p.seed, r);
  if (r.broken) {
    failure f{.campaign = c.name, .found = p, .outcome = r, .story = std::move(r.timeline), .lines = line.lines};
    e.invariant = r.broken->invariant;
    e.smallest = p;
    e.report = failure_text(f);
    return e;
  }
  auto text = "explore \"" + c.name + "\": " + what + (line.until ? ", up to " : " breaks nothing, after ")
            + moment_text(r.took) + " and " + std::to_string(r.steps) + " steps; the end of its story:\n"
            + story_text(r.timeline, line.lines);
  std::fputs(text.c_str(), stdout);
  return e;
}

result<plan> read_plan_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in)
    return error{errc::not_found, path + ": cannot be read; --plan needs a file with a plan"};
  auto p = parse_plan(text.str());
  return p.ok() ? p : result<plan>{error{p.error().code, path + ":" + p.error().message}};
}

/// What the command line changes about a campaign.
campaign as_told(campaign c) {
  const auto& line = the_command_line();
  c.jobs = line.jobs.value_or(c.jobs);
  c.count = line.seeds.value_or(c.count);
  if (line.seed) {
    c.first = *line.seed;
    c.count = 1;
  }
  return c;
}

/// The story of one run, if the command line asks for one: of a plan in a file, or of a seed up to a moment.
std::optional<exploration> tell_if_asked(const campaign& c) {
  const auto& line = the_command_line();
  if (!line.plan_file.empty()) {
    auto p = read_plan_file(line.plan_file);
    if (!p)
      throw simulation_error{p.error().message};
    return tell_story(c, *p, line.plan_file);
  }
  if (line.seed && line.until)
    return tell_story(c, c.plan_of(*line.seed), "seed " + std::to_string(*line.seed));
  return std::nullopt;
}

/// The seeds of the campaign, then the fresh ones.
tally run_seeds(exploration& e, const campaign& c, const std::string& wanted, bool is_keeping_on, bool has_fresh) {
  const auto& line = the_command_line();
  const auto fresh = has_fresh && !line.seed ? line.fresh_count : 0;
  auto seed_of = [&](std::uint64_t i) { return i < c.count ? c.first + i : line.fresh_first + (i - c.count); };
  tally t{e, wanted, is_keeping_on};
  work_in_order(
      c.count + fresh, c.jobs, [&](std::uint64_t i) { return run_seed(c, c.plan_of(seed_of(i))); },
      [&](std::uint64_t i, run_result r) { return t.add(seed_of(i), std::move(r)); });
  return t;
}

/// Throws when the run failed.
exploration judged(exploration e) {
  if (!e.report.empty())
    throw simulation_error{e.report};
  return e;
}

void require_happened(const exploration& e, const campaign& c) {
  std::string missing;
  for (const auto& what : c.must_happen)
    if (!e.seen.contains(what))
      missing += (missing.empty() ? "" : ", ") + what;
  if (!missing.empty())
    throw simulation_error{"explore \"" + c.name + "\": never happened in " + std::to_string(e.seeds) + " seeds: "
                           + missing + ". A knob went dead, the name is wrong, or there are too few seeds"};
}

}  // namespace

plan campaign::plan_of(std::uint64_t seed) const {
  auto p = generate_plan(seed, menu, horizon, settle);
  if (tune)
    tune(p);
  return p;
}

explorer::explorer(std::string name, scenario_factory make) {
  campaign_.name = std::move(name);
  campaign_.make = std::move(make);
  auto first = campaign_.make();
  if (first == nullptr)
    throw simulation_error{"explore \"" + campaign_.name + "\": the factory of the scenario makes nothing"};
  campaign_.menu.nodes = first->nodes();
}

explorer& explorer::seeds(std::uint64_t count, std::uint64_t first) {
  campaign_.count = count;
  campaign_.first = first;
  return *this;
}

explorer& explorer::horizon(duration load, duration settle) {
  campaign_.horizon = load;
  campaign_.settle = settle;
  return *this;
}

explorer& explorer::kill(std::vector<std::string> names) {
  campaign_.menu.killable = std::move(names);
  return *this;
}

explorer& explorer::strike_at(std::vector<std::string> events) {
  campaign_.menu.triggers = std::move(events);
  return *this;
}

explorer& explorer::faults(std::vector<fault_kind> kinds) {
  campaign_.menu.kinds = std::move(kinds);
  return *this;
}

explorer& explorer::faults_max(std::uint32_t of_each_kind) {
  campaign_.menu.faults_max = of_each_kind;
  return *this;
}

explorer& explorer::tune(std::function<void(plan&)> change) {
  campaign_.tune = std::move(change);
  return *this;
}

explorer& explorer::must_happen(std::vector<std::string> events) {
  campaign_.must_happen = std::move(events);
  return *this;
}

explorer& explorer::repeat_every(std::uint64_t n) {
  campaign_.repeat_every = n;
  return *this;
}

explorer& explorer::jobs(unsigned threads) {
  campaign_.jobs = std::clamp(threads, 1U, jobs_max);
  return *this;
}

explorer& explorer::keep_going() {
  campaign_.is_keeping_on = true;
  return *this;
}

exploration explorer::run() {
  const auto& line = the_command_line();
  if (auto told = tell_if_asked(campaign_))
    return judged(std::move(*told));
  auto c = as_told(campaign_);
  exploration e;
  auto t = run_seeds(e, c, {}, c.is_keeping_on, true);
  if (!e.failing.empty()) {
    report_failure(e, c, c.plan_of(e.failing.front()), t.first_failure(), t.seeds_until_first());
    if (e.failing.size() > 1)
      e.report += "\n" + std::to_string(e.failing.size()) + " of " + std::to_string(e.seeds) + " seeds fail\n";
    return judged(std::move(e));
  }
  if (line.seed)
    return tell_story(c, c.plan_of(*line.seed), "seed " + std::to_string(*line.seed));
  if (c.count >= campaign_.count)
    require_happened(e, c);
  return e;
}

exploration explorer::expect_violation(const std::string& invariant) {
  if (auto told = tell_if_asked(campaign_)) {
    std::fputs(told->report.c_str(), stdout);
    return std::move(*told);
  }
  auto c = as_told(campaign_);
  exploration e;
  auto t = run_seeds(e, c, invariant, c.is_keeping_on, false);
  if (!e.failing.empty()) {
    report_failure(e, c, c.plan_of(e.failing.front()), t.first_failure(), t.seeds_until_first());
    if (the_command_line().seed)
      std::fputs(e.report.c_str(), stdout);
    return e;
  }
  std::string others;
  for (const auto& [name, runs] : e.broken)
    others += (others.empty() ? "" : ", ") + ("\"" + name + "\" in " + std::to_string(runs));
  throw simulation_error{"explore \"" + c.name + "\": none of " + std::to_string(e.seeds) + " seeds from "
                         + std::to_string(c.first) + " breaks \"" + invariant + "\", "
                         + (others.empty() ? "nor anything else" : "but " + others)
                         + ". Its checker lost its teeth, or the bug is gone"};
}

exploration explorer::survey() {
  auto c = as_told(campaign_);
  exploration e;
  run_seeds(e, c, {}, true, false);
  return e;
}

exploration explorer::replay(const std::string& plan_text) {
  auto p = parse_plan(plan_text);
  if (!p)
    throw simulation_error{"explore \"" + campaign_.name + "\": the plan to replay, " + p.error().message};
  auto r = run_once(campaign_, *p, {});
  exploration e;
  tally{e, {}, false}.add(p->seed, r);
  if (!r.broken)
    return e;
  failure f{.campaign = campaign_.name, .found = *p, .outcome = r, .lines = the_command_line().lines};
  f.story = run_once(campaign_, *p, {.has_timeline = true}).timeline;
  e.invariant = r.broken->invariant;
  e.smallest = *p;
  e.report = failure_text(f);
  return judged(std::move(e));
}

}  // namespace beamline::testing
