// Starting, stopping, and too much of everything.
#include "wire/fixture.hpp"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

/// Hands its socket to the test.
class open_handler final : public echo_handler {
public:
  open_handler(journal& j, std::promise<std::shared_ptr<web::socket>>& opened) : echo_handler{j}, opened_{opened} {}
  void on_open(std::shared_ptr<web::socket> s) override {
    echo_handler::on_open(s);
    opened_.set_value(std::move(s));
  }

private:
  std::promise<std::shared_ptr<web::socket>>& opened_;
};

auto with_socket(journal& j, std::promise<std::shared_ptr<web::socket>>& opened) {
  return [&](web::router& r) {
    r.websocket("/ws", [&](const web::request&) -> result<std::unique_ptr<web::socket_handler>> {
      return std::unique_ptr<web::socket_handler>{std::make_unique<open_handler>(j, opened)};
    });
    r.websocket("/echo", [&](const web::request&) -> result<std::unique_ptr<web::socket_handler>> {
      return std::unique_ptr<web::socket_handler>{std::make_unique<echo_handler>(j)};
    });
  };
}

void one_page(web::router& r) {
  r.get("/", [](const web::request&, web::responder a) { a.send(web::response::text("here")); });
}

constexpr auto get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("an address that cannot be listened on is named with the remedy") {
  auto first = running_server{one_page, test_options()};
  auto options = test_options();
  auto start = [&] {
    return web::server::start(options, web::router{}, {*first.log, first.events, first.time, first.random});
  };
  SUBCASE("a port that is taken") {
    options.port = first.server->port();
    auto second = start();
    REQUIRE_FALSE(second);
    CHECK(second.error().code == errc::conflict);
    CHECK(second.error().message
          == "web.port " + std::to_string(options.port)
                 + " is in use on 127.0.0.1; stop the other program or set web.port / BEAMLINE_PORT");
  }
  SUBCASE("an address of another machine") {
    options.bind = "192.0.2.1";
    auto second = start();
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("\"192.0.2.1\" is not an address of this machine") != std::string::npos);
  }
  SUBCASE("a name") {
    options.bind = "example.org";
    auto second = start();
    REQUIRE_FALSE(second);
    CHECK(second.error().code == errc::invalid);
  }
}

TEST_CASE("localhost and :: are reachable by IPv4 and IPv6") {
  auto time = system_clock{};
  auto random = system_random{};
  auto log = logger::in_memory(time);
  auto events = telemetry{};
  for (const auto* bind : {"localhost", "::"}) {
    CAPTURE(bind);
    auto options = test_options();
    options.bind = bind;
    auto routes = web::router{};
    one_page(routes);
    auto server = web::server::start(options, std::move(routes), {*log, events, time, random});
    REQUIRE(server);
    for (const auto* address : {"127.0.0.1", "::1"}) {
      CAPTURE(address);
      auto client = wire_client{(*server)->port(), address};
      REQUIRE(client.is_connected());
      client.send(get);
      CHECK(client.read_answer().body == "here");
    }
  }
}

TEST_CASE("connections above the limit are told to come back later") {
  auto options = test_options();
  options.connections_max = 2;
  auto server = running_server{one_page, options};
  auto first = server.connect();
  auto second = server.connect();
  for (auto* client : {&first, &second}) {
    client->send(get);
    REQUIRE(client->read_answer().status == 200);
  }
  auto third = server.connect();
  third.send(get);
  auto answer = third.read_answer();
  CHECK(answer.status == 503);
  CHECK(answer.headers.contains("retry-after"));
  CHECK(third.reads_end());
}

TEST_CASE("shutdown tells every socket 1012 and ends in time") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto options = test_options();
  options.drain_wave_sockets = 2;
  options.drain_wave_interval = 10ms;
  auto server = running_server{[&](web::router& r) {
                                 with_socket(j, opened)(r);
                                 one_page(r);
                               },
                               options};
  auto sockets = std::vector<wire_client>{};
  for (auto i = 0; i < 7; ++i)
    sockets.push_back(server.connect_socket("/echo?vsn=2.0.0"));
  auto idle = server.connect();
  idle.send(get);
  REQUIRE(idle.read_answer().status == 200);
  CHECK(server.server->sockets() == 7);
  CHECK(server.server->connections() == 8);
  auto stopped = std::async(std::launch::async, [&] { server.server->shutdown(5s); });
  CHECK(idle.reads_end());
  for (auto& client : sockets) {
    CHECK(client.read_frame()->close_code() == 1012);
    client.send(masked_frame(8, close_payload(1012)));
    CHECK(client.reads_end());
    client.finish_sending();
  }
  sockets.clear();
  stopped.get();
  CHECK(server.server->connections() == 0);
  CHECK_FALSE(server.logged("cut at shutdown"));
  CHECK_FALSE(server.connect().is_connected());
}

