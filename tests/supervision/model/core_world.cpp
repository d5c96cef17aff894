#include "supervision/model/scenario.hpp"
#include "supervision/supervisor_core.hpp"

#include <map>
#include <set>
#include <tuple>

// The real core in a world of children that only exist as plans.

namespace beamline::supervision::model {

namespace {

class core_world final : public supervisor_port {
public:
  explicit core_world(const scenario& s) : scenario_{s} {}

  trace run() {
    for (std::size_t i = 0; i < scenario_.commands.size(); ++i)
      agenda_[{scenario_.commands[i].at, rank::command, i, 0}] = [this, i] { obey(scenario_.commands[i], i + 1); };
    core_.start(scenario_.spec, time());
    settle();
    while (!agenda_.empty()) {
      auto next = agenda_.extract(agenda_.begin());
      now_ = std::get<0>(next.key());
      next.mapped()();
      settle();
    }
    return std::move(trace_);
  }

  // -- supervisor_port --------------------------------------------------------------------

  spawn_outcome spawn(const spawn_order& o) override {
    const auto& s = o.what;
    note("start " + name_of(s.spec.id, s.incarnation));
    child c{
        .id = s.spec.id, .incarnation = s.incarnation, .ref = o.ref, .plan = scenario_.plan(s.spec.id, s.incarnation)};
    if (c.plan.start == life_plan::beginning::refuse_at_once)
      return reason::custom("refused");
    auto birth = ++births_;
    auto plan = c.plan;
    children_.emplace(birth, std::move(c));
    auto when = now_ + plan.start_takes;
    if (plan.start == life_plan::beginning::ok)
      at(when, birth, [this, birth] {
        children_.at(birth).has_started = true;
        core_.handle_started(children_.at(birth).ref, {}, time());
      });
    else if (plan.start == life_plan::beginning::ignore)
      at(when, birth, [this, birth] { die(birth, reason::normal(), child_gone::stage::ignored); });
    else if (plan.start == life_plan::beginning::refuse)
      at(when, birth, [this, birth] { die(birth, reason::custom("refused")); });
    return spawned{.who = pid{node_, birth}};
  }

  void signal(const pid& who, const reason& why) override {
    auto birth = who.id();
    auto& c = children_.at(birth);
    note((why.is_kill() ? "kill " : "shutdown ") + name_of(c.id, c.incarnation));
    if (c.is_dead)
      return;
    if (why.is_kill())
      at(now_ + (c.plan.stop == life_plan::ending::stuck ? c.plan.stop_takes : duration{0}), birth,
         [this, birth] { die(birth, reason::killed()); });
    else if (c.plan.stop == life_plan::ending::obedient)
      at(now_ + c.plan.stop_takes, birth, [this, birth, why] { die(birth, why); });
    else if (c.plan.stop == life_plan::ending::own_way)
      at(now_ + c.plan.stop_takes, birth, [this, birth] { die(birth, children_.at(birth).plan.last_words); });
  }

  bool fence(const pid& who) override {
    auto& c = children_.at(who.id());
    note("fence " + name_of(c.id, c.incarnation));
    return !c.is_dead;
  }
  std::optional<child_facts> facts(const pid&) const override { return child_facts{}; }

  void arm(std::uint64_t key, duration d) override {
    agenda_[{now_ + d, rank::timer, key, 0}] = [this, key] { core_.handle_timer(key, time()); };
  }
  void disarm(std::uint64_t key) override {
    std::erase_if(agenda_,
                  [&](const auto& e) { return std::get<1>(e.first) == rank::timer && std::get<2>(e.first) == key; });
  }
  void post_retry(std::uint64_t key) override { posted_.push_back(key); }
  random_source& random() override { return random_; }

  void reply(std::uint64_t token, const start_answer& a) override {
    note(
        "reply " + std::to_string(token) + " "
        + (a ? "ok" + (a->who ? " " + name_of(children_.at(a->who.id()).id, children_.at(a->who.id()).incarnation) : "")
             : std::string{supervision::to_string(a.error().what)}));
  }
  void reply(std::uint64_t token, const change_answer& a) override {
    note("reply " + std::to_string(token) + " " + (a ? "ok" : std::string{supervision::to_string(a.error().what)}));
  }
  bool wants_report(report::kind, bool) const override { return true; }
  void report(supervision::report r) override {
    note("report " + std::string{supervision::to_string(r.what)} + " " + r.id
         + (r.what == report::kind::progress ? "" : " " + beamline::to_string(r.why)));
  }

