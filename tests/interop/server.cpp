// A node for the clients of this folder: channels at /socket/websocket, PubSub and presence, linked with another; and
// the live views of views/ with their socket at /live/websocket.
//
// usage: interop_server NAME [HOST:PORT]      NAME is name@host; HOST:PORT is where the other node's links listen
//
// Prints one line of JSON when it can be used, {"http": PORT, "links": PORT}, and ends when its input does.

#include "web/server.hpp"
#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "interop/live_pages.hpp"
#include "interop/presence_channels.hpp"
#include "net/machine/machine_links.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/presence.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/user_socket.hpp"
#include "wire/room_channel.hpp"

#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace beamline::interop {

namespace {

using namespace supervision;

constexpr duration start_time = 20s;
constexpr duration stop_time = 5s;

/// Fast, so that the tests are: a node that is gone is hidden after this.
presence::presence_options presence_options() {
  presence::presence_options o;
  o.tracker.broadcast_period = 50ms;
  o.tracker.nodedown_grace = 200ms;
  o.dispatcher = web::channels::dispatcher_name;
  o.batch = 10ms;
  return o;
}

pubsub::system_options pubsub_options() {
  auto o = pubsub::system_options{};
  web::add_channels_to(o);
  return o;
}

message_contract contract() {
  message_contract c;
  web::add_channel_messages(c);
  return c;
}

net::links_options links_options() {
  net::links_options o;
  o.listen = net::endpoint{"127.0.0.1", 0};
  o.keys.current = {"1", "a cookie for tests, which is long enough"};
  return o;
}

std::unique_ptr<logger> open_log(const clock& time) {
  log_options o;
  o.level = log_level::error;
  for (const auto* area : {"actors", "web"})
    o.areas[area] = log_level::off;  // Channels and views crash when they are told to.
  return logger::open(o, time).value();
}

result<void> admit(const web::request&, web::socket_assigns& s) {
  if (find_string(s.params, "refuse") != nullptr)
    return error{errc::denied, "not you"};
  if (const auto* user = find_string(s.params, "user")) {
    s.user = *user;
    s.id = "user:" + *user;
  }
  return {};
}

}  // namespace

class server_node {
public:
  explicit server_node(const std::string& name)
      : home_{node::options{.name = name, .contract = contract(), .configure = net::load_carriers},
              environment::ports{clock_, random_, *log_, events_, timers_}} {
    home_.env().provide(partitions_);
    home_.env().provide(systems_);
    home_.env().provide(trackers_);
    machine_ = net::machine_links::start(home_, {.links = links_options()}).value();
    home_.env().use_peers(*machine_->get());
    top_ = home_.spawn<supervisor>(supervisor_spec{
        .children = {pubsub::child_system(pubsub_options()), presence::child_presence(presence_options()),
                     child_dynamic_supervisor("channels", dynamic_supervisor_spec{.births = channels_.state()})}});
    try {
      start();
    } catch (...) {
      stop();
      throw;
    }
  }

  ~server_node() { stop(); }
  server_node(const server_node&) = delete;
  server_node& operator=(const server_node&) = delete;

  void link(const net::endpoint& with) {
    auto told = std::make_shared<std::promise<net::connect_outcome>>();
    machine_->get()->connect(with, {}, [told](const net::connect_outcome& o) { told->set_value(o); });
    auto outcome = told->get_future();
    if (outcome.wait_for(start_time) != std::future_status::ready || !outcome.get().ok())
      throw std::runtime_error{"no link with " + to_string(with)};
  }

  [[nodiscard]] json ports() const {
    return {{"http", server_->port()}, {"links", machine_->get()->listens_at()->port}};
  }

private:
  child_counts count_started() {
    auto told = home_.call_sync<child_counts>(top_, count_children{}, start_time);
    if (auto* e = std::get_if<call_error>(&told))
      throw std::runtime_error{"the node does not start: " + to_string(*e)};
    return std::get<child_counts>(told);
  }
  void start() {
    // A supervisor answers while its children start, too.
    const auto until = std::chrono::steady_clock::now() + start_time;
    for (auto counts = count_started(); counts.active < counts.specs; counts = count_started())
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error{"the node does not start: its children are not there in time"};
    machine_->get()->begin();
    listen();
  }
  void stop() {
    if (server_)
      server_->shutdown(stop_time);
    server_.reset();
    (void)home_.stop_sync(top_, reason::shutdown(), stop_time);
    machine_->close(stop_time);
    home_.shutdown(stop_time);
    machine_.reset();
  }
  void listen() {
    sockets_.emplace(home_, web::user_socket::options{.connect = admit,
                                                      .channels = {web::channel_at<test::room_channel>("room:*"),
                                                                   web::channel_at<presence_channel>("presence:*"),
                                                                   web::channel_at<renaming_channel>("renamed:*"),
                                                                   web::channel_at<doom_channel>("doom")},
                                                      .processes = channels_});
    web::router routes;
    sockets_->connect(routes, "/socket/websocket");
    pages_.emplace(home_);
    pages_->add_to(routes);
    web::web_options o;
    o.bind = "127.0.0.1";
    o.port = 0;
    o.origins.how = web::origin_policy::mode::off;
    server_ = web::server::start(std::move(o), std::move(routes), {*log_, events_, clock_, random_}).value();
  }

  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_ = open_log(clock_);
  telemetry events_;
  timer_thread timers_{clock_};
  partition_directory partitions_;
  pubsub::directory systems_;
  presence::trackers trackers_;
  node home_;
  std::unique_ptr<net::machine_links> machine_;
  nursery channels_{{.label = "channel"}};
  pid top_;
  std::optional<web::user_socket> sockets_;
  std::optional<live_pages> pages_;
  std::unique_ptr<web::server> server_;
};

}  // namespace beamline::interop

int main(int argc, char** argv) {
  using namespace beamline;
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: interop_server NAME [HOST:PORT]" << std::endl;
    return 2;
  }
  try {
    interop::server_node here{argv[1]};
    if (argc == 3)
      here.link(net::parse_endpoint(argv[2]).value());
    std::cout << dump_json(here.ports()) << std::endl;
    std::string ignored;
    while (std::getline(std::cin, ignored)) {}
  } catch (const std::exception& e) {
    std::cerr << "interop_server: " << e.what() << std::endl;
    return 1;
  }
}
