#include "actors/turn_batch.hpp"

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace beamline {

turn_batch::~turn_batch() {
  for (auto* one : woken_)
    home_.system().scheduler().enqueue(one);
}

void turn_batch::exec_later(caf::resumable* one) { woken_.push_back(one); }

}  // namespace beamline
