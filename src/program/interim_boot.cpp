#include "program/interim_boot.hpp"

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "apps/accumulator/counter.hpp"
#include "apps/event_horizon/application.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/telemetry.hpp"
#include "net/interim_broadcast.hpp"
#include "net/interim_link.hpp"
#include "net/interim_rpc.hpp"
#include "program/identity.hpp"
#include "program/node_metrics.hpp"
#include "program/service_routes.hpp"
#include "store/open.hpp"
#include "web/assets.hpp"
#include "web/config.hpp"
#include "web/server.hpp"
#include "web/session.hpp"

#include <algorithm>
#include <iostream>

namespace beamline::program {

namespace {

// A part that takes longer to start than this has failed.
constexpr duration start_timeout = 30s;

/// Where the running program lies: its assets are found from there, in the build tree and installed.
std::filesystem::path program_dir() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
}

/// All parts of a running node, in the order they are made; destroyed in reverse. `end` stops them in the order of
/// design section 2 before.
class running_node {
public:
  running_node(const settings_schema& schema, const config::loaded& settings, identity who, logger& log)
      : schema_{schema}, settings_{settings}, who_{std::move(who)}, log_{log} {}

  result<void> start();
  result<void> end();

private:
  template <class T>
  const T& section(config::handle<T> h) const {
    return settings_.get(h);
  }
  bool runs(std::string_view application) const;

  result<void> start_node();
  result<void> start_link();
  result<void> start_accumulator();
  result<void> start_event_horizon(web::router& routes);
  result<void> start_web(web::router routes);

