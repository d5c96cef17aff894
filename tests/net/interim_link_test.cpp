#include "net/interim_link.hpp"

#include "net/real_node.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::net;
using testing::real_node;
using testing::story;

namespace {

interim_link::options quick(std::vector<std::string> endpoints = {}, std::uint16_t port = 0) {
  return {.port = port, .endpoints = std::move(endpoints), .role = "tester", .retry_min = 20ms, .retry_max = 100ms};
}

/// A node in another process, see peer.cpp.
class remote_node {
public:
  remote_node(std::string name, std::uint64_t incarnation, std::uint16_t port = 0, std::string endpoint = {}) {
    int in[2], out[2];
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    auto number = std::to_string(incarnation);
    auto where = std::to_string(port);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl(NET_PEER, "net_peer", name.c_str(), number.c_str(), where.c_str(),
              endpoint.empty() ? nullptr : endpoint.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    std::string line;
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n')
      line += c;
    ::close(out[0]);
    REQUIRE_FALSE(line.empty());
    port_ = static_cast<std::uint16_t>(std::stoul(line));
  }
  ~remote_node() { kill(); }
  remote_node(const remote_node&) = delete;
  remote_node& operator=(const remote_node&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  void kill() {
    if (pid_ > 0)
      ::kill(pid_, SIGKILL);
    (void)wait();
  }
  /// Asks it to end in order; its exit code.
  int stop() {
    close_input();
    return wait();
  }

private:
  void close_input() {
    if (input_ >= 0)
      ::close(std::exchange(input_, -1));
  }
  int wait() {
    close_input();
    int status = 0;
    if (pid_ > 0)
      ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  ::pid_t pid_ = -1;
  int input_ = -1;
  std::uint16_t port_ = 0;
};

duration cpu_used() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto of = [](const ::timeval& t) { return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec}; };
  return of(used.ru_utime) + of(used.ru_stime);
}

}  // namespace

TEST_CASE("two nodes link, whoever dials, and exchange messages in order") {
  real_node a{"a@127.0.0.1", 3}, b{"b@127.0.0.1", 4};
  REQUIRE(a.start(quick()).ok());
  REQUIRE(b.start(quick({a.endpoint()})).ok());
  REQUIRE(a.seen.has("up b@127.0.0.1 4 tester"));
  REQUIRE(b.seen.has("up a@127.0.0.1 3 tester"));
  CHECK(a.link->peers().list() == std::vector<peer_info>{{{"b@127.0.0.1", 4}, "tester"}});
  std::vector<std::string> expected{"ready", "up b@127.0.0.1 4 tester"};
  for (int i = 0; i < 200; ++i) {
    REQUIRE(b.link->peers().send("a@127.0.0.1", lane::rpc, "test", std::to_string(i)).ok());
    expected.push_back(std::to_string(i));
  }
  REQUIRE(a.seen.has_lines(202));
  CHECK(a.seen.lines() == expected);

  SUBCASE("an answer comes back") {
    REQUIRE(a.link->peers().send("b@127.0.0.1", lane::rpc, "echo", "hello").ok());
    CHECK(a.seen.has("hello"));
  }
  SUBCASE("1 MiB is carried, one byte more is refused") {
    REQUIRE(b.link->peers().send("a@127.0.0.1", lane::rpc, "test", bytes(link_payload_bytes_max, 'x')).ok());
    CHECK(a.seen.has("1048576 bytes"));
    auto sent = b.link->peers().send("a@127.0.0.1", lane::rpc, "test", bytes(link_payload_bytes_max + 1, 'x'));
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().code == errc::too_large);
  }
  SUBCASE("a sender that is faster than its peer is told busy, and acknowledgements make room again") {
    std::size_t sent = 0, busy = 0;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 40; ++i) {
        auto r = b.link->peers().send("a@127.0.0.1", lane::broadcast, "test", bytes(200'000, 'x'));
        if (r)
          ++sent;
        else if (r.error().code == errc::busy)
          ++busy;
      }
      REQUIRE(a.seen.has_lines(202 + sent, 20s));  // Every one that was taken arrives.
      // An echo comes back after the acknowledgements of what was sent before it.
      auto mark = "round " + std::to_string(round);
      while (!b.link->peers().send("a@127.0.0.1", lane::rpc, "echo", mark)) {}
      REQUIRE(b.seen.has(mark));
    }
    CHECK(busy > 0);
    CHECK(sent > 100);
  }
  SUBCASE("nobody of that name, no such service, no routes") {
    CHECK(a.link->peers().send("c@127.0.0.1", lane::rpc, "test", "x").error().code == errc::unavailable);
    CHECK(a.link->peers().send("b@127.0.0.1", lane::rpc, "nobody", "x").ok());
    CHECK(a.link->peers().route(beamline::pid{b.n.identity(), "x"}, "x").error().code == errc::unsupported);
  }
  SUBCASE("one goes in order: the other sees it go, and both end quickly with the link open") {
    b.link->close();
    CHECK(a.seen.has("down b@127.0.0.1 4 tester", 1s));
    CHECK(b.seen.has("down a@127.0.0.1 3 tester", 1s));
    CHECK(b.link->peers().list().empty());
    CHECK(b.link->peers().send("a@127.0.0.1", lane::rpc, "test", "x").error().code == errc::unavailable);
  }
  SUBCASE("an idle link costs nothing") {
    auto begin = cpu_used();
    story nothing;
    CHECK_FALSE(nothing.has("ever", 1s));
    CHECK(to_ms(cpu_used() - begin) < 50);
  }
  auto begin = a.clock.now();
  CHECK(a.n.shutdown(2s).is_clean());
  CHECK(b.n.shutdown(2s).is_clean());
  CHECK(a.clock.now() - begin < 2s);
}

