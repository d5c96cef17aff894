#include "supervision/model/planned_world.hpp"

#include <algorithm>
#include <deque>

// What a supervisor does, written as OTP writes it: one thing at a time, waiting where it has to wait, a mailbox in
// front of it, a plain list of children. Slow and clear; each rule names its number in otp-supervision.md. It shares
// nothing with the real core but the words of the specs.

namespace beamline::supervision::model {

namespace {

class reference final : planned_world {
public:
  explicit reference(const scenario& s) : planned_world{s}, flags_{s.spec.flags} {}

  trace run() {
    for (std::size_t i = 0; i < scenario_.commands.size(); ++i)
      at_command(i, [this, i] { obey(scenario_.commands[i], i + 1); });
    try {
      start_list();
      for (;;) {
        while (!mailbox_.empty()) {
          auto next = std::move(mailbox_.front());
          mailbox_.pop_front();
          handle(next);
        }
        is_idle_ = true;
        if (!happen())
          return std::move(trace_);
        is_idle_ = false;
        check_stop();
      }
    } catch (const over& o) {
      shut_down(o);
    } catch (const blocked&) {
      // It waits for ever: nothing more can happen.
    }
    while (happen())
      ;
    return std::move(trace_);
  }

private:
  // -- what the supervisor knows -----------------------------------------------------------------

  enum class life : std::uint8_t { none, running, restarting };
  struct record {
    child_spec spec;
    life state = life::none;
    process* who = nullptr;  // While running.
    std::uint32_t incarnation = 0;
    int in_a_row = 0;
    std::uint64_t retry = 0;
    duration since{};
  };

  struct down {
    process* who;
  };
  struct try_again {
    std::uint64_t number;
  };
  struct request {
    const command* what;
    std::uint64_t token;
  };
  using mail = std::variant<down, try_again, request>;

  /// The supervisor ends; thrown from wherever it is.
  struct over {
    reason why;
    record* under_way = nullptr;  // Was being started, and is to be stopped first.
  };

  void report(std::string_view what, const record& r, const reason& why) {
    note("report " + std::string{what} + " " + r.spec.id + " " + beamline::to_string(why));
  }
  void reply(std::uint64_t token, const std::string& what) { note("reply " + std::to_string(token) + " " + what); }

  // -- what comes from outside ---------------------------------------------------------------

  void has_ended(process& p) override {
    if (!p.is_zombie) {
      mailbox_.push_back(down{&p});
      return;
    }
    note("report zombie_reaped " + p.id + " " + beamline::to_string(*p.ended));
    --zombies_;
  }

  void obey(const command& c, std::uint64_t token) {
    switch (c.what) {
      case command::kind::crash: return crash(c.id, c.why);
      case command::kind::look: return look();
      case command::kind::stop:
        if (is_ending_ || stop_asked_)
          return;
        stop_asked_ = c.why;
        refuse_everybody();
        return;
      default:
        if (is_ending_ || stop_asked_)
          reply(token, "stopping");
        else
          mailbox_.push_back(request{&c, token});
    }
  }

  void refuse_everybody() {
    if (asking_ != 0)
      reply(std::exchange(asking_, 0), "stopping");
    for (const auto& m : mailbox_)
      if (auto* r = std::get_if<request>(&m))
        reply(r->token, "stopping");
    mailbox_.clear();
  }

  void look() {
    if (!is_idle_ || is_ending_)
      return;
    std::string seen = "list";
    std::size_t active = 0, supervisors = 0;
    for (auto r = children_.rbegin(); r != children_.rend(); ++r) {  // S89
      seen += " " + name_of(r->spec.id, r->incarnation)
            + (r->state == life::none      ? ":stopped"
               : r->state == life::running ? ":running"
                                           : ":restarting");
      active += r->state == life::running ? 1 : 0;  // S90
      supervisors += r->spec.type == child_type::supervisor ? 1 : 0;
    }
    note(seen + " counts " + std::to_string(children_.size()) + "," + std::to_string(active) + ","
         + std::to_string(supervisors) + "," + std::to_string(children_.size() - supervisors) + " zombies "
         + std::to_string(zombies_) + " restarts " + std::to_string(count_restarts()));
  }

  // -- starting (S31-S36) -------------------------------------------------------------------------------

