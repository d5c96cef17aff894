#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/events.hpp"
#include "web/channels/user_socket.hpp"
#include "wire/fixture.hpp"
#include "wire/room_channel.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

namespace beamline::test {

struct channel_site_options {
  web::web_options web = test_options();
  std::size_t outgoing_bytes_max = std::size_t{2} * 1024 * 1024;
  web::rate_limit messages = web::default_rates::messages;
  std::size_t processes_max = 10'000;
  std::size_t children_max = 1000;  // Of the supervisor of channels.
};

/// A node with a PubSub system, a user socket of rooms at /socket/websocket, and its web server.
struct channel_site {
  using options = channel_site_options;

  explicit channel_site(const options& o = {})
      : home{node::options{.name = "test@127.0.0.1", .processes_max = o.processes_max, .contract = contract()},
             environment::ports{time, random, *log, events, timers}} {
    home.env().provide(systems);
    home.env().provide(partitions);
    auto pubsub = pubsub::system_options{};
    web::add_channels_to(pubsub);
    top = home.spawn<supervision::supervisor>(supervision::supervisor_spec{
        .children = {pubsub::child_system(std::move(pubsub)),
                     supervision::child_dynamic_supervisor(
                         "channels", supervision::dynamic_supervisor_spec{.max_children = o.children_max,
                                                                          .births = nursery.state()})}});
    // The channels' supervisor is started last.
    if (!home.await_init(top, 5s) || !comes_true([&] { return nursery.state()->current() != nullptr; }))
      throw std::runtime_error{"the site does not start"};
    sockets.emplace(home,
                    web::user_socket::options{
                        .connect = [this](const web::request& r, web::socket_assigns& s) { return admit(r, s); },
                        .channels = {web::channel_at<room_channel>("lobby"), web::channel_at<room_channel>("room:*")},
                        .processes = nursery,
                        .sessions = &sessions,
                        .channels_max = 5,
                        .outgoing_bytes_max = o.outgoing_bytes_max,
                        .messages = o.messages});
    server.emplace([this](web::router& routes) { sockets->connect(routes, "/socket/websocket"); }, o.web);
  }
  ~channel_site() {
    server.reset();
    CHECK(has_processes(0));
    CHECK(home.shutdown(5s).is_clean());
  }

  [[nodiscard]] wire_client connect(const std::string& query = {}, int receive_buffer = 0) const {
    return server->connect_socket("/socket/websocket?vsn=2.0.0" + query, receive_buffer);
  }
  /// Of channels and connections.
  [[nodiscard]] bool has_processes(std::size_t count) {
    return comes_true([&] {
      const auto all = home.processes().list(time.now());
      return std::ranges::count(all, "channel", &process_info::label) == static_cast<std::ptrdiff_t>(count);
    });
  }

  [[nodiscard]] bool logged(std::string_view text) const {
    const auto lines = log->recent();
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(text) != std::string::npos; });
  }

  system_clock time;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(time);
  telemetry events;
  timer_thread timers{time};
  supervision::partition_directory partitions;
  pubsub::directory systems;
  node home;
  supervision::nursery nursery{{.label = "channel"}};
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, time};
  web::session_codec sessions{signer, {}};
  pid top;
  std::atomic<int> asked{0};  // How often the connect hook ran.
  std::optional<web::user_socket> sockets;
  std::optional<running_server> server;

private:
  static message_contract contract() {
    auto c = message_contract{};
    web::add_channel_messages(c);
    return c;
  }
  result<void> admit(const web::request&, web::socket_assigns& s) {
    ++asked;
    if (const auto* refuse = find_string(s.params, "refuse"))
      return error{*refuse == "busy" ? errc::busy : errc::denied, "not you"};
    if (const auto* user = find_string(s.params, "user")) {
      s.user = *user;
      s.id = "user:" + *user;
    }
    return {};
  }
};

// -- what clients say, and what they hear -----------------------------------------------------------------

inline std::optional<std::string> text(wire_client& c) {
  auto frame = c.read_frame();
  return frame && frame->op == 1 ? std::optional{frame->payload} : std::nullopt;
}

/// The next message as it came; empty when there is none.
inline std::string read(wire_client& c) { return text(c).value_or(""); }

inline std::string ask(wire_client& c, const std::string& message) {
  c.send(masked_frame(1, message));
  return read(c);
}

/// A message of the first join.
inline std::string event(const std::string& topic, const std::string& name, const json& payload, const std::string& ref,
                         const std::string& join_ref = "1") {
  return dump_json(json::array({join_ref, ref, topic, name, payload}));
}

inline std::string join_of(const std::string& topic, const json& params = json::object(),
                           const std::string& ref = "1") {
  return dump_json(json::array({ref, ref, topic, "phx_join", params}));
}

inline void join(wire_client& c, const std::string& topic = "room:1", const json& params = json::object(),
                 const std::string& ref = "1") {
  auto answer = json::parse(ask(c, join_of(topic, params, ref)));
  REQUIRE(answer[4]["status"] == "ok");
  REQUIRE(answer[0] == ref);
  REQUIRE(answer[1] == ref);
}

/// A client's binary push.
inline std::string octets_of(const std::string& join_ref, const std::string& ref, const std::string& topic,
                             const std::string& name, const std::string& data) {
  auto out = std::string{'\0'};
  for (const auto* part : {&join_ref, &ref, &topic, &name})
    out += static_cast<char>(part->size());
  return out + join_ref + ref + topic + name + data;
}

/// Nothing more has come: the next thing that is heard is the answer to this.
inline bool is_quiet(wire_client& c) {
  return ask(c, R"([null,"quiet","phoenix","heartbeat",{}])")
      == R"([null,"quiet","phoenix","phx_reply",{"status":"ok","response":{}}])";
}

inline int close_code_of(wire_client& c) {
  while (auto frame = c.read_frame())
    if (frame->op == 8)
      return frame->close_code();
  return 0;
}

inline const std::string ok_of_7 = R"(["1","7","room:1","phx_reply",{"status":"ok","response":{}}])";

}  // namespace beamline::test
