#pragma once

#include "program/applications/accumulator.hpp"
#include "program/applications/outbox.hpp"
#include "program/applications/runtime.hpp"
#include "program/applications/web.hpp"
#include "program/control/server.hpp"
#include "program/node_parts.hpp"
#include "program/stop_signal.hpp"
#include "program/store_verbs.hpp"
#include "supervision/applications/messages.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::program {

/// One run of a node: everything it is made of, from the ports up to the applications. Made, started and ended by the
/// main thread.
class running_node {
public:
  /// `reloads` and `stop` outlive it.
  running_node(const settings_schema& schema, reloader& reloads, identity who, logger& log, stop_signal& stop);

  /// Until everything is there, or one thing is not: then `end` is to be called all the same.
  result<void> start();
  /// In the order of design section 2, within `node.shutdown_timeout`. An error names what did not end by itself; if
  /// something is still running then, the process ends here and now, with status 1.
  result<void> end();

private:
  [[nodiscard]] bool runs(std::string_view application) const;
  result<void> start_node();
  result<void> start_control();
  result<void> start_applications();
  [[nodiscard]] std::vector<supervision::application> applications();
  void listen_to_reloads();
  void leave(const std::vector<process_info>& survivors, const std::vector<std::string>& busy);

  reloader& reloads_;
  stop_signal& stop_;
  node_parts parts_;
  store_reports store_reports_{parts_.events, parts_.log};
  control::dispatcher verbs_;
  std::unique_ptr<web_site> web_;
  outbox_site outbox_{parts_};
  runtime runtime_{parts_, verbs_, outbox_};
  accumulator_site accumulator_{parts_};
  pid controller_;
  std::unique_ptr<control::server> control_;
};

}  // namespace beamline::program