  enum class outcome : std::uint8_t { ok, ignored, failed };

  outcome start(record& r, reason& why) {
    r.retry = 0;
    r.state = life::none;
    auto incarnation = ++r.incarnation;
    note("start " + name_of(r.spec.id, incarnation));
    auto plan = scenario_.plan(r.spec.id, incarnation);
    if (plan.start == life_plan::beginning::refuse_at_once) {
      why = reason::custom("refused");
      return outcome::failed;
    }
    auto& p = spawn(r.spec.id, incarnation, plan);
    r.who = &p;
    if (!wait_until([&] { return p.has_started || p.ended || stop_asked_; }, r.spec.start_timeout)) {
      send_kill(p);
      why = reason::custom("timeout");
      end_killed(r, p);
      if (stop_asked_) {  // The start was overruled: what is left of it is a child that was killed.
        if (p.ended && !p.is_zombie)
          report("shutdown_error", r, reason::killed());
        lost(r);
        throw over{*stop_asked_};
      }
      lost(r);
      return outcome::failed;
    }
    if (p.has_started) {
      r.state = life::running;
      r.since = now_;
      note("report progress " + r.spec.id);
      return outcome::ok;
    }
    if (p.ended) {
      why = *p.ended;
      lost(r);
      return p.has_ignored ? outcome::ignored : outcome::failed;
    }
    throw over{*stop_asked_, &r};
  }

  /// Its process is dealt with: what it left in the mailbox is nobody's any more.
  void lost(record& r) {
    std::erase_if(mailbox_, [&](const mail& m) {
      auto* d = std::get_if<down>(&m);
      return d != nullptr && d->who == r.who;
    });
    r.who = nullptr;
    r.state = life::none;
  }

  void start_list() {
    for (const auto& spec : scenario_.spec.children)
      children_.push_back({.spec = spec});
    for (auto r = children_.begin(); r != children_.end();) {
      reason why;
      auto how = start(*r, why);
      if (how == outcome::failed) {
        report("start_error", *r, why);
        throw over{
            reason::shutdown("failed to start child \"" + r->spec.id + "\": " + beamline::to_string(why))};  // S32
      }
      if (how == outcome::ignored && is_temporary(*r))  // S36
        r = children_.erase(r);
      else
        ++r;
      check_zombies();
      check_stop();
    }
    note("started");
  }

  // -- stopping (S70-S74, M9) -----------------------------------------------------------------------------

  /// After a kill: it ends, or it is left behind.
  void end_killed(record& r, process& p) {
    if (wait_until([&] { return p.ended.has_value(); }, r.spec.kill_grace))
      return;
    if (r.spec.zombie == zombie_policy::wait) {
      report("zombie", r, reason::custom("unkillable; its supervisor waits for it"));
      wait_until([&] { return p.ended.has_value(); });
      return;
    }
    note("fence " + name_of(p.id, p.incarnation));
    report("zombie", r, reason::custom("unkillable"));
    p.is_zombie = true;
    ++zombies_;
    if (zombies_ <= flags_.zombies_max || too_many_ || is_ending_ || stop_asked_)
      return;
    too_many_ = true;
    report("shutdown", r,
           reason::custom("zombies_max: " + std::to_string(zombies_) + " children cannot be ended, at most "
                          + std::to_string(flags_.zombies_max) + " may"));
  }

  void stop_child(record& r) {
    if (r.who == nullptr) {
      r.state = life::none;
      r.retry = 0;
      return;
    }
    auto& p = *r.who;
    auto how = r.spec.effective_shutdown();
    if (!p.ended) {
      if (how.is_brutal_kill()) {
        send_kill(p);
        end_killed(r, p);
      } else {
        send_shutdown(p);
        if (how.limit() == duration{0} || !wait_until([&] { return p.ended.has_value(); }, how.limit())) {  // S73
          send_kill(p);
          end_killed(r, p);
        }
      }
    }
    if (p.ended && !p.is_zombie && !is_fine(r, *p.ended))
      report("shutdown_error", r, *p.ended);
    lost(r);
  }

  /// S71
  static bool is_fine(const record& r, const reason& why) {
    auto may_end = r.spec.restart != restart_type::permanent && why.is_graceful();
    if (r.spec.effective_shutdown().is_brutal_kill())
      return why.why == reason::kind::killed || may_end;
    return why == reason::shutdown() || may_end;
  }