  void slot_changed(const slot&) override {}
  void slot_moved(std::uint64_t, const slot&) override {}
  void slot_removed(const slot&) override {}
  void declare_name(const child_spec&) override {}
  void withdraw_name(const child_spec&) override {}
  void flags_changed(const supervisor_flags&) override {}
  void restart_counted(time_point) override {}
  void zombie_added(std::uint64_t, const zombie_info&, time_point) override {}
  void zombie_removed(std::uint64_t) override {}

  void started() override { note("started"); }
  void ending() override {}
  void end(const reason& why) override { note("end " + beamline::to_string(why)); }
  void abort(const std::string&) override {}

private:
  struct child {
    std::string id;
    std::uint32_t incarnation;
    std::uint64_t ref;
    life_plan plan;
    bool has_started = false;
    bool is_dead = false;
    int deeds = 0;
  };
  using moment = std::tuple<duration, rank, std::uint64_t, int>;

  time_point time() const { return time_point{now_}; }
  void note(const std::string& what) { trace_.push_back(line(now_, what)); }

  void settle() {
    while (!posted_.empty()) {
      auto posted = posted_.front();
      posted_.pop_front();
      core_.handle_retry(posted, time());
    }
  }

  /// What a child does, unless it is dead by then.
  void at(duration when, std::uint64_t birth, std::function<void()> what) {
    agenda_.emplace(moment{when, rank::child, birth, ++children_.at(birth).deeds},
                    [this, birth, what = std::move(what)] {
                      if (!children_.at(birth).is_dead)
                        what();
                    });
  }

  void die(std::uint64_t birth, const reason& why, child_gone::stage when = child_gone::stage::starting) {
    auto& c = children_.at(birth);
    c.is_dead = true;
    core_.handle_gone(c.ref, c.has_started ? child_gone::stage::running : when, why, time());
  }

  void obey(const command& c, std::uint64_t token) {
    switch (c.what) {
      case command::kind::crash:
        for (auto i = children_.rbegin(); i != children_.rend(); ++i)
          if (i->second.id == c.id && i->second.has_started && !i->second.is_dead)
            return die(i->first, c.why);
        return;
      case command::kind::start: return core_.handle_request(start_child{c.spec}, token, {}, time());
      case command::kind::terminate: return core_.handle_request(terminate_child{.id = c.id}, token, {}, time());
      case command::kind::restart: return core_.handle_request(restart_child{c.id}, token, {}, time());
      case command::kind::remove: return core_.handle_request(delete_child{c.id}, token, {}, time());
      case command::kind::update: return core_.handle_request(update_supervisor{c.next}, token, {}, time());
      case command::kind::stop: return core_.stop(c.why, time());
      case command::kind::look: return look();
    }
  }

  void look() {
    if (!core_.is_idle() || core_.has_ended())
      return;
    std::string seen = "list";
    for (const auto& i : core_.list())
      seen += " " + name_of(i.id, i.incarnation) + ":" + std::string{supervision::to_string(i.state)};
    auto n = core_.count();
    note(seen + " counts " + std::to_string(n.specs) + "," + std::to_string(n.active) + ","
         + std::to_string(n.supervisors) + "," + std::to_string(n.workers) + " zombies "
         + std::to_string(core_.zombies(time()).size()) + " restarts "
         + std::to_string(core_.status(time()).restarts_in_period));
  }

  const scenario& scenario_;
  node_identity_ptr node_ = std::make_shared<const node_identity>(node_identity{"model@here", 1});
  supervisor_core core_{*this};
  duration now_{};
  std::map<moment, std::function<void()>> agenda_;
  std::map<std::uint64_t, child> children_;
  std::deque<std::uint64_t> posted_;
  std::uint64_t births_ = 0;
  seeded_random random_{1};
  trace trace_;
};

}  // namespace

trace run_core(const scenario& s) { return core_world{s}.run(); }

}  // namespace beamline::supervision::model
