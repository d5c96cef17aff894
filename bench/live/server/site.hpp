#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/token.hpp"
#include "live/server/sources.hpp"
#include "pubsub/directory.hpp"
#include "supervision/nursery.hpp"
#include "supervision/partition_table.hpp"
#include "web/live/endpoint.hpp"
#include "web/server.hpp"
#include "web/session.hpp"

#include <cstdint>
#include <memory>

namespace beamline::bench {

/// The site whose costs are measured: a node with PubSub, a supervisor of its views, the server, and three pages,
/// /counter, /ticks and /post/:slug. POST /ticks/:per_second/:seconds starts the ticks.
class site {
public:
  /// Throws std::runtime_error when it does not start.
  site();
  ~site();
  site(const site&) = delete;
  site& operator=(const site&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

private:
  void start_processes();
  [[nodiscard]] web::router routes();

  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_, log_level::warn);
  telemetry events_;
  timer_thread timers_{clock_};
  supervision::partition_directory partitions_;
  pubsub::directory systems_;
  sources sources_;
  node home_;
  supervision::nursery views_{{.label = "view"}};
  keyring keys_;
  token_signer signer_;
  web::session_codec sessions_;
  std::unique_ptr<web::live::endpoint> live_;
  std::unique_ptr<web::server> server_;
};

}  // namespace beamline::bench
