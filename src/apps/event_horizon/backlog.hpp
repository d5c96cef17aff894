#pragma once

#include "actors/process.hpp"
#include "apps/event_horizon/audience.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/messages.hpp"
#include "base/time.hpp"
#include "net/outbox/api.hpp"

namespace beamline::event_horizon {

/// The process that knows what waits in the outbox of this node, and tells the views. One per node, found as
/// `backlog_name`.
///
///   outbox                              backlog                            views
///     <---- watch_standing                <-- watch_waiting -------------    on mount
///     ---- standing, whenever it changes -->  --- waiting_updated ------->   each subscribed one
///
/// While the outbox is away, nothing is known of it: it is shown as before, and not connected.
class backlog final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process.
  };

  /// Throws when the node has one already.
  backlog(process_context& c, parts p);

private:
  behavior init() override;

  void ask();
  void ask_again();
  void learn(const net::outbox::standing& now);
  reply_promise<waiting_state> watch_view(const watch_waiting& m);

  parts parts_;
  audience views_;
  duration pause_;
};

}  // namespace beamline::event_horizon
