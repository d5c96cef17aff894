#include "supervision/model/scenario.hpp"

#include <array>

namespace beamline::supervision::model {

namespace {

constexpr std::array<const char*, 5> ids{"a", "b", "c", "d", "e"};

/// Dice of one scenario.
class dice {
public:
  explicit dice(std::uint64_t seed) : random_{seed} {}
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  bool percent(std::uint64_t p) { return below(100) < p; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }
  std::string id() { return ids[below(ids.size())]; }

private:
  seeded_random random_;
};

reason any_reason(dice& d) {
  return d.one_of({reason::normal(), reason::shutdown(), reason::shutdown("done"), reason::crashed("boom"),
                   reason::crashed("boom"), reason::killed()});
}

child_spec any_child(dice& d, std::string id, auto_shutdown mode) {
  child_spec s;
  s.id = std::move(id);
  s.start = [](starter&) -> start_outcome { return start_ignored{}; };  // The model's worlds never call it.
  s.restart =
      d.one_of({restart_type::permanent, restart_type::permanent, restart_type::transient, restart_type::temporary});
  s.significant = mode != auto_shutdown::never && s.restart != restart_type::permanent && d.percent(50);
  if (d.percent(2))
    s.significant = true;  // Refused, mostly.
  s.shutdown = d.one_of({shutdown_policy{50ms}, shutdown_policy{50ms}, shutdown_policy{0ms},
                         shutdown_policy::brutal_kill(), shutdown_policy::infinity()});
  s.start_timeout = d.percent(30) ? duration{20ms} : duration::max();
  s.kill_grace = 10ms;
  s.zombie = d.percent(20) ? zombie_policy::wait : zombie_policy::detach;
  s.type = d.percent(20) ? child_type::supervisor : child_type::worker;
  return s;
}

supervisor_spec any_supervisor(dice& d, std::size_t children_max) {
  supervisor_spec s;
  s.flags.strategy = d.one_of({strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one});
  s.flags.intensity = static_cast<int>(d.one_of({0, 1, 2, 3, 5, 8}));
  s.flags.period = 1s;
  s.flags.auto_shutdown = d.one_of(
      {auto_shutdown::never, auto_shutdown::never, auto_shutdown::any_significant, auto_shutdown::all_significant});
  s.flags.backoff = {.first = d.percent(20) ? duration{30ms} : duration{0}, .max = 200ms, .jitter = 0};
  s.flags.zombies_max = d.one_of({std::size_t{0}, std::size_t{1}, std::size_t{16}});
  auto count = d.below(children_max + 1);
  for (std::size_t i = 0; i < count; ++i)
    s.children.push_back(any_child(d, ids[i], s.flags.auto_shutdown));
  return s;
}

}  // namespace

life_plan scenario::plan(const std::string& id, std::uint32_t incarnation) const {
  dice d{mix64(seed ^ mix64(static_cast<std::uint64_t>(id[0]) * 1000 + incarnation))};
  life_plan p;
  auto start = d.below(100);
  p.start = start < 80 ? life_plan::beginning::ok
          : start < 85 ? life_plan::beginning::ignore
          : start < 92 ? life_plan::beginning::refuse
          : start < 97 ? life_plan::beginning::refuse_at_once
                       : life_plan::beginning::never;
  if (incarnation == 1 && d.percent(70))
    p.start = life_plan::beginning::ok;  // Or hardly any supervisor would get beyond its start.
  p.start_takes = d.percent(75) ? duration{0} : d.one_of<duration>({3ms, 11ms, 35ms});
  auto stop = d.below(100);
  p.stop = stop < 75 ? life_plan::ending::obedient
         : stop < 85 ? life_plan::ending::own_way
         : stop < 93 ? life_plan::ending::deaf
                     : life_plan::ending::stuck;
  p.stop_takes = d.percent(60) ? duration{0} : d.one_of<duration>({2ms, 13ms, 170ms});
  p.last_words = d.one_of({reason::normal(), reason::crashed("ouch"), reason::shutdown("mine")});
  return p;
}

scenario make_scenario(std::uint64_t seed) {
  dice d{seed};
  scenario s{.seed = seed, .spec = any_supervisor(d, ids.size())};
  auto count = 1 + d.below(30);
  duration at{};
  for (std::size_t i = 0; i < count; ++i) {
    at += d.one_of<duration>({0ms, 0ms, 1ms, 5ms, 27ms, 90ms, 430ms, 1300ms});
    command c{.at = at, .id = d.id()};
    auto what = d.below(100);
    if (what < 45) {
      c.what = command::kind::crash;
      c.why = any_reason(d);
    } else if (what < 57) {
      c.what = command::kind::start;
      c.spec = any_child(d, c.id, s.spec.flags.auto_shutdown);
    } else if (what < 67) {
      c.what = command::kind::terminate;
    } else if (what < 77) {
      c.what = command::kind::restart;
    } else if (what < 82) {
      c.what = command::kind::remove;
    } else if (what < 86) {
      c.what = command::kind::update;
      c.next = any_supervisor(d, ids.size());
    } else if (what < 97) {
      c.what = command::kind::look;
    } else {
      c.what = command::kind::stop;
      c.why = any_reason(d);
    }
    s.commands.push_back(std::move(c));
  }
  return s;
}

std::string line(duration at, const std::string& what) { return std::to_string(to_ms(at)) + "ms " + what; }

std::string name_of(const std::string& id, std::uint32_t incarnation) { return id + "/" + std::to_string(incarnation); }

namespace {

std::string text_of(const child_spec& c) {
  return c.id + " " + std::string{supervision::to_string(c.restart)} + (c.significant ? " significant" : "") + " "
       + supervision::to_string(c.effective_shutdown()) + (c.start_timeout == duration::max() ? "" : " start_timeout")
       + (c.zombie == zombie_policy::wait ? " wait" : "");
}

std::string text_of(const supervisor_spec& s) {
  auto text = std::string{supervision::to_string(s.flags.strategy)} + " intensity " + std::to_string(s.flags.intensity)
            + " " + std::string{supervision::to_string(s.flags.auto_shutdown)}
            + (s.flags.backoff.is_on() ? " backoff" : "") + " zombies_max " + std::to_string(s.flags.zombies_max)
            + "\n";
  for (const auto& c : s.children)
    text += "  child " + text_of(c) + "\n";
  return text;
}

}  // namespace

std::string to_string(const scenario& s) {
  auto text = "seed " + std::to_string(s.seed) + ": " + text_of(s.spec);
  for (const auto& c : s.commands) {
    constexpr std::array names{"crash", "start", "terminate", "restart", "delete", "update", "stop", "look"};
    text += "  " + line(c.at, names[static_cast<std::size_t>(c.what)]) + " " + c.id;
    if (c.what == command::kind::crash || c.what == command::kind::stop)
      text += " " + beamline::to_string(c.why);
    if (c.what == command::kind::start)
      text += ": " + text_of(c.spec);
    if (c.what == command::kind::update)
      text += ": " + text_of(c.next);
    text += "\n";
  }
  return text;
}

}  // namespace beamline::supervision::model
