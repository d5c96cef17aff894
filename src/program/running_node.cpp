#include "program/running_node.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "net/middleman/middleman_carriers.hpp"
#include "net/rpc/wire.hpp"
#include "program/applications/event_horizon.hpp"
#include "program/cluster_verbs_wiring.hpp"
#include "program/comment_verbs.hpp"
#include "program/control/reload_verb.hpp"
#include "program/outbox_verbs.hpp"
#include "program/supervision_verbs.hpp"
#include "pubsub/json_message.hpp"
#include "supervision/applications/application_controller.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace beamline::program {

using namespace std::chrono_literals;

namespace {

// A start that takes longer has failed.
constexpr duration start_timeout = 60s;
// A changed setting that an application has not taken by then has failed.
constexpr duration config_change_timeout = 5s;
// What is left of the time to end once the applications had theirs, for what they left behind.
constexpr int cleanup_share = 5;
constexpr duration control_stop_time = 500ms;

}  // namespace

running_node::running_node(const settings_schema& schema, reloader& reloads, identity who, logger& log,
                           stop_signal& stop)
    : reloads_{reloads}, stop_{stop}, parts_{schema, reloads, std::move(who), log}, verbs_{log} {}

bool running_node::runs(std::string_view application) const {
  auto options = parts_.section(parts_.schema.node);
  const auto& names = options.applications;
  return std::find(names.begin(), names.end(), application) != names.end()
      || (names.empty() && options.role == application);
}

// -- start -------------------------------------------------------------------------------

result<void> running_node::start() {
  if (auto ok = start_node(); !ok)
    return ok;
  auto web = web_site::prepare(parts_, runs("event_horizon"));
  if (!web)
    return web.error();
  web_ = std::move(*web);
  if (web_->blog() != nullptr)
    outbox_.declare({std::make_shared<const net::outbox::class_table>(
                         event_horizon::cluster::event_classes(parts_.section(parts_.schema.accumulator).visit_window)),
                     std::string{accumulator::role}});
  if (auto ok = start_control(); !ok)
    return ok;
  return start_applications();
}

/// What processes of different nodes say to each other, and what is broadcast; procedures bring their own.
message_contract messages_between_nodes() {
  message_contract c;
  net::rpc::add_messages(c);
  accumulator::add_messages(c);
  c.add<pubsub::json_message>();
  return c;
}

result<void> running_node::start_node() {
  node::options o;
  o.name = parts_.who.name.text();
  o.incarnation = parts_.who.incarnation;
  o.contract = messages_between_nodes();
  if (parts_.section(parts_.schema.cluster).enabled)
    o.configure = net::load_carriers;
  parts_.home = std::make_unique<node>(
      std::move(o), environment::ports{parts_.clock, parts_.random, parts_.log, parts_.events, parts_.timers});
  parts_.home->env().provide(parts_.boards);
  parts_.home->env().provide(parts_.groups);
  parts_.home->env().provide(parts_.partitions);
  parts_.home->env().provide(parts_.systems);
  parts_.home->env().provide(parts_.trackers);
  parts_.home->env().use_peers(parts_.peers);
  parts_.measured.watch(parts_.home->processes());
  parts_.measured.watch(runtime_.shown());
  return {};
}

result<void> running_node::start_control() {
  add_supervision_verbs(verbs_, *parts_.home, parts_.boards);
  add_cluster_verbs(verbs_, *parts_.home, parts_of(*parts_.home, runtime_.shown()));
  add_comment_verbs(verbs_, *parts_.home);
  add_store_verbs(verbs_, [this] { return accumulator_.store(); });
  add_outbox_verbs(verbs_, *parts_.home, outbox_.recovery());
  control::add_reload_verb(verbs_, reloads_);
  auto server = control::server::start({.dir = parts_.who.data_dir, .node = parts_.who.name.text()}, verbs_,
                                       {parts_.log, parts_.clock});
  if (!server)
    return server.error();
  control_ = std::move(*server);
  return {};
}

std::vector<supervision::application> running_node::applications() {
  std::vector<supervision::application> all{runtime_.application()};
  if (runs("accumulator")) {
    parts_.ready.set_waiting("accumulator", "opening its store");
    all.push_back(accumulator_.application());
  }
  if (auto* blog = web_->blog()) {
    parts_.ready.set_waiting("event_horizon", "starting");
    all.push_back(event_horizon_application(parts_, *blog));
  }
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& a : all)
    names.push_back(a.name);
  all.push_back(runtime_.links(names));
  parts_.ready.set_waiting("web", "starting");
  all.push_back(web_->application({"links"}));
  return all;
}