  const settings_schema& schema_;
  const config::loaded& settings_;
  identity who_;
  logger& log_;
  system_clock clock_;
  system_random random_;
  web::web_options web_options_;
  telemetry events_;
  metrics::registry metrics_;
  readiness ready_;
  timer_thread timers_{clock_};
  std::optional<keyring> keys_;
  std::optional<token_signer> signer_;
  std::optional<web::session_codec> sessions_;
  std::optional<web::asset_store> assets_;
  std::unique_ptr<store::database> store_;
  std::unique_ptr<node> node_;
  std::unique_ptr<net::interim_link> link_;
  pid rpc_, broadcast_;
  std::unique_ptr<event_horizon::application> blog_;
  std::unique_ptr<web::server> server_;
  node_metrics measured_{events_, metrics_};
};

bool running_node::runs(std::string_view application) const {
  const auto& names = section(schema_.node).applications;
  return std::find(names.begin(), names.end(), application) != names.end()
      || (names.empty() && section(schema_.node).role == application);
}

result<void> running_node::start_node() {
  node::options o;
  o.name = who_.name.text();
  o.incarnation = who_.incarnation;
  if (section(schema_.cluster).enabled)
    o.configure = net::load_middleman;
  node_ = std::make_unique<node>(std::move(o), environment::ports{clock_, random_, log_, events_, timers_});
  measured_.watch(node_->processes());
  return {};
}

result<void> running_node::start_link() {
  const auto& c = section(schema_.cluster);
  if (c.enabled) {
    auto link = net::interim_link::start(
        *node_, {.bind = c.bind, .port = c.port, .endpoints = c.peers, .role = section(schema_.node).role});
    if (!link)
      return link.error();
    link_ = std::move(*link);
    node_->env().use_peers(link_->peers());
    log_.info("net", "accepting links", {{"bind", c.bind}, {"port", link_->port()}});
  }
  rpc_ = node_->spawn<net::interim_rpc>(section(schema_.node).role);
  broadcast_ = node_->spawn<net::interim_broadcast>();
  if (!node_->await_init(rpc_, start_timeout) || !node_->await_init(broadcast_, start_timeout))
    return error{errc::unavailable, "the processes for calls and broadcasts did not start; the log says why"};
  return {};
}

result<void> running_node::start_accumulator() {
  if (!runs("accumulator"))
    return {};
  ready_.set_waiting("accumulator", "opening its store");
  auto options = section(schema_.store);
  if (options.path.is_relative())
    options.path = who_.data_dir / options.path;
  auto opened = store::open_database(options, events_, clock_);
  if (!opened)
    return opened.error();
  store_ = std::move(*opened);
  auto counter = node_->spawn<accumulator::counter>(accumulator::counter::parts{*store_, rpc_, broadcast_},
                                                    section(schema_.accumulator));
  auto ready = node_->call_sync<accumulator::ready>(counter, accumulator::await_ready{}, start_timeout);
  if (auto* failed = std::get_if<call_error>(&ready))
    return error{errc::unavailable, "the accumulator did not start: " + to_string(*failed)};
  ready_.set_ready("accumulator");
  return {};
}

result<void> running_node::start_event_horizon(web::router& routes) {
  if (!runs("event_horizon"))
    return {};
  ready_.set_waiting("event_horizon", "reading its posts");
  auto assets = web::asset_store::load(program_dir() / section(schema_.event_horizon).assets_dir);
  if (!assets)
    return assets.error();
  assets_ = std::move(*assets);
  auto keys = keyring::parse(who_.secret);
  if (!keys)
    return keys.error().in("node.secret");
  keys_ = std::move(*keys);
  signer_.emplace(*keys_, clock_);
  sessions_.emplace(*signer_, web::session_codec::options{.secure = section(schema_.web).scheme == "https"});
  auto blog = event_horizon::application::start(
      *node_, {rpc_, broadcast_, *signer_, *sessions_, *assets_, web_options_.origins}, section(schema_.event_horizon),
      routes);
  if (!blog)
    return blog.error();
  blog_ = std::move(*blog);
  ready_.set_ready("event_horizon");
  return {};
}

result<void> running_node::start_web(web::router routes) {
  ready_.set_waiting("web", "starting");
  auto server = web::server::start(web_options_, std::move(routes), {log_, events_, clock_, random_});
  if (!server)
    return server.error();
  server_ = std::move(*server);
  measured_.watch(*server_);
  ready_.set_ready("web");
  log_.info("web", "listening", {{"bind", web_options_.bind}, {"port", server_->port()}});
  return {};
}

result<void> running_node::start() {
  auto options = web::to_options(section(schema_.web));
  if (!options)
    return options.error();
  web_options_ = std::move(*options);
  web::router routes;
  add_service_routes(routes, ready_, metrics_);
  if (auto ok = start_node(); !ok)
    return ok;
  if (auto ok = start_link(); !ok)
    return ok;
  if (auto ok = start_accumulator(); !ok)
    return ok;
  if (auto ok = start_event_horizon(routes); !ok)
    return ok;
  // Last, so that peers find everything they may call.
  if (link_)
    link_->begin();
  return start_web(std::move(routes));
}

result<void> running_node::end() {
  auto deadline = clock_.now() + section(schema_.node).shutdown_timeout;
  auto left = [&](int parts) { return std::max(duration{100ms}, (deadline - clock_.now()) / parts); };
  ready_.set_draining();
  if (server_)
    server_->shutdown(left(3));
  if (link_)
    link_->close();
  std::vector<process_info> survivors;
  if (node_)
    survivors = node_->shutdown(left(2)).survivors;
  result<void> stored;
  if (store_)
    stored = store_->close(left(1));
  for (const auto& p : survivors)
    log_.error("node", "still running at the end of the shutdown time",
               {{"process", p.id}, {"kind", p.kind}, {"handling", p.current}, {"for", p.current_age}});
  if (!survivors.empty()) {
    // CAF's destructor would wait for them for ever; what was acknowledged is on disk.
    log_.flush();
    std::cerr.flush();
    std::_Exit(1);
  }
  return stored;
}

}  // namespace

result<void> run_node(const settings_schema& schema, const config::loaded& settings, stop_signal& stop) {
  system_clock clock;
  system_random random;
  auto who = take_identity(settings.get(schema.node), clock, random);
  if (!who)
    return who.error();
  auto log = logger::open(settings.get(schema.log), clock, who->name.text());
  if (!log)
    return log.error();
  (*log)->info("node", "starting",
               {{"name", who->name.text()}, {"incarnation", who->incarnation}, {"data_dir", who->data_dir.string()}});
  if (who->is_secret_made)
    (*log)->warn("node",
                 "BEAMLINE_SECRET is not set: using one made in the data directory; hosts of one site need "
                 "the same one",
                 {{"data_dir", who->data_dir.string()}});

  running_node running{schema, settings, std::move(*who), **log};
  auto started = running.start();
  if (started) {
    (*log)->info("node", "ready");
    (*log)->info("node", "ending", {{"because", stop.wait()}});
  }
  stop.let_next_one_kill();
  auto ended = running.end();
  if (started && ended)
    (*log)->info("node", "ended");
  return started ? ended : started;
}

}  // namespace beamline::program
