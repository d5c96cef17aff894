#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/presence.hpp"
#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/user_socket.hpp"
#include "web/server.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace beamline::example {

/// What channels need of a node, by hand: PubSub, presence that publishes to channels, and a supervisor of theirs.
class chat_node {
public:
  chat_node() {
    home_.env().provide(partitions_);
    home_.env().provide(systems_);
    home_.env().provide(trackers_);
    pubsub::system_options pubsub;
    web::add_channels_to(pubsub);
    presence::presence_options presence;
    presence.dispatcher = web::channels::dispatcher_name;
    top_ = home_.spawn<supervision::supervisor>(supervision::supervisor_spec{
        .children = {pubsub::child_system(std::move(pubsub)), presence::child_presence(std::move(presence)),
                     supervision::child_dynamic_supervisor(
                         "channels", supervision::dynamic_supervisor_spec{.births = channels_.state()})}});
    // It answers once its children have started.
    auto begun = home_.call_sync<supervision::child_counts>(top_, supervision::count_children{},
                                                            duration{std::chrono::seconds{10}});
    if (const auto* e = std::get_if<call_error>(&begun))
      throw std::runtime_error{"the node does not start: " + to_string(*e)};
  }

  [[nodiscard]] node& get() noexcept { return home_; }
  [[nodiscard]] const supervision::nursery& channels() const noexcept { return channels_; }

  /// Answers GET at `path` with that file, as it is now.
  static void serve(web::router& routes, std::string_view path, const std::string& file, std::string type) {
    std::ifstream in{file, std::ios::binary};
    if (!in)
      throw std::runtime_error{file + " is missing; run scripts/setup test"};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    routes.get(path, [content, type = std::move(type)](const web::request&, web::responder answer) {
      auto page = web::response::text(content);
      page.headers.set("content-type", type);
      answer.send(std::move(page));
    });
  }

  [[nodiscard]] auto listen(web::router routes, int port) {
    web::web_options o;
    o.port = static_cast<std::uint16_t>(port);
    o.origins.public_host = "localhost";  // Pages of other sites may not connect.
    return web::server::start(std::move(o), std::move(routes), {*log_, events_, clock_, random_});
  }

  [[nodiscard]] bool end() { return home_.shutdown(std::chrono::seconds{5}).is_clean(); }

private:
  static message_contract contract() {
    message_contract c;
    web::add_channel_messages(c);
    return c;
  }

  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_);
  telemetry events_;
  timer_thread timers_{clock_};
  supervision::partition_directory partitions_;
  pubsub::directory systems_;
  presence::trackers trackers_;
  node home_{{.name = "chat@127.0.0.1", .contract = contract()}, {clock_, random_, *log_, events_, timers_}};
  supervision::nursery channels_{{.label = "channel"}};
  pid top_;
};

}  // namespace beamline::example