  /// Stops these, the last one first (S72), and forgets those that are temporary (S49).
  void stop_all(const std::vector<std::string>& ids) {
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      auto r = find(*id);
      stop_child(*r);
      if (is_temporary(*r))
        children_.erase(r);
      check_stop();
    }
  }

  void shut_down(const over& o) {
    is_ending_ = true;
    refuse_everybody();
    try {
      if (o.under_way != nullptr)
        stop_child(*o.under_way);
      for (auto r = children_.rbegin(); r != children_.rend(); ++r)
        if (&*r != o.under_way)
          stop_child(*r);
      note("end " + beamline::to_string(o.why));
    } catch (const blocked&) {}
  }

  void check_stop() {
    if (stop_asked_ && !is_ending_)
      throw over{*stop_asked_};
  }
  void check_zombies() {
    if (too_many_)
      throw over{reason::shutdown()};
  }

  // -- restarting (S40-S69) ------------------------------------------------------------------------------------

  void handle(const mail& m) {
    if (auto* d = std::get_if<down>(&m)) {
      auto r = std::find_if(children_.begin(), children_.end(), [&](const record& c) { return c.who == d->who; });
      if (r != children_.end())
        handle_down(*r);
    } else if (auto* t = std::get_if<try_again>(&m)) {
      auto r = std::find_if(children_.begin(), children_.end(), [&](const record& c) { return c.retry == t->number; });
      if (r != children_.end())  // S66
        restart(*r);
    } else {
      auto& q = std::get<request>(m);
      asking_ = q.token;
      handle_request(*q.what);
      asking_ = 0;
      check_zombies();
    }
    check_stop();
  }

  /// S40
  void handle_down(record& r) {
    auto why = *r.who->ended;
    lost(r);
    auto restarts =
        r.spec.restart == restart_type::permanent || (r.spec.restart == restart_type::transient && !why.is_graceful());
    if (restarts || !why.is_graceful())
      report("child_terminated", r, why);
    if (now_ - r.since > flags_.period)
      r.in_a_row = 0;
    if (restarts && flags_.backoff.is_on()) {
      try_again_later(r);
      stop_all(others_in_scope(r));
      check_zombies();
    } else if (restarts) {
      restart(r);
    } else {
      auto significant = r.spec.significant;
      auto copy = r;
      if (is_temporary(r))
        children_.erase(find(r.spec.id));
      auto others = std::any_of(children_.begin(), children_.end(),
                                [](const record& c) { return c.spec.significant && c.state != life::none; });
      if (significant
          && (flags_.auto_shutdown == auto_shutdown::any_significant
              || (flags_.auto_shutdown == auto_shutdown::all_significant && !others))) {  // S80, S81
        report("shutdown", copy, reason::shutdown("auto_shutdown"));
        throw over{reason::shutdown()};
      }
    }
  }

  void restart(record& failed) {
    restarts_.push_back(now_);
    if (count_restarts() > static_cast<std::size_t>(flags_.intensity)) {  // S55, S59
      report("shutdown", failed, reason::custom("reached_max_restart_intensity"));
      failed.state = life::none;
      failed.retry = 0;
      throw over{reason::shutdown()};
    }
    failed.state = life::none;
    failed.retry = 0;
    auto group = others_in_scope(failed);
    auto id = failed.spec.id;
    stop_all(group);
    // S46-S48: everybody in scope, in start order, whether they ran before or not.
    auto is_in_scope = [&](const record& r) {
      return r.spec.id == id || std::find(group.begin(), group.end(), r.spec.id) != group.end();
    };
    for (auto next = children_.begin(); next != children_.end();) {
      auto r = next++;
      if (!is_in_scope(*r))
        continue;
      check_zombies();
      reason why;
      auto how = start(*r, why);
      if (how == outcome::failed) {  // S64, S68, S69
        report("start_error", *r, why);
        try_again_later(*r);
        check_zombies();
        return;
      }
      if (how == outcome::ignored && is_temporary(*r))  // Only after an update: S54 knows no such case.
        children_.erase(r);
      check_stop();
    }
    check_zombies();
  }