TEST_CASE("nodes that dial each other have one link") {
  for (int round = 0; round < 5; ++round) {
    // The port of the second must be known to the first before it runs: it is one that was free a moment ago.
    std::uint16_t port = 0;
    {
      real_node probe{"probe@127.0.0.1"};
      REQUIRE(probe.start(quick()).ok());
      port = probe.link->port();
    }
    real_node a{"a@127.0.0.1"}, b{"b@127.0.0.1"};
    REQUIRE(a.start(quick({"localhost:" + std::to_string(port)})).ok());
    REQUIRE(b.start(quick({a.endpoint()}, port)).ok());
    REQUIRE(a.seen.has("up b@127.0.0.1 1 tester"));
    REQUIRE(b.seen.has("up a@127.0.0.1 1 tester"));
    // A message each way shows that the link that both report is the same and works.
    REQUIRE(a.link->peers().send("b@127.0.0.1", lane::rpc, "echo", "there and back").ok());
    CHECK(a.seen.has("there and back"));
    CHECK(a.link->peers().list().size() == 1);
    CHECK(b.link->peers().list().size() == 1);
  }
}

TEST_CASE("a peer that is killed goes down within a second, and its next run comes up with a greater incarnation") {
  real_node a{"a@127.0.0.1"};
  auto first = std::make_unique<remote_node>("b@127.0.0.1", 7);
  auto port = first->port();
  REQUIRE(a.start(quick({first->endpoint()})).ok());
  REQUIRE(a.seen.has("up b@127.0.0.1 7 peer"));
  REQUIRE(a.link->peers().send("b@127.0.0.1", lane::rpc, "echo", "hello").ok());
  CHECK(a.seen.has("hello"));
  first->kill();
  CHECK(a.seen.has("down b@127.0.0.1 7 peer", 1s));
  CHECK(a.link->peers().list().empty());

  remote_node second{"b@127.0.0.1", 8, port};
  REQUIRE(a.seen.has("up b@127.0.0.1 8 peer"));
  REQUIRE(a.link->peers().send("b@127.0.0.1", lane::rpc, "echo", "again").ok());
  CHECK(a.seen.has("again"));
  CHECK(second.stop() == 0);
  CHECK(a.seen.has("down b@127.0.0.1 8 peer", 1s));
  CHECK(a.seen.lines()
        == std::vector<std::string>{"ready", "up b@127.0.0.1 7 peer", "hello", "down b@127.0.0.1 7 peer",
                                    "up b@127.0.0.1 8 peer", "again", "down b@127.0.0.1 8 peer"});
}

