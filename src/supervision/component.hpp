#pragma once

#include "actors/process.hpp"
#include "supervision/child_spec.hpp"
#include "supervision/executor.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace beamline::supervision {

/// A part of a node that is not a process and has a life of its own: a web server, a store, a link. Seen by a
/// supervisor through a process that owns it, as OTP's supervisor_bridge does.
///
/// All of it happens on the component's executor: it is made, stopped and destroyed there, and may block there.
class component {
public:
  virtual ~component() = default;

  /// Ends it and gives back what it holds; `why` is what the supervisor will see. Called once, also when the component
  /// has failed by itself; then it is destroyed. May block; an exception is logged and changes nothing.
  virtual void stop(const reason& why) = 0;
};

/// What a component is made with.
struct component_context {
  environment& env;
  pid owner;  // The process that stands for it.
  /// To be called when the component cannot go on: it is stopped, and its process ends with that reason. From any
  /// thread, as often as one likes, also while the component is being made; not after the node is destroyed.
  std::function<void(reason why)> failed;
};

/// Makes and starts one life of a component, on its executor. An error is a failed start, as is a throw; nothing at all
/// means that the component is not needed (S36).
using component_factory = std::function<result<std::unique_ptr<component>>(const component_context&)>;

/// The process that owns a component.
///
///   supervisor              component_host              executor                     component
///     start  ------------->  init: holds its start ---->  factory  ---------------->  made
///     child_started <------  confirms its start <-------  ok
///                            stops <--------------------------- failed(why) --------  breaks
///     shutdown ----------->  waits  ------------------->  stop(why), destroyed ---->  gone
///     child_gone <---------  ends with that reason <----  done
///
/// A `kill` ends the process at once; its component is stopped behind its back, and because executors keep the order
/// its successor is made only after that (S15, M4). Exit signals of other processes are ignored.
class component_host final : public process {
public:
  component_host(process_context& c, component_factory make, std::shared_ptr<executor> on);

private:
  struct slot;

  behavior init() override;
  void terminate(const reason& why) override;
  void handle_stop_order(const reason& why) override { end(why); }

  void on_made(const std::optional<reason>& failed);
  void end(const reason& why);

  component_factory make_;
  std::shared_ptr<executor> on_;
  std::shared_ptr<slot> slot_;  // Its content belongs to the executor.
  bool is_made_ = false;
  std::optional<reason> ending_;
};

/// A component as a child: permanent, a worker with 5 s to stop. All lives of it use the same executor, which must keep
/// the order and be the component's own if it can hang.
///
///   child_component("store", open_store, std::make_shared<helper_thread>())
[[nodiscard]] child_spec child_component(std::string id, component_factory make, std::shared_ptr<executor> on);

}  // namespace beamline::supervision
