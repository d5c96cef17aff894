#pragma once

#include "actors/process.hpp"
#include "supervision/applications/messages.hpp"

#include <functional>
#include <memory>

namespace beamline::supervision {

/// Starts and stops the applications of a node (S170-S174). The messages it takes are those of messages.hpp.
///
///   auto controller = node.spawn<application_controller>(application_controller::options{
///       .applications = {store, blog, web}, .system_stop = [&](const application_ended& e) { ... }});
///   node.call_sync<application_answer>(controller, ensure_all_started{{"web"}}, 30s);
///   ...
///   node.call_sync<stop_report>(controller, stop_all{.budget = 8s}, 10s);
///
/// It is the parent of each application's top supervisor and never blocks: hooks and trees are awaited as messages.
/// When it is asked to end it stops all applications first; they have all the time they want then, so ask for
/// `stop_all` with a budget before. If it is killed the trees end, as those of every killed parent do, and no hook
/// runs.
class application_controller final : public process {
public:
  struct options {
    std::vector<application> applications{};  // Known from the start; one that cannot be loaded is a failed start.
    // Told when the tree of an application ended by itself and its type says that the node stops, before its hooks run;
    // and when the controller itself was killed or crashed, under the name "application controller".
    // Called in the controller's turn: it must not block.
    std::function<void(const application_ended&)> system_stop{};
  };

  application_controller(process_context& c, options o);
  ~application_controller() override;

  behavior init() override;
  void terminate(const reason& why) override;
  void handle_stop_order(const reason& why) override;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace beamline::supervision
