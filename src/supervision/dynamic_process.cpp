#include "supervision/dynamic_process.hpp"

#include "base/log.hpp"
#include "supervision/parts.hpp"

#include <cstdlib>

namespace beamline::supervision {

// -- what the core has done ----------------------------------------------------------------

class dynamic_process::port final : public dynamic_port {
public:
  explicit port(dynamic_process& me) : me_{me}, table_{me.env().processes()} {}

  std::uint64_t next_ref() override { return table_.next_ref(); }

  launch_outcome launch(const dynamic_child& c) override {
    const auto& s = *c.spec;
    if (s.park_max > 0 && !s.name.empty())
      table_.names().declare(s.name, s.park_max);
    birth how;
    how.parent = me_.self().id();
    how.start_ref = c.ref;
    how.name = s.name;
    how.label = s.id;
    how.incarnation = c.incarnation;
    how.position = c.position;
    how.has_own_thread = s.has_own_thread;
    starter by{me_, std::move(how)};
    try {
      auto outcome = c.is_instance ? me_.core_->instances()->start(by, c.arguments) : s.start(by);
      return judge(c, by, outcome);
    } catch (...) {
      abandon(by);
      return detail::start_error_in_flight();
    }
  }

  void signal(const dynamic_child& c, const reason& why) override { me_.exit(me_.pid_of(c.id), why); }
  bool is_busy(const dynamic_child& c) override {
    auto facts = table_.info(c.id, me_.now());
    return facts && !facts->current.empty();
  }
  bool fence(const dynamic_child& c) override { return table_.fence(c.id, me_.now()); }
  void abort(const dynamic_child& c) override {
    auto why = "child \"" + c.spec->id + "\" " + to_string(me_.pid_of(c.id)) + " was killed and does not end";
    me_.env().log().critical("supervision", why + "; its zombie policy is to end the node");
    if (auto* handler = me_.env().find<abort_handler>())
      handler->run(why);
    else
      std::abort();
  }
  void wake_at(time_point t) override {
    me_.cancel(me_.timer_);
    me_.timer_ = me_.run_after(t - me_.now(), [this] {
      me_.take_news();
      me_.core_->wake(me_.now());
    });
  }
  // Not a cast: a full mailbox would drop that.
  void retry_later(std::uint64_t ref) override {
    me_.resume_with([this, ref] { me_.core().retry(ref, me_.now()); })();
  }
  void answer_start(request_token t, std::uint64_t id, std::any info) override {
    settle<start_answer>(me_.starts_, t, started_child{me_.pid_of(id), std::move(info)});
  }
  void answer_start(request_token t, child_error e) override { settle<start_answer>(me_.starts_, t, std::move(e)); }
  void answer_change(request_token t, change_answer a) override { settle(me_.changes_, t, a); }
  void report(report::kind what, const dynamic_child& c, const reason& why, duration took,
              std::size_t children) override;
  void child_up(const dynamic_child& c) override {
    if (me_.hooks_.up)
      me_.hooks_.up(c);
  }
  void child_left(const dynamic_child& c) override {
    if (c.spec->park_max > 0 && !c.spec->name.empty())
      table_.names().withdraw(c.spec->name);
    if (me_.hooks_.left)
      me_.hooks_.left(c);
  }
  void child_waits(const dynamic_child& c, bool waits) override;
  void restart_counted(time_point now) override {
    if (me_.board_)
      me_.board_->note_restart(now);
  }
  void zombie_added(const dynamic_child& c, time_point now) override;
  void zombie_removed(std::uint64_t ref) override {
    if (me_.board_)
      me_.board_->remove_zombie(ref);
  }
  random_source& random() override { return me_.env().random(); }
  void end(const reason& why) override { me_.stop(why); }

private:
  launch_outcome judge(const dynamic_child& c, const starter& by, const start_outcome& outcome) {
    if (const auto* who = std::get_if<pid>(&outcome); who != nullptr && *who && *who == by.spawned())
      return launched_child{.id = who->id()};
    abandon(by);
    if (std::holds_alternative<start_ignored>(outcome))
      return start_ignored{};
    if (const auto* why = std::get_if<reason>(&outcome))
      return child_error{.what = child_error::kind::start_failed, .why = *why};
    auto id = table_.resolve(std::get<pid>(outcome));
    if (by.spawned() || !table_.find(id))
      return child_error{.what = child_error::kind::start_failed,
                         .why = reason::custom("its start function returned " + to_string(std::get<pid>(outcome))
                                               + "; it must return what it spawned, or a live process of this node")};
    me_.watch(me_.pid_of(id), [this, ref = c.ref](const reason& why) {
      me_.core().gone(ref, child_gone::stage::running, why, me_.now());
    });
    return launched_child{.id = id, .is_foreign = true};
  }
  // Spawned, but not what its start function returned.
  void abandon(const starter& by) {
    if (by.spawned())
      me_.exit(by.spawned(), reason::kill());
  }

