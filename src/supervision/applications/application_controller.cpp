#include "supervision/applications/application_controller.hpp"

#include "actors/reason_codec.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "supervision/applications/core.hpp"
#include "supervision/applications/events.hpp"
#include "supervision/applications/settings_round.hpp"
#include "supervision/supervisor.hpp"

#include <exception>
#include <stdexcept>

namespace beamline::supervision {

namespace {

constexpr std::string_view area = "applications";

std::optional<reason> failure_of(const std::optional<result<void>>& answer) {
  if (!answer)
    return reason::crashed("the hook was dropped without an answer");
  return *answer ? std::nullopt : std::optional{reason::custom(answer->error().message)};
}

}  // namespace

/// Carries out what the core decides. The hooks are its own; the core knows only that they exist.
class application_controller::impl {
public:
  impl(application_controller& self, options o) : self_{self}, options_{std::move(o)} {}

  behavior init();
  void end(const reason& why);
  void abandon(const reason& why);

private:
  struct loaded {
    application what;
    std::shared_ptr<const application_settings> settings;
    application_start top;  // What the start hook named, until it is started.
    pid top_pid{};
  };
  /// A tree, by its start_ref.
  struct tree {
    std::string name;
    std::uint64_t step;
    watch_ref foreign = 0;  // Not spawned through the starter: watched instead.
  };

  application_answer load(const application& a);
  application_answer unload(const std::string& name);
  deferred ask(const std::function<void(std::uint64_t request)>& put);
  deferred stop_everything(duration budget);
  [[nodiscard]] application_list with_tops(application_list all) const;
  deferred change(const change_settings& m);
  void tell(loaded& a, const setting_changes& changes, const std::shared_ptr<settings_round>& round);

  application_core& core() { return core_.at(self_.now()); }
  void pump();
  void apply(const effects::run_hook& e);
  void apply(const effects::start_tree& e);
  void apply(const effects::end_tree& e);
  void apply(const effects::limit_step& e);
  void apply(const effects::answer& e);
  void apply(const effects::answer_stop_all& e);
  void apply(const effects::changed& e);
  void apply(const effects::complain& e);
  void apply(const effects::ended& e);

  void run_start(loaded& a, std::uint64_t step);
  void run(const hook<result<void>>& h, loaded& a, std::uint64_t step);
  void started(const std::string& name, std::uint64_t step, std::optional<application_start> answer);
  void spawn_tree(loaded& a, tree t, std::uint64_t ref);
  void tree_gone(std::uint64_t ref, reason why);
  [[nodiscard]] application_context context_of(const loaded& a) const { return {a.what.name, self_.env(), a.settings}; }

