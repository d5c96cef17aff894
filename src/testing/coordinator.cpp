#include "testing/coordinator.hpp"

#include "testing/world.hpp"

#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

namespace beamline::testing {

namespace {

/// Stands where CAF starts a detached printer thread: what is printed through CAF is dropped, our own
/// layer logs.
class silent_printer final : public caf::monitorable_actor {
public:
  explicit silent_printer(caf::actor_config& c) : caf::monitorable_actor{c} {}
  void enqueue(caf::mailbox_element_ptr, caf::execution_unit*) override {}
};

}  // namespace

coordinator::coordinator(caf::actor_system& system, world& w, simulated_node& node)
    : caf::scheduler::abstract_coordinator{system}, world_{w}, node_{node} {}

void coordinator::enqueue(caf::resumable* job) {
  if (is_dead_)
    graveyard_.push_back(job);
  else
    world_.make_ready(*this, job);
}

void coordinator::start() {
  simulated_unit unit{*this};
  caf::actor_config c{&unit};
  utility_actors_[printer_id] =
      caf::make_actor<silent_printer, caf::actor>(system().next_actor_id(), system().node(), &system(), c);
}

void coordinator::die(std::vector<caf::resumable*> ready) {
  is_dead_ = true;
  graveyard_ = std::move(ready);
}

void coordinator::terminate(caf::resumable* job, caf::execution_unit& unit) {
  auto* actor = static_cast<caf::scheduled_actor*>(job);
  actor->context(&unit);
  actor->quit(caf::exit_reason::kill);
  actor->finalize();  // Runs on_exit and then cleanup; cleanup alone would skip on_exit.
}

void coordinator::bury() {
  simulated_unit unit{*this};
  auto sweep = [&] {
    while (!graveyard_.empty()) {
      auto* job = graveyard_.back();
      graveyard_.pop_back();
      terminate(job, unit);
      intrusive_ptr_release(job);
    }
  };
  sweep();
  caf::anon_send_exit(system().spawn_serv(), caf::exit_reason::kill);
  caf::anon_send_exit(system().config_serv(), caf::exit_reason::kill);
  sweep();
  clock_.cancel_all();
}

}  // namespace beamline::testing
