#include "actors/node.hpp"

#include "actors/events.hpp"
#include "actors/one_call.hpp"
#include "actors/remote_processes.hpp"
#include "actors/signals.hpp"
#include "actors/system_config.hpp"
#include "actors/timers.hpp"

#include <caf/actor_system.hpp>

#include <future>

namespace beamline {

node::node(options o, const environment::ports& ports) : contract_{std::move(o.contract)} {
  auto self = std::make_shared<const node_identity>(node_identity{std::move(o.name), o.incarnation});
  table_ = std::make_unique<process_table>(self, o.processes_max);
  env_ = std::make_unique<environment>(self, ports, *table_);
  config_ = std::make_unique<system_config>();
  config_->env = env_.get();
  // `sharing` is idle when nothing is to do; without a bound on the turn two chatting actors starve the rest.
  config_->set("scheduler.policy", caf::atom("sharing"));
  config_->set("scheduler.max-threads", o.scheduler_threads);
  config_->set("scheduler.max-throughput", o.messages_per_turn);
  if (o.configure)
    o.configure(*config_);
  system_ = std::make_unique<caf::actor_system>(*config_);
  remote_ = std::make_unique<remote_processes>(*env_, *table_, contract_, *system_);
  env_->use_remote(contract_, *remote_);
}

node::~node() {
  remote_->close();
  table_->names().clear();  // Calls among what is parked name actors; those must not outlive the system.
  // The processes are gone and their timers cancelled, but one may just be fired: it knows the table, and may hold
  // the handle of a process.
  env_->timers().settle();
}

void node::cast_message(const pid& to, message m, caf::execution_unit* by) {
  if (to && !to.is_on(*identity())) {
    auto encoded = contract_.encode(m);
    if (!encoded)
      throw std::logic_error{"cast to " + to_string(to) + " on another node: " + encoded.error().message};
    return remote_->cast(0, to, encoded->name, encoded->octets);
  }
  auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m));
  auto id = to.id();
  if (to && to.is_named()) {
    auto route = table_->names().find_or_park(to.name(), element);
    if (route.what == name_table::fate::refused)
      env_->events().emit(gap_overflow{to.name(), route.refused_total});
    if (!element)
      return;
    id = route.id;
  }
  table_->deliver(id, std::move(element), by);
}

call_result node::call_message(const pid& to, message m, duration within) {
  auto promise = std::make_shared<std::promise<call_result>>();
  auto result = promise->get_future();
  try {
    spawn<one_call>(to, std::move(m), within,
                    [kept = std::move(promise)](call_result r) { kept->set_value(std::move(r)); });
  } catch (const process_limit_reached&) {
    return call_error{call_error::kind::busy, {}};
  }
  try {
    return result.get();
  } catch (const std::future_error&) {  // The helper was ended by a shutdown before it got an answer.
    return call_error{call_error::kind::noproc, {}};
  }
}

bool node::await_init(const pid& p, duration within) {
  auto started = std::make_shared<std::promise<void>>();
  auto result = started->get_future();
  // Lands behind `init`. If the process ends first, the message and with it the promise are destroyed.
  table_->deliver(table_->resolve(p),
                  caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                            resume_signal{[kept = std::move(started)] { kept->set_value(); }}),
                  nullptr);
  if (result.wait_for(within) != std::future_status::ready)
    return false;
  try {
    result.get();
    return true;
  } catch (const std::future_error&) {
    return false;
  }
}

void node::exit(const pid& who, const reason& why) {
  if (who && !who.is_on(*identity()))
    remote_->exit(0, who, why);
  else
    table_->exit(table_->resolve(who), {pid{}, why});
}

std::optional<call_error> node::stop_sync(const pid& who, const reason& why, duration within) {
  auto target = who.is_on(*identity()) ? pid{identity(), table_->resolve(who)} : who;
  auto r = call_message(target, share(stop_order{why}), within);
  auto* e = std::get_if<call_error>(&r);
  if (e == nullptr || (e->what == call_error::kind::crashed && e->why == why))
    return std::nullopt;
  return *e;
}

pid node::whereis(const std::string& name) {
  auto id = table_->whereis(name);
  return id == 0 ? pid{} : pid{identity(), id};
}

shutdown_report node::shutdown(duration budget) {
  return shutdown(budget, [this](duration limit) { return table_->wait_until_empty(limit); });
}

shutdown_report node::shutdown(duration budget, const std::function<bool(duration)>& wait_until_empty) {
  auto ask = [this](auto which, const reason& why) {
    // Youngest first: those that were born last depend on the earlier ones.
    auto all = table_->list(env_->time().now());
    for (auto p = all.rbegin(); p != all.rend(); ++p)
      if (which(*p))
        exit(pid{identity(), p->id}, why);
  };
  auto everybody = [](const process_info&) { return true; };
  ask([](const process_info& p) { return p.parent == 0; }, reason::shutdown());
  if (!wait_until_empty(budget / 2)) {
    ask(everybody, reason::shutdown());
    wait_until_empty(budget / 4);
  }
  // Whoever spawns from outside until now may have slipped in behind the last look; nobody does after this.
  table_->close();
  ask(everybody, reason::kill());
  wait_until_empty(budget / 4);
  return {table_->list(env_->time().now())};
}

}  // namespace beamline
