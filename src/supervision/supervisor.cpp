#include "supervision/supervisor.hpp"

#include "supervision/supervisor_actor.hpp"

namespace beamline::supervision {

supervisor::supervisor(process_context& c, supervisor_spec s)
    : supervisor{c, [s = std::move(s)](environment&) { return s; }} {}

supervisor::supervisor(process_context& c, init_function decide)
    : process{c}, impl_{std::make_unique<impl>(*this, std::move(decide))} {}

supervisor::~supervisor() = default;

behavior supervisor::init() { return impl_->init(); }

void supervisor::terminate(const reason&) { impl_->terminate(); }

void supervisor::handle_stop_order(const reason& why) { impl_->stop(why); }

namespace {

child_spec as_supervisor(child_spec s) {
  s.type = child_type::supervisor;
  return s;
}

}  // namespace

child_spec child_supervisor(std::string id, supervisor_spec s) {
  return as_supervisor(child<supervisor>(std::move(id), std::move(s)));
}

child_spec child_supervisor(std::string id, supervisor::init_function decide) {
  return as_supervisor(child<supervisor>(std::move(id), std::move(decide)));
}

}  // namespace beamline::supervision
