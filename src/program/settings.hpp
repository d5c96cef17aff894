#pragma once

#include "apps/accumulator/options.hpp"
#include "apps/event_horizon/options.hpp"
#include "base/cluster_options.hpp"
#include "base/config/schema.hpp"
#include "base/log_options.hpp"
#include "base/node_options.hpp"
#include "net/outbox/options.hpp"
#include "store/options.hpp"
#include "web/config.hpp"

namespace beamline::program {

/// Every section of the program's configuration.
class settings_schema {
public:
  settings_schema();

  [[nodiscard]] const config::schema& all() const noexcept { return schema_; }

private:
  config::schema schema_;

public:
  const config::handle<node_options> node;
  const config::handle<log_options> log;
  const config::handle<cluster_options> cluster;
  const config::handle<web::web_config> web;
  const config::handle<store::store_options> store;
  const config::handle<net::outbox::outbox_options> outbox;
  const config::handle<accumulator::accumulator_options> accumulator;
  const config::handle<event_horizon::event_horizon_options> event_horizon;
};

}  // namespace beamline::program
