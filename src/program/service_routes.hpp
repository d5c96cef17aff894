#pragma once

#include "base/metrics.hpp"
#include "web/router.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace beamline::program {

/// Whether this node wants traffic: every part says `ready` or why not. Thread-safe.
class readiness {
public:
  /// Declares a part that has to become ready, or says what is wrong with it.
  void set_waiting(std::string part, std::string why);
  void set_ready(std::string part);
  /// The node is ending: never ready again.
  void set_draining();

  [[nodiscard]] bool is_ready() const;
  /// `{"status":"ready","parts":{"store":"ready"}}`
  [[nodiscard]] std::string describe() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> parts_;
  bool is_draining_ = false;
};

/// `/healthz` (the process answers), `/readyz` (it wants traffic: 200 or 503) and `/metrics` (Prometheus). The
/// arguments must outlive the server.
void add_service_routes(web::router& routes, const readiness& ready, metrics::registry& metrics);

}  // namespace beamline::program