TEST_CASE("shutdown does not wait for ever for clients that do not answer") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto server = running_server{with_socket(j, opened), test_options()};
  auto client = server.connect_socket("/echo?vsn=2.0.0");
  server.server->shutdown(50ms);
  CHECK(server.logged("cut at shutdown"));
  CHECK(j.has("closed server 1012"));
  CHECK(client.gets_cut());
}

TEST_CASE("a request in progress is answered during shutdown") {
  auto waiting = std::promise<web::responder>{};
  auto server =
      running_server{[&](web::router& r) {
                       r.get("/", [&](const web::request&, web::responder a) { waiting.set_value(std::move(a)); });
                     },
                     test_options()};
  auto client = server.connect();
  client.send(get);
  auto answer = waiting.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server.server->shutdown(5s); });
  CHECK_FALSE(server.logged("cut"));
  answer.send(web::response::text("done"));
  auto got = client.read_answer();
  CHECK(got.body == "done");
  CHECK(client.reads_end());
}

TEST_CASE("stop_accepting refuses newcomers and keeps who is there") {
  auto server = running_server{one_page, test_options()};
  auto client = server.connect();
  client.send(get);
  REQUIRE(client.read_answer().status == 200);
  server.server->stop_accepting();
  client.send(get);
  CHECK(client.read_answer().status == 200);  // Served after the listeners were closed, on the same thread.
  CHECK_FALSE(server.connect().is_connected());
}

TEST_CASE("a client that does not read is cut at the limit while others are served") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto options = test_options();
  options.socket_pending_bytes_max = 4 * 1024 * 1024;
  auto server = running_server{with_socket(j, opened), options};
  auto slow = server.connect_socket("/ws?vsn=2.0.0", 4096);
  auto socket = opened.get_future().get();
  auto body = std::make_shared<const std::string>(std::string(100'000, 'x'));
  for (auto i = 0; i < 400 && socket->is_open(); ++i)
    socket->send({false, "[", body, "]"});
  CHECK(j.has("closed slow 1008"));
  CHECK_FALSE(socket->is_open());
  CHECK(socket->pending_bytes() == 0);
  CHECK(slow.gets_cut());
  auto other = server.connect_socket("/echo?vsn=2.0.0");
  other.send(masked_frame(1, "still served"));
  CHECK(other.read_frame()->payload == "still served");
}

TEST_CASE("a full socket says when it can take more") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto server = running_server{with_socket(j, opened), test_options()};
  auto client = server.connect_socket("/ws?vsn=2.0.0", 4096);
  auto socket = opened.get_future().get();
  CHECK(socket->writable());
  auto sent = 0;
  // What the system itself buffers is bounded, so the queue must fill up some time.
  for (; socket->writable() && sent < 5000; ++sent)
    socket->send(web::frame::text(std::string(10'000, 'x')));
  CHECK_FALSE(socket->writable());
  CHECK(sent < 5000);
  for (auto i = 0; i < sent; ++i)
    REQUIRE(client.read_frame()->payload.size() == 10'000);
  CHECK(j.has("drained"));
  CHECK(socket->writable());
  CHECK(socket->pending_bytes() == 0);
}

TEST_CASE("a paused socket keeps its messages until it is resumed") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto options = test_options();
  options.socket_idle_timeout = 60s;
  auto server = running_server{with_socket(j, opened), options};
  auto client = server.connect_socket();
  auto socket = opened.get_future().get();
  client.send(masked_frame(1, "before"));
  CHECK(client.read_frame()->payload == "before");
  socket->pause_reading();
  client.send(masked_frame(1, "one") + masked_frame(1, "two"));
  socket->send(web::frame::text("sent while paused"));
  CHECK(client.read_frame()->payload == "sent while paused");
  socket->resume_reading();
  CHECK(client.read_frame()->payload == "one");
  CHECK(client.read_frame()->payload == "two");
}

TEST_CASE("frames of many threads all arrive, those of one thread in order") {
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto server = running_server{with_socket(j, opened), test_options()};
  auto client = server.connect_socket();
  auto socket = opened.get_future().get();
  constexpr auto threads = 4;
  constexpr auto frames = 500;
  auto senders = std::vector<std::future<void>>{};
  for (auto t = 0; t < threads; ++t)
    senders.push_back(std::async(std::launch::async, [&, t] {
      for (auto i = 0; i < frames; ++i)
        socket->send(web::frame::text(std::to_string(t) + ":" + std::to_string(i)));
    }));
  auto next = std::vector<int>(threads, 0);
  for (auto i = 0; i < threads * frames; ++i) {
    auto frame = client.read_frame();
    REQUIRE(frame.has_value());
    auto t = static_cast<std::size_t>(frame->payload.front() - '0');
    REQUIRE(std::stoi(frame->payload.substr(2)) == next[t]++);
  }
}
