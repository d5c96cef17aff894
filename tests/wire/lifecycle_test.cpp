// Starting, stopping, and too much of everything.
#include "web/events.hpp"
#include "wire/fixture.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

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

/// Takes all file descriptors of this process but the next few, until it is destroyed.
class descriptor_shortage {
public:
  explicit descriptor_shortage(std::size_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto few = before_;
    few.rlim_cur = 512;
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      taken_.push_back(fd);
    for (; left > 0 && !taken_.empty(); --left) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }
  ~descriptor_shortage() {
    for (auto fd : taken_)
      ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  descriptor_shortage(const descriptor_shortage&) = delete;
  descriptor_shortage& operator=(const descriptor_shortage&) = delete;

private:
  rlimit before_{};
  std::vector<int> taken_;
};

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

TEST_CASE("out of descriptors, the server says so, rests, and accepts again when it can") {
  auto server = running_server{one_page, test_options()};
  auto early = server.connect();
  early.send(get);
  REQUIRE(early.read_answer().status == 200);
  auto late = std::optional<wire_client>{};
  {
    auto none = descriptor_shortage{1};
    late.emplace(server.connect());  // Takes the last one; the system completes the connection by itself.
    REQUIRE(late->is_connected());
    late->send(get);
    CHECK(comes_true([&] { return server.logged("connections cannot be accepted"); }));
    early.send(get);
    CHECK(early.read_answer().status == 200);
  }
  CHECK(late->read_answer().status == 200);
}

TEST_CASE("who reads nothing of an answer is cut after the write timeout") {
  auto options = test_options();
  options.write_timeout = 200ms;
  auto j = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto asked = std::promise<void>{};
  auto server = running_server{[&](web::router& r) {
                                 with_socket(j, opened)(r);
                                 r.get("/", [&](const web::request&, web::responder a) {
                                   asked.set_value();
                                   a.send(web::response::text(std::string(32 * 1024 * 1024, 'x')));
                                 });
                               },
                               options};
  SUBCASE("of a page") {
    auto client = server.connect(4096);
    client.send(get);
    asked.get_future().wait();
    CHECK(comes_true([&] { return server.server->connections() == 0; }));
  }
  SUBCASE("of a socket") {
    auto client = server.connect_socket("/ws?vsn=2.0.0", 4096);
    auto socket = opened.get_future().get();
    while (socket->writable())
      socket->send(web::frame::text(std::string(100'000, 'x')));
    // What the system buffers may still swallow that much.
    for (int i = 0; i < 40; ++i)
      socket->send(web::frame::text(std::string(100'000, 'x')));
    CHECK(j.has("closed slow 1008"));
    CHECK(client.gets_cut());
  }
}

TEST_CASE("after its last answer a connection is held open only so long and for so much") {
  auto options = test_options();
  options.body_bytes_max = 1024;
  auto refused = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n";
  SUBCASE("time") {
    options.linger_timeout = 50ms;
    auto server = running_server{one_page, options};
    auto client = server.connect();
    client.send(refused);
    CHECK(client.read_answer().status == 413);
    CHECK(client.reads_end());  // Our side is still open.
    CHECK(comes_true([&] { return server.server->connections() == 0; }));
  }
  SUBCASE("octets") {
    options.linger_timeout = 60s;
    auto server = running_server{one_page, options};
    auto client = server.connect();
    client.send(refused);
    CHECK(client.read_answer().status == 413);
    CHECK(client.reads_end());
    CHECK(server.server->connections() == 1);
    client.send(std::string(2 * 1024 * 1024, 'x'));
    CHECK(comes_true([&] { return server.server->connections() == 0; }));
  }
}

TEST_CASE("requests and sockets are told to the telemetry") {
  auto j = journal{};
  auto told = journal{};
  auto opened = std::promise<std::shared_ptr<web::socket>>{};
  auto server = running_server{[&](web::router& r) {
                                 with_socket(j, opened)(r);
                                 one_page(r);
                               },
                               test_options()};
  auto requests = server.events.attach<web::request_done>([&](const web::request_done& e) {
    told.note(std::string{e.method} + " " + std::string{e.route} + " " + std::to_string(e.status) + " "
              + std::to_string(e.bytes));
  });
  auto sockets_opened = server.events.attach<web::socket_opened>(
      [&](const web::socket_opened& e) { told.note("open " + std::string{e.route} + " " + std::string{e.peer}); });
  auto sockets_closed = server.events.attach<web::socket_closed>([&](const web::socket_closed& e) {
    told.note("closed " + std::string{e.route} + " " + std::string{e.why} + " " + std::to_string(e.code));
  });
  auto client = server.connect();
  client.send(get);
  client.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(told.has("GET / 200 4"));
  CHECK(client.read_answer().status == 200);
  auto missing = client.read_answer();
  CHECK(told.has("GET  404 " + std::to_string(missing.body.size())));
  auto socket = server.connect_socket("/echo?vsn=2.0.0");
  CHECK(told.has("GET /echo 101 0"));
  CHECK(told.has("open /echo 127.0.0.1"));
  socket.send(masked_frame(8, close_payload(1001)));
  CHECK(told.has("closed /echo peer 1001"));
}

TEST_CASE("a socket whose peer has gone before the answer to its upgrade is opened, then closed") {
  class strict_handler final : public web::socket_handler {
  public:
    explicit strict_handler(journal& j) : journal_{j} {}
    void on_open(std::shared_ptr<web::socket>) override { is_open_ = true; }
    void on_text(std::string) override {}
    void on_binary(std::string) override {}
    void on_closed(const web::close_reason&) override { journal_.note(is_open_ ? "after opening" : "never opened"); }

  private:
    journal& journal_;
    bool is_open_ = false;
  };
  auto j = journal{};
  auto asked = std::promise<void>{};
  auto gone = std::promise<void>{};
  auto server =
      running_server{[&](web::router& r) {
                       r.websocket("/ws", [&](const web::request&) -> result<std::unique_ptr<web::socket_handler>> {
                         asked.set_value();
                         gone.get_future().wait();
                         return std::unique_ptr<web::socket_handler>{std::make_unique<strict_handler>(j)};
                       });
                     },
                     test_options()};
  {
    auto client = server.connect();
    client.send(upgrade_request("/ws?vsn=2.0.0"));
    asked.get_future().wait();
    client.reset();
  }
  gone.set_value();
  CHECK(j.has("after opening"));
}