  void try_again_later(record& r) {
    r.state = life::restarting;
    auto number = r.retry = ++retries_;
    ++r.in_a_row;
    if (!flags_.backoff.is_on()) {
      mailbox_.push_back(try_again{number});
      return;
    }
    auto delay = flags_.backoff.first;
    for (int n = 1; n < r.in_a_row; ++n)
      delay = std::min(delay * 2, flags_.backoff.max);
    after(delay, [this, number] {
      if (!is_ending_ && !stop_asked_)
        mailbox_.push_back(try_again{number});
    });
  }

  std::vector<std::string> others_in_scope(const record& failed) {
    std::vector<std::string> ids;
    auto is_after = false;
    for (const auto& r : children_) {
      auto is_itself = r.spec.id == failed.spec.id;
      if (!is_itself
          && (flags_.strategy == strategy::one_for_all || (flags_.strategy == strategy::rest_for_one && is_after)))
        ids.push_back(r.spec.id);
      is_after |= is_itself;
    }
    return ids;
  }

  std::size_t count_restarts() const {
    return std::min(static_cast<std::size_t>(flags_.intensity) + 1,
                    static_cast<std::size_t>(std::count_if(restarts_.begin(), restarts_.end(),
                                                           [&](duration t) { return now_ - t <= flags_.period; })));
  }

  // -- the API (S85-S91, S101) -----------------------------------------------------------------------------------

  using children = std::list<record>;

  children::iterator find(const std::string& id) {
    return std::find_if(children_.begin(), children_.end(), [&](const record& r) { return r.spec.id == id; });
  }
  static bool is_temporary(const record& r) { return r.spec.restart == restart_type::temporary; }

  void answer(const std::string& what) {
    if (asking_ != 0)
      reply(std::exchange(asking_, 0), what);
  }

  void answer_start(record& r, bool keep_when_failed) {
    reason why;
    auto how = start(r, why);
    if (how == outcome::failed)
      answer("start_failed");
    else
      answer(how == outcome::ok ? "ok " + name_of(r.spec.id, r.incarnation) : "ok");
    if ((how == outcome::failed && !keep_when_failed) || (how != outcome::ok && is_temporary(r)))
      children_.erase(find(r.spec.id));
  }

  void handle_request(const command& c) {
    auto r = find(c.id);
    if (c.what == command::kind::update)
      return update(c.next);
    if (c.what == command::kind::start) {
      if (!check_child_spec(c.spec, flags_.auto_shutdown))
        return answer("invalid_spec");
      if (r != children_.end())
        return answer(r->who != nullptr ? "already_started" : "already_present");
      children_.push_back({.spec = c.spec});
      return answer_start(children_.back(), false);
    }
    if (r == children_.end())
      return answer("not_found");
    if (c.what == command::kind::terminate) {
      stop_child(*r);
      if (is_temporary(*r))
        children_.erase(r);
      return answer("ok");
    }
    if (r->state != life::none)
      return answer(r->state == life::running ? "running" : "restarting");
    if (c.what == command::kind::restart)
      return answer_start(*r, true);
    children_.erase(r);
    answer("ok");
  }

  void update(const supervisor_spec& next) {
    if (!check_spec(next))
      return answer("invalid_spec");
    flags_ = next.flags;
    auto kept = static_cast<std::size_t>(flags_.intensity) + 1;  // No more is remembered than is needed.
    if (restarts_.size() > kept)
      restarts_.erase(restarts_.begin(), restarts_.end() - static_cast<std::ptrdiff_t>(kept));
    children listed;
    for (const auto& spec : next.children) {
      auto r = find(spec.id);
      if (r == children_.end()) {
        listed.push_back({.spec = spec, .since = now_});
        continue;
      }
      r->spec = spec;
      listed.splice(listed.end(), children_, r);
    }
    listed.splice(listed.end(), children_);
    children_.swap(listed);
    answer("ok");
  }

  supervisor_flags flags_;
  children children_;
  std::deque<mail> mailbox_;
  std::vector<duration> restarts_;
  std::optional<reason> stop_asked_;
  std::uint64_t retries_ = 0, asking_ = 0;
  std::size_t zombies_ = 0;
  bool too_many_ = false, is_ending_ = false, is_idle_ = false;
};

}  // namespace

trace run_reference(const scenario& s) { return reference{s}.run(); }

}  // namespace beamline::supervision::model
