#pragma once

// Simulated nodes with user sockets, and browsers on them.

#include "net/linked_nodes.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/presence.hpp"
#include "pubsub/system.hpp"
#include "supervision/api.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/events.hpp"
#include "web/channels/user_socket.hpp"
#include "wire/channels/special_channels.hpp"
#include "wire/room_channel.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace beamline::test {

using beamline::testing::for_each_seed;
using beamline::testing::linked_nodes;
using beamline::testing::simulated_node;
using beamline::testing::world;

/// A browser's end: keeps what it is sent.
struct recording_socket final : web::socket {
  void send(web::frame f) override {
    bodies.push_back(f.body);
    sent.push_back(f.head + (f.body ? *f.body : "") + f.tail);
  }
  void close(std::uint16_t c, std::string_view) override { code = code == 0 ? c : code; }
  [[nodiscard]] std::size_t pending_bytes() const override { return pending; }
  [[nodiscard]] bool writable() const override { return true; }
  void pause_reading() override { is_paused = true; }
  void resume_reading() override { is_paused = false; }
  [[nodiscard]] bool is_open() const override { return code == 0; }

  std::vector<std::string> sent;
  std::vector<std::shared_ptr<const std::string>> bodies;
  std::uint16_t code = 0;
  std::size_t pending = 0;
  bool is_paused = false;
};

struct browser {
  std::shared_ptr<recording_socket> socket = std::make_shared<recording_socket>();
  std::unique_ptr<web::socket_handler> handler;

  void say(const json& message) const { handler->on_text(dump_json(message)); }
  void join(const std::string& topic = "room:1", const json& params = json::object(), const char* ref = "1") const {
    say(json::array({ref, ref, topic, "phx_join", params}));
  }
  void push(const std::string& name, const json& payload, const char* ref = "7", const char* join_ref = "1",
            const std::string& topic = "room:1") const {
    say(json::array({join_ref, ref, topic, name, payload}));
  }
  /// What came since the last time.
  [[nodiscard]] std::vector<std::string> news() { return std::exchange(socket->sent, {}); }
  /// All but replies.
  [[nodiscard]] std::vector<std::string> pushes() const {
    std::vector<std::string> out;
    for (const auto& text : socket->sent)
      if (text.find("phx_reply") == std::string::npos)
        out.push_back(text);
    return out;
  }
};

/// A node with user sockets.
struct site {
  simulated_node& node;
  web::router routes;
  std::unique_ptr<web::user_socket> sockets;
  supervision::nursery nursery{{.label = "channel"}};
  pid helper;
  pid top;

  explicit site(simulated_node& n, web::user_socket::options o, pubsub::system_options pubsub) : node{n} {
    web::add_channels_to(pubsub);
    auto presence = presence::presence_options{};
    presence.dispatcher = web::channels::dispatcher_name;
    top = n.spawn<supervision::supervisor>(supervision::supervisor_spec{
        .children = {pubsub::child_system(std::move(pubsub)), presence::child_presence(std::move(presence)),
                     supervision::child_dynamic_supervisor(
                         "channels", supervision::dynamic_supervisor_spec{.births = nursery.state()})}});
    helper = n.spawn<actor>();
    o.processes = nursery;
    if (o.channels.empty())
      o.channels = {web::channel_at<sleepy_channel>("room:sleepy"), web::channel_at<noting_channel>("room:notes"),
                    web::channel_at<narrow_channel>("room:narrow"), web::channel_at<present_channel>("room:here"),
                    web::channel_at<room_channel>("room:*")};
    o.connect = [](const web::request&, web::socket_assigns& s) -> result<void> {
      if (const auto* user = find_string(s.params, "user"))
        s.id = "user:" + *user;
      return {};
    };
    sockets = std::make_unique<web::user_socket>(n.get(), std::move(o));
    sockets->connect(routes, "/socket/websocket");
  }

  [[nodiscard]] result<std::unique_ptr<web::socket_handler>> try_accept(const std::string& query = {}) {
    auto req = web::request{};
    req.query_text = query;
    req.route = "/socket/websocket";
    return (*routes.find(web::http_method::get, {"socket", "websocket"}).accept)(req);
  }
  [[nodiscard]] std::unique_ptr<web::socket_handler> accept(const std::string& query = {}) {
    auto made = try_accept(query);
    REQUIRE(made.ok());
    return std::move(made).value();
  }
  [[nodiscard]] browser open(const std::string& query = {}) {
    auto b = browser{};
    b.handler = accept(query);
    b.handler->on_open(b.socket);
    return b;
  }
  void act_as_process(std::function<void(process&)> run) { node.cast(helper, act{std::move(run)}); }
  [[nodiscard]] std::size_t channels() {
    const auto all = node.processes().list(node.env().time().now());
    return static_cast<std::size_t>(std::ranges::count(all, "channel", &process_info::label));
  }
  [[nodiscard]] pid only_channel() {
    REQUIRE(channels() == 1);
    const auto all = node.processes().list(node.env().time().now());
    return {node.env().self(), std::ranges::find(all, "channel", &process_info::label)->id};
  }
};

/// Simulated nodes with user sockets, linked.
struct house {
  world& w;
  linked_nodes net;
  std::vector<std::unique_ptr<site>> sites;

  explicit house(world& of, std::vector<std::string> names = {"one@sim"}, const web::user_socket::options& o = {},
                 const pubsub::system_options& pubsub = {})
      : w{of}, net{w, names} {
    web::add_channel_messages(w.contract());
    for (const auto& name : names) {
      auto& n = w.start_node(name);
      n.env().provide(n.own<supervision::partition_directory>());
      n.env().provide(n.own<pubsub::directory>());
      n.env().provide(n.own<presence::trackers>());
      net.join(n, "any");
      sites.push_back(std::make_unique<site>(n, o, pubsub));
      w.run();
    }
    for (std::size_t i = 1; i < sites.size(); ++i)
      net.connect(sites[0]->node, sites[i]->node);
    w.advance(500ms);
  }
  site& operator[](std::size_t i) { return *sites[i]; }
};

inline const std::string ok_of_7 = R"(["1","7","room:1","phx_reply",{"status":"ok","response":{}}])";

}  // namespace beamline::test
