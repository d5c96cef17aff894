#pragma once

#include "supervision/model/scenario.hpp"

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <tuple>

namespace beamline::supervision::model {

/// The children of the reference as they are outside their supervisor, and the time they live in. They do what their
/// plans say; whoever waits lets things happen.
class planned_world {
protected:
  struct process {
    std::string id;
    std::uint32_t incarnation;
    life_plan plan;
    std::uint64_t birth;
    bool has_started = false;
    bool has_ignored = false;
    bool is_zombie = false;
    int deeds = 0;
    std::optional<reason> ended{};
  };

  /// Nothing will ever happen again, and somebody waits for something.
  struct blocked {};

  explicit planned_world(const scenario& s) : scenario_{s} {}
  ~planned_world() = default;

  virtual void has_ended(process& p) = 0;

  void note(const std::string& what) { trace_.push_back(line(now_, what)); }

  // -- time ------------------------------------------------------------------------------

  void at_command(std::size_t index, std::function<void()> what) {
    agenda_[{scenario_.commands[index].at, rank::command, index, 0}] = std::move(what);
  }
  void after(duration d, std::function<void()> what) {
    agenda_[{now_ + d, rank::timer, ++timers_, 0}] = std::move(what);
  }

  /// Lets the next thing happen; false when nothing will.
  bool happen() {
    if (agenda_.empty())
      return false;
    auto next = agenda_.extract(agenda_.begin());
    now_ = std::get<0>(next.key());
    next.mapped()();
    return true;
  }

  /// Waits until `is_true`; after `limit` it gives up and returns false.
  bool wait_until(const std::function<bool()>& is_true, duration limit = duration::max()) {
    auto is_late = false;
    auto timer = moment{};
    if (limit != duration::max()) {
      timer = {now_ + limit, rank::timer, ++timers_, 0};
      agenda_[timer] = [&is_late] { is_late = true; };
    }
    while (!is_true() && !is_late)
      if (!happen())
        throw blocked{};
    if (limit != duration::max())
      agenda_.erase(timer);
    return is_true();
  }

  // -- children --------------------------------------------------------------------------

  process& spawn(const std::string& id, std::uint32_t incarnation, const life_plan& plan) {
    auto& p = processes_.emplace_back(process{id, incarnation, plan, ++births_});
    if (plan.start == life_plan::beginning::ok)
      later(p, plan.start_takes, [&p] { p.has_started = true; });
    else if (plan.start == life_plan::beginning::ignore)
      later(p, plan.start_takes, [this, &p] { p.has_ignored = true, die(p, reason::normal()); });
    else if (plan.start == life_plan::beginning::refuse)
      later(p, plan.start_takes, [this, &p] { die(p, reason::custom("refused")); });
    return p;
  }

  /// The newest life of that child dies now, if it runs.
  void crash(const std::string& id, const reason& why) {
    for (auto p = processes_.rbegin(); p != processes_.rend(); ++p)
      if (p->id == id && p->has_started && !p->ended)
        return die(*p, why);
  }

  void send_shutdown(process& p) {
    note("shutdown " + name_of(p.id, p.incarnation));
    if (p.plan.stop == life_plan::ending::obedient)
      later(p, p.plan.stop_takes, [this, &p] { die(p, reason::shutdown()); });
    else if (p.plan.stop == life_plan::ending::own_way)
      later(p, p.plan.stop_takes, [this, &p] { die(p, p.plan.last_words); });
  }

  void send_kill(process& p) {
    note("kill " + name_of(p.id, p.incarnation));
    later(p, p.plan.stop == life_plan::ending::stuck ? p.plan.stop_takes : duration{0},
          [this, &p] { die(p, reason::killed()); });
  }

  const scenario& scenario_;
  duration now_{};
  trace trace_;

private:
  using moment = std::tuple<duration, rank, std::uint64_t, int>;

  void later(process& p, duration d, std::function<void()> deed) {
    agenda_[{now_ + d, rank::child, p.birth, ++p.deeds}] = [&p, deed = std::move(deed)] {
      if (!p.ended)
        deed();
    };
  }

  void die(process& p, const reason& why) {
    p.ended = why;
    has_ended(p);
  }

  std::map<moment, std::function<void()>> agenda_;
  std::list<process> processes_;
  std::uint64_t births_ = 0, timers_ = 0;
};

}  // namespace beamline::supervision::model