  application_controller& self_;
  options options_;
  application_core core_;
  std::map<std::string, loaded> applications_;
  std::map<std::uint64_t, tree> trees_;
  std::map<std::uint64_t, reply_promise<application_answer>> asked_;
  std::map<std::uint64_t, reply_promise<stop_report>> stops_;
  std::uint64_t last_request_ = 0;
  std::optional<reason> ending_;
};

// -- messages -------------------------------------------------------------------------------

behavior application_controller::impl::init() {
  for (const auto& a : std::exchange(options_.applications, {}))
    if (auto done = load(a); !done.ok())
      throw std::invalid_argument{to_string(*done.failed)};
  self_.trap_exits([this](const exit_signal& e) {
    if (e.from == self_.parent())
      end(e.why);
  });
  return handlers([this](const load_application& m) { return load(m.what); },
                  [this](const unload_application& m) { return unload(m.name); },
                  [this](const start_application& m) { return ask([&](std::uint64_t r) { core().start(r, m); }); },
                  [this](const ensure_all_started& m) { return ask([&](std::uint64_t r) { core().ensure(r, m); }); },
                  [this](const stop_application& m) { return ask([&](std::uint64_t r) { core().stop(r, m); }); },
                  [this](const stop_all& m) { return stop_everything(m.budget); },
                  [this](const which_applications&) { return with_tops(core_.which()); },
                  [this](const loaded_applications&) { return with_tops(core_.all()); },
                  [this](const change_settings& m) { return change(m); },
                  [this](const get_setting& m) {
                    auto i = applications_.find(m.application);
                    return i == applications_.end() ? application_setting{} : i->second.settings->get(m.key);
                  },
                  [this](const child_started& m) {
                    if (auto t = trees_.find(m.start_ref); t != trees_.end())
                      core().tree_started(t->second.step);
                    pump();
                  },
                  [this](const child_gone& m) {
                    tree_gone(m.start_ref, m.when == child_gone::stage::ignored
                                               ? reason::custom("its top supervisor asked to be ignored")
                                               : m.why);
                  });
}

application_answer application_controller::impl::load(const application& a) {
  auto done = core_.load(facts_of(a));
  if (done.ok())
    applications_.emplace(a.name, loaded{a, std::make_shared<application_settings>(a.settings), {}});
  return done;
}

application_answer application_controller::impl::unload(const std::string& name) {
  auto done = core_.unload(name);
  if (done.ok())
    applications_.erase(name);
  return done;
}

process::deferred application_controller::impl::ask(const std::function<void(std::uint64_t request)>& put) {
  auto to = self_.promise<application_answer>();
  auto request = ++last_request_;
  asked_.emplace(request, to);
  put(request);
  pump();
  return to;
}

process::deferred application_controller::impl::stop_everything(duration budget) {
  auto to = self_.promise<stop_report>();
  auto request = ++last_request_;
  stops_.emplace(request, to);
  core().stop_all(request, budget);
  pump();
  return to;
}

/// Its own end: as `stop_all`, with all the time of the world.
void application_controller::impl::end(const reason& why) {
  if (ending_)
    return;
  ending_ = why;
  core().stop_all(0, duration::max());
  pump();
}

/// Killed: no hook runs any more, but no tree stays behind either (S17).
void application_controller::impl::abandon(const reason& why) {
  if (!ending_ && options_.system_stop)
    options_.system_stop({"application controller", application_type::permanent, why});
  for (const auto& [name, a] : applications_)
    if (a.top_pid)
      self_.exit(a.top_pid, why);
}

application_list application_controller::impl::with_tops(application_list all) const {
  for (auto& one : all)
    one.top = applications_.at(one.name).top_pid;
  return all;
}

// -- settings ---------------------------------------------------------------------------------

process::deferred application_controller::impl::change(const change_settings& m) {
  auto to = self_.promise<settings_answer>();
  auto round = std::make_shared<settings_round>(to);
  for (const auto& [name, values] : m.values) {
    auto i = applications_.find(name);
    if (i == applications_.end()) {
      round->refuse(name,
                    {errc::not_found, to_string({.what = application_error::kind::not_found, .application = name})});
      continue;
    }
    auto& a = i->second;
    auto before = a.settings->all();
    auto fresh = std::make_shared<application_settings>(*a.settings);
    fresh->replace(m.where, values);
    a.settings = std::move(fresh);
    if (auto changes = compare(before, a.settings->all()); !changes.empty() && core_.is_running(name))
      tell(a, changes, round);
  }
  round->all_asked();
  return to;
}

void application_controller::impl::tell(loaded& a, const setting_changes& changes,
                                        const std::shared_ptr<settings_round>& round) {
  if (!a.what.config_change)
    return;
  round->ask();
  hook_reply<result<void>> reply{self_.resume_with(
      [round, name = a.what.name](const std::optional<result<void>>& r) { round->answered(name, r); })};
  auto context = context_of(a);
  try {
    a.what.config_change(context, changes, reply);
  } catch (...) {
    reply(error{errc::invalid, to_string(reason_from_exception(std::current_exception()))});
  }
}

// -- effects -------------------------------------------------------------------------------------

void application_controller::impl::pump() {
  for (auto todo = core_.take_effects(); !todo.empty(); todo = core_.take_effects())
    for (const auto& e : todo)
      std::visit([this](const auto& one) { apply(one); }, e);
}

void application_controller::impl::apply(const effects::run_hook& e) {
  auto& a = applications_.at(e.name);
  switch (e.what) {
    case application_hook::start: return run_start(a, e.step);
    case application_hook::phase: return run(a.what.phases[e.phase].run, a, e.step);
    case application_hook::prep_stop: return run(a.what.prep_stop, a, e.step);
    case application_hook::stop: return run(a.what.stop, a, e.step);
  }
}

void application_controller::impl::run_start(loaded& a, std::uint64_t step) {
  hook_reply<application_start> reply{
      self_.resume_with([this, name = a.what.name, step](const std::optional<application_start>& answer) {
        started(name, step, answer);
        pump();
      })};
  auto context = context_of(a);
  try {
    a.what.start(context, reply);
  } catch (...) {
    reply(reason_from_exception(std::current_exception()));
  }
}

void application_controller::impl::run(const hook<result<void>>& h, loaded& a, std::uint64_t step) {
  auto done = [this, step](std::optional<reason> failed) {
    core().hook_done(step, std::move(failed));
    pump();
  };
  hook_reply<result<void>> reply{
      self_.resume_with([done](const std::optional<result<void>>& answer) { done(failure_of(answer)); })};
  auto context = context_of(a);
  try {
    h ? h(context, reply) : reply({});
  } catch (...) {
    reply(error{errc::invalid, to_string(reason_from_exception(std::current_exception()))});
  }
}

void application_controller::impl::started(const std::string& name, std::uint64_t step,
                                           std::optional<application_start> answer) {
  if (!answer)
    return core().hook_done(step, reason::crashed("the hook was dropped without an answer"));
  if (auto* refused = std::get_if<reason>(&*answer))
    return core().hook_done(step, std::move(*refused));
  bool has_tree = !std::holds_alternative<std::monostate>(*answer);
  applications_.at(name).top = *std::move(answer);
  core().hook_done(step, std::nullopt, has_tree);
}

void application_controller::impl::apply(const effects::start_tree& e) {
  auto ref = self_.env().processes().next_ref();
  auto& a = applications_.at(e.name);
  try {
    spawn_tree(a, {e.name, e.step}, ref);
  } catch (...) {
    trees_.insert_or_assign(ref, tree{e.name, e.step});
    tree_gone(ref, reason_from_exception(std::current_exception()));
  }
}

void application_controller::impl::spawn_tree(loaded& a, tree t, std::uint64_t ref) {
  birth how;
  how.start_ref = ref;
  how.label = a.what.name;
  how.position = ref;
  auto top = std::exchange(a.top, {});
  if (auto* spec = std::get_if<supervisor_spec>(&top)) {
    a.top_pid = self_.spawn_as<supervisor>(how, std::move(*spec));
    trees_.emplace(ref, std::move(t));
    return;
  }
  how.parent = self_.self().id();
  starter by{self_, how};
  auto outcome = std::get<start_function>(top)(by);
  trees_.emplace(ref, t);
  if (auto* refused = std::get_if<reason>(&outcome))
    return tree_gone(ref, *refused);
  if (std::holds_alternative<start_ignored>(outcome))
    return tree_gone(ref, reason::custom("its top supervisor asked to be ignored"));
  a.top_pid = std::get<pid>(outcome);
  if (by.spawned())
    return;  // Tells by itself that it has started.
  trees_[ref].foreign = self_.watch(a.top_pid, [this, ref](const reason& why) { tree_gone(ref, why); });
  core().tree_started(t.step);
}

void application_controller::impl::tree_gone(std::uint64_t ref, reason why) {
  auto t = trees_.extract(ref);
  if (!t)
    return;
  if (auto a = applications_.find(t.mapped().name); a != applications_.end())
    a->second.top_pid = {};
  core().tree_gone(t.mapped().step, why);
  pump();
}

void application_controller::impl::apply(const effects::end_tree& e) {
  self_.exit(applications_.at(e.name).top_pid, e.is_kill ? reason::kill() : reason::shutdown());
}

void application_controller::impl::apply(const effects::limit_step& e) {
  self_.run_after(e.within, [this, step = e.step] {
    core().time_is_up(step);
    pump();
  });
}

void application_controller::impl::apply(const effects::answer& e) {
  if (e.what.failed)
    self_.env().log().error(area, to_string(*e.what.failed));
  asked_.extract(e.request).mapped().set(e.what);
}

void application_controller::impl::apply(const effects::answer_stop_all& e) {
  if (e.request != 0)
    return stops_.extract(e.request).mapped().set(e.what);
  self_.stop(*ending_);
}

void application_controller::impl::apply(const effects::changed& e) {
  self_.env().log().info(area, e.is_running ? "application started" : "application stopped", {{"application", e.name}});
  self_.env().events().emit(application_changed{e.name, e.is_running});
}

void application_controller::impl::apply(const effects::complain& e) {
  self_.env().log().error(area, e.what, {{"application", e.name}});
}

void application_controller::impl::apply(const effects::ended& e) {
  auto why = to_string(e.what.why);
  auto type = to_string(e.what.type);
  bool ends_node = e.what.stops_system();
  self_.env().log().error(area, ends_node ? "application ended, and with it the node" : "application ended",
                          {{"application", e.what.name}, {"type", type}, {"reason", why}});
  self_.env().events().emit(application_tree_ended{e.what.name, type, why, ends_node});
  if (ends_node && options_.system_stop)
    options_.system_stop(e.what);
}

// -- the process ------------------------------------------------------------------------------------

application_controller::application_controller(process_context& c, options o)
    : process{c}, impl_{std::make_unique<impl>(*this, std::move(o))} {}

application_controller::~application_controller() = default;

behavior application_controller::init() { return impl_->init(); }

void application_controller::terminate(const reason& why) { impl_->abandon(why); }

void application_controller::handle_stop_order(const reason& why) { impl_->end(why); }

}  // namespace beamline::supervision