  dynamic_process& me_;
  process_table& table_;
};

void dynamic_process::port::report(report::kind what, const dynamic_child& c, const reason& why, duration took,
                                   std::size_t children) {
  auto is_api_start = what == report::kind::progress && c.incarnation == 1;
  if (!is_wanted(me_.env(), what, is_api_start))
    return;
  supervision::report r;
  r.what = what;
  r.supervisor = me_.self();
  if (auto mine = table_.info(me_.self().id(), me_.now()))
    r.supervisor_label = mine->label.empty() ? mine->name : mine->label;
  r.why = why;
  r.id = c.spec->id;
  r.child = me_.pid_of(c.id != 0 ? c.id : c.known_id);
  r.child_kind = c.spec->kind;
  if (auto facts = table_.info(r.child.id(), me_.now())) {
    if (r.child_kind.empty())
      r.child_kind = facts->kind;
    r.last_message = facts->current.empty() ? facts->last : facts->current;
    r.handling_for = facts->current_age;
  } else {
    r.last_message = handler_name(table_.last_handled(r.child.id()));
  }
  r.is_restarting = what == report::kind::start_error && c.incarnation > 1;
  r.restart = c.spec->restart;
  r.type = c.spec->type;
  r.shutdown = c.spec->effective_shutdown();
  r.incarnation = c.incarnation;
  r.children = children;
  r.restarts_in_period = me_.core_->restarts_in_period(me_.now());
  r.intensity = me_.core_->flags().intensity;
  (what == report::kind::child_terminated ? r.lived : r.took) = took;
  r.is_api_start = is_api_start;
  publish(me_.env(), r);
}

void dynamic_process::port::child_waits(const dynamic_child& c, bool waits) {
  if (!me_.board_)
    return;
  if (!waits) {
    me_.board_->drop(c.position);
    return;
  }
  supervisor_board::empty_slot s;
  s.id = c.spec->id;
  s.kind = c.spec->kind;
  s.type = c.spec->type;
  s.state = slot_state::restarting;
  s.incarnation = c.incarnation;
  s.position = c.position;
  me_.board_->put(std::move(s));
}

void dynamic_process::port::zombie_added(const dynamic_child& c, time_point now) {
  if (!me_.board_)
    return;
  me_.board_->add_zombie(c.ref, me_.describe(*c.spec, c.id), now);
}

// -- the process ---------------------------------------------------------------------------

dynamic_process::dynamic_process(process_context& c) : process{c} {}

dynamic_process::~dynamic_process() = default;

result<void> dynamic_process::open(const dynamic_supervisor_spec& s) {
  auto* budget = &own_budget_;
  if (s.births) {
    auto opened = s.births->open(*this, s.max_children, resume_with([this] { (void)core(); }));
    if (!opened)
      return opened.error();
    births_ = *opened;
    budget = &births_->budget();
  }
  port_ = std::make_unique<port>(*this);
  core_.emplace(*port_, *budget, s);
  make_board();
  trap_exits([this](const exit_signal& e) {
    if (e.from == parent())
      stop_all(e.why);
  });
  return {};
}

void dynamic_process::make_board() {
  auto* boards = env().find<board_registry>();
  if (boards == nullptr)
    return;
  auto mine = env().processes().info(self().id(), now());
  board_ = std::make_shared<supervisor_board>(self(), mine ? mine->label : std::string{});
  boards->add(self().id(), board_);
  flags_changed();
}

void dynamic_process::flags_changed() {
  if (board_)
    board_->set_flags(core_->flags());
}

void dynamic_process::stop_all(const reason& why) {
  if (board_)
    board_->note_stopping();
  if (births_)
    births_->close();
  core().stop(why, now());
}

void dynamic_process::handle_stop_order(const reason& why) {
  if (core_)
    stop_all(why);
  else
    stop(why);
}

// Orderly ends leave nobody; a killed supervisor can only pass on how it ended, as its links would.
void dynamic_process::terminate(const reason& why) {
  if (!core_)
    return;
  if (board_)
    env().find<board_registry>()->remove(self().id());
  if (births_) {
    births_->die();
    take_news();
  }
  for (const auto* c : core_->list())
    if (c->id != 0)
      exit(pid_of(c->id), why.is_normal() ? reason::shutdown() : why);
}

dynamic_core& dynamic_process::core() {
  take_news();
  return *core_;
}

void dynamic_process::take_news() {
  if (!births_)
    return;
  for (const auto& n : births_->take_news()) {
    switch (n.what) {
      case nursery_run::news::kind::born: core_->adopt(n.ref, births_->spec(), now()); break;
      case nursery_run::news::kind::launched: core_->adopted(n.ref, n.id); break;
      case nursery_run::news::kind::failed: core_->adoption_failed(n.ref); break;
    }
  }
}

void dynamic_process::handle_started(const child_started& m) { core().started(m.start_ref, m.info, now()); }
void dynamic_process::handle_gone(const child_gone& m) { core().gone(m.start_ref, m.when, m.why, now()); }

// -- answers -------------------------------------------------------------------------------

template <class A>
void dynamic_process::settle(waiting<A>& all, request_token t, const A& a) {
  auto w = all.extract(t);
  if (auto* p = std::get_if<reply_promise<A>>(&w.mapped()))
    p->set(a);
  else
    std::get<std::function<void(const A&)>>(w.mapped())(a);
}

request_token dynamic_process::expect(reply_promise<start_answer> p) {
  starts_.emplace(++last_token_, std::move(p));
  return last_token_;
}

request_token dynamic_process::expect(reply_promise<change_answer> p) {
  changes_.emplace(++last_token_, std::move(p));
  return last_token_;
}

request_token dynamic_process::expect_start(std::function<void(const start_answer&)> fn) {
  starts_.emplace(++last_token_, std::move(fn));
  return last_token_;
}

request_token dynamic_process::expect_change(std::function<void(const change_answer&)> fn) {
  changes_.emplace(++last_token_, std::move(fn));
  return last_token_;
}

child_info dynamic_process::info_of(const dynamic_child& c) const {
  child_info i;
  i.who = pid_of(c.id);
  i.type = c.spec->type;
  i.kind = c.spec->kind;
  i.incarnation = c.incarnation;
  switch (c.is) {
    case child_phase::starting: i.state = slot_state::starting; break;
    case child_phase::running: i.state = slot_state::running; break;
    case child_phase::stopping:
    case child_phase::killed: i.state = slot_state::stopping; break;
    case child_phase::restarting: i.state = slot_state::restarting; break;
  }
  return i;
}

zombie_info dynamic_process::describe(const child_spec& s, std::uint64_t id) const {
  zombie_info i;
  i.id = s.id;
  i.who = pid_of(id);
  i.kind = s.kind;
  if (auto facts = env().processes().info(id, now())) {
    i.kind = facts->kind;
    i.handling = facts->current;
    i.handling_for = facts->current_age;
  }
  return i;
}

zombie_list dynamic_process::zombies() {
  zombie_list all;
  for (const auto& [ref, z] : core().zombies()) {
    all.push_back(describe(*z.spec, z.id));
    all.back().zombie_for = now() - z.since;
  }
  return all;
}

supervisor_status dynamic_process::status() {
  auto& c = core();
  return {.flags = c.flags(),
          .restarts_in_period = c.restarts_in_period(now()),
          .restarts = c.restarts(),
          .zombies = c.zombies().size(),
          .is_stopping = c.is_stopping()};
}

}  // namespace beamline::supervision
