#pragma once

#include "supervision/api.hpp"
#include "supervision/supervisor_spec.hpp"

#include <memory>

namespace beamline::supervision {

/// A supervisor as OTP means it (S1-S94): starts its children one after another, restarts them by their restart type
/// and its strategy, stops them in reverse, and gives up when that happens too often.
///
///   auto top = node.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 3, .period = 5s},
///                                                     .children = {child<store>("store"), child<cache>("cache")}});
///   ... child_supervisor("inner", spec) ...
///
/// It has started when all its children have. It never blocks its thread: starts and stops are awaited as messages, and
/// queries (api.hpp) are answered meanwhile. It ends
///   - with its parent's reason, when its parent sends an exit signal; its children always get `shutdown` (S76, S77);
///   - with `shutdown`, when it gives up or an auto-shutdown is due (S59, S80);
///   - with the reason of a stop_order (S79);
///   - with `killed`, at once: its children get `killed` as an exit signal (S17).
/// An order to end overrules a start that is under way: the child that is being started is stopped like any other, and
/// whoever asked for it hears `stopping`. (OTP's supervisors would wait for the start to finish.)
/// Exit signals of strangers are ignored (S78), as are messages it does not know (S93).
class supervisor final : public process {
public:
  using spec = supervisor_spec;
  /// Decides at each start anew; a throw is a failed start (S34, S35).
  using init_function = std::function<std::variant<supervisor_spec, start_ignored, reason>(environment&)>;

  supervisor(process_context& c, supervisor_spec s);
  supervisor(process_context& c, init_function decide);
  ~supervisor() override;

  behavior init() override;
  void terminate(const reason& why) override;
  void handle_stop_order(const reason& why) override;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// A supervisor as a child of another: permanent, with all the time it wants to stop (S75).
[[nodiscard]] child_spec child_supervisor(std::string id, supervisor_spec s);
[[nodiscard]] child_spec child_supervisor(std::string id, supervisor::init_function decide);

}  // namespace beamline::supervision