TEST_CASE("a peer that dials is seen to go, too, and a newer run of it replaces the older one") {
  real_node a{"a@127.0.0.1"};
  REQUIRE(a.start(quick()).ok());
  remote_node first{"b@127.0.0.1", 7, 0, a.endpoint()};
  REQUIRE(a.seen.has("up b@127.0.0.1 7 peer"));
  SUBCASE("killed") {
    first.kill();
    CHECK(a.seen.has("down b@127.0.0.1 7 peer", 1s));
  }
  SUBCASE("a newer run while the older one still lives") {
    remote_node second{"b@127.0.0.1", 8, 0, a.endpoint()};
    REQUIRE(a.seen.has("up b@127.0.0.1 8 peer"));
    CHECK(a.seen.lines()
          == std::vector<std::string>{"ready", "up b@127.0.0.1 7 peer", "down b@127.0.0.1 7 peer",
                                      "up b@127.0.0.1 8 peer"});
    CHECK(a.link->peers().list().at(0).identity.incarnation == 8);
  }
  SUBCASE("an older run is refused, and a node with our own name, too") {
    remote_node older{"b@127.0.0.1", 6, 0, a.endpoint()};
    remote_node twin{"a@127.0.0.1", 9, 0, a.endpoint()};
    remote_node other{"c@127.0.0.1", 1, 0, a.endpoint()};
    REQUIRE(a.seen.has("up c@127.0.0.1 1 peer"));
    REQUIRE(a.link->peers().send("b@127.0.0.1", lane::rpc, "echo", "still here").ok());
    CHECK(a.seen.has("still here"));
    CHECK(a.seen.lines()
          == std::vector<std::string>{"ready", "up b@127.0.0.1 7 peer", "up c@127.0.0.1 1 peer", "still here"});
  }
}

TEST_CASE("a node that dials before its peer listens links once it does") {
  std::uint16_t port = 0;
  {
    real_node probe{"probe@127.0.0.1"};
    REQUIRE(probe.start(quick()).ok());
    port = probe.link->port();
  }
  real_node a{"a@127.0.0.1"};
  REQUIRE(a.start(quick({"127.0.0.1:" + std::to_string(port)})).ok());
  CHECK_FALSE(a.seen.has_lines(2, 300ms));
  remote_node b{"b@127.0.0.1", 1, port};
  CHECK(a.seen.has("up b@127.0.0.1 1 peer"));
}

TEST_CASE("what a link cannot be started with is refused with its remedy") {
  real_node a{"a@127.0.0.1"};
  auto refused = [&](const interim_link::options& o, errc code, const std::string& text) {
    auto started = interim_link::start(a.n, o);
    REQUIRE_FALSE(started.ok());
    CHECK(started.error().code == code);
    CHECK_MESSAGE(started.error().message.find(text) != std::string::npos, started.error().message);
  };
  SUBCASE("an address that others can reach") {
    for (const auto* bind : {"0.0.0.0", "::", "10.0.0.7", "example.com", ""})
      refused({.bind = bind}, errc::invalid, "is not a loopback address");
  }
  SUBCASE("an endpoint that is none, or on another machine") {
    for (const auto* e :
         {"127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:44x", ":4400", "::1:4400"})
      refused({.endpoints = {e}}, errc::invalid, e);
    refused({.endpoints = {"10.0.0.7:4400"}}, errc::invalid, "not a loopback address");
  }
  SUBCASE("a port in use") {
    real_node b{"b@127.0.0.1"};
    REQUIRE(b.start(quick()).ok());
    refused({.port = b.link->port()}, errc::conflict, "cluster.port " + std::to_string(b.link->port()));
    refused({.port = b.link->port()}, errc::conflict, "set cluster.port to a free port");
  }
  SUBCASE("IPv6 loopback is fine") {
    REQUIRE(a.start({.bind = "::1", .role = "six"}).ok());
    real_node b{"b@127.0.0.1"};
    REQUIRE(b.start(quick({"[::1]:" + std::to_string(a.link->port())})).ok());
    CHECK(b.seen.has("up a@127.0.0.1 1 six"));
  }
  CHECK(a.n.shutdown(2s).is_clean());
}

TEST_CASE("a node that was not made for links says what is missing") {
  system_clock clock;
  system_random random;
  auto log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{node::options{.name = "a@127.0.0.1"}, environment::ports{clock, random, *log, events, timers}};
  auto started = interim_link::start(n, {});
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().message.find("load_middleman") != std::string::npos);
  CHECK(n.shutdown(1s).is_clean());
}
