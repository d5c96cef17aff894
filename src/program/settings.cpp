#include "program/settings.hpp"

namespace beamline::program {

settings_schema::settings_schema()
    : node{schema_.add(node_section())},
      log{schema_.add(log_section())},
      cluster{schema_.add(cluster_section())},
      web{schema_.add(web::web_section())},
      store{schema_.add(store::store_section())},
      outbox{schema_.add(net::outbox::outbox_section())},
      accumulator{schema_.add(accumulator::accumulator_section())},
      event_horizon{schema_.add(event_horizon::event_horizon_section())} {}

}  // namespace beamline::program