result<void> running_node::start_applications() {
  using supervision::application_controller;
  birth how;
  how.name = "applications";
  how.label = "applications";
  controller_ = parts_.home->spawn_as<application_controller>(
      how,
      application_controller::options{applications(), [this](const supervision::application_ended& e) {
                                        stop_.request("the application " + e.name + " has ended: " + to_string(e.why));
                                      }});
  auto answer = parts_.home->call_sync<supervision::application_answer>(
      controller_, supervision::ensure_all_started{{"web"}}, start_timeout);
  if (auto* failed = std::get_if<call_error>(&answer))
    return error{errc::unavailable, "the applications did not start: " + to_string(*failed)};
  if (const auto& a = std::get<0>(answer); !a.ok())
    return error{errc::unavailable, to_string(*a.failed)};
  listen_to_reloads();
  return {};
}

/// Which sections go to the applications; the hook `config_change` of each takes them over.
void running_node::listen_to_reloads() {
  reload_log_levels(reloads_, parts_.schema.log, parts_.log);
  reloads_.read_when_used("node.shutdown_timeout");
  reloads_.on_change("cluster", [this](const config_change& c) -> result<void> {
    auto keys = read_keys(c.now.get(parts_.schema.cluster));
    if (!keys)
      return keys.error();
    runtime_.shown().with([&](net::links& l) { l.use_keys(std::move(*keys)); });
    return {};
  });
  if (runs("accumulator"))
    reloads_.on_change("accumulator", [this](const config_change& c) -> result<void> {
      auto settings = accumulator::reloadable_settings(c.now.get(parts_.schema.accumulator));
      auto answer = parts_.home->call_sync<supervision::settings_answer>(
          controller_, supervision::change_settings{{{"accumulator", settings.get<supervision::setting_values>()}}},
          config_change_timeout);
      if (auto* failed = std::get_if<call_error>(&answer))
        return error{errc::unavailable, "the application controller did not answer: " + to_string(*failed)};
      const auto& refused = std::get<0>(answer).refused;
      return refused.empty() ? result<void>{} : refused.front().second;
    });
}

// -- end -----------------------------------------------------------------------------------

result<void> running_node::end() {
  auto budget = parts_.section(parts_.schema.node).shutdown_timeout;
  auto deadline = parts_.clock.now() + budget;
  auto left = [&] { return std::max(duration{100ms}, deadline - parts_.clock.now()); };
  parts_.ready.set_draining();
  if (!parts_.home)
    return {};
  std::vector<std::string> hung;
  if (controller_) {
    auto time = budget - budget / cleanup_share;
    auto answer = parts_.home->call_sync<supervision::stop_report>(controller_, supervision::stop_all{time}, left());
    if (auto* report = std::get_if<supervision::stop_report>(&answer))
      hung = report->hung;
  }
  auto survivors = parts_.home->shutdown(left() / 2).survivors;
  auto busy = parts_.threads.await_idle(left() / 2, parts_.clock);
  if (control_)
    control_->stop(std::min(left(), control_stop_time));
  if (!survivors.empty() || !busy.empty())
    leave(survivors, busy);
  parts_.threads.end();
  if (hung.empty())
    return {};
  std::string text = "not everything ended by itself within node.shutdown_timeout:";
  for (const auto& h : hung)
    text += " " + h + ";";
  text.pop_back();
  return error{errc::timeout, text};
}

/// CAF's destructor would wait for them for ever; what was acknowledged is on disk.
void running_node::leave(const std::vector<process_info>& survivors, const std::vector<std::string>& busy) {
  for (const auto& p : survivors)
    parts_.log.error("node", "still running at the end of the shutdown time",
                     {{"process", p.id}, {"kind", p.kind}, {"handling", p.current}, {"for", p.current_age}});
  for (const auto& name : busy)
    parts_.log.error("node", "still running at the end of the shutdown time", {{"component", name}});
  parts_.log.flush();
  std::cerr.flush();
  std::_Exit(1);
}

}  // namespace beamline::program
