#include "net/middleman/middleman_carriers.hpp"

#include "net/middleman/two_carriers.hpp"

#include <doctest/doctest.h>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

std::size_t open_descriptors() {
  auto all = std::filesystem::directory_iterator{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident_octets() {
  auto in = std::ifstream{"/proc/self/statm"};
  std::size_t size = 0;
  std::size_t resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool eventually(const std::function<bool()>& holds) {
  std::promise<void> never;
  auto moment = never.get_future();
  for (auto i = 0; i < 5000; ++i)
    if (holds() || moment.wait_for(1ms) == std::future_status::ready)
      return true;
  return false;
}

struct two_nodes {
  two_nodes() {
    REQUIRE(a.start());
    REQUIRE(b.start());
  }
  /// Until what the events that run now have posted has run, too.
  void settle() {
    for (auto i = 0; i < 2; ++i) {
      a.loop.run([] {});
      b.loop.run([] {});
    }
  }
  carrier_node a{"a@127.0.0.1"};
  carrier_node b{"b@127.0.0.1"};
};

}  // namespace

TEST_CASE("two carriers open over a relay and carry envelopes both ways, empty ones included") {
  two_nodes nodes;
  carrier_pair link{nodes.a, nodes.b};
  std::mutex mutex;
  auto seen = std::vector<std::string>{};
  auto note = [&](std::string who) {
    return [&, who](bytes e) {
      std::lock_guard lock{mutex};
      seen.push_back(who + e);
    };
  };
  link.dialler.on_received(note("dialler "));
  link.acceptor.on_received(note("acceptor "));
  auto up = link.link();
  REQUIRE_MESSAGE(up.ok(), (up ? "" : up.error().message));
  link.dialler.get().send("first");
  link.dialler.get().send("");
  REQUIRE(link.acceptor.wait_received(2));
  link.acceptor.get().send("back");
  REQUIRE(link.dialler.wait_received(1));
  CHECK(seen == std::vector<std::string>{"acceptor first", "acceptor ", "dialler back"});
  link.cut();
}

TEST_CASE("100,000 envelopes arrive in order, both ways at once") {
  two_nodes nodes;
  carrier_pair link{nodes.a, nodes.b};
  constexpr auto count = std::size_t{100'000};
  std::atomic<std::size_t> wrong{0};
  auto in_order = [&](std::size_t& next) {
    return [&wrong, &next](bytes e) {
      if (e != std::to_string(next++))
        ++wrong;
    };
  };
  auto at_dialler = std::size_t{0};
  auto at_acceptor = std::size_t{0};
  link.dialler.on_received(in_order(at_dialler));
  link.acceptor.on_received(in_order(at_acceptor));
  REQUIRE(link.link());
  auto begun = std::chrono::steady_clock::now();
  for (auto i = std::size_t{0}; i < count; ++i) {
    link.dialler.get().send(std::to_string(i));
    link.acceptor.get().send(std::to_string(i));
  }
  CHECK(link.acceptor.wait_received(count));
  CHECK(link.dialler.wait_received(count));
  auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  MESSAGE("envelopes per second, both ways together: ", static_cast<int>(2 * count / took));
  CHECK(wrong == 0);
  link.cut();
}

TEST_CASE("50 MB go through in envelopes of 32 KiB, whole") {
  two_nodes nodes;
  carrier_pair link{nodes.a, nodes.b};
  constexpr auto size = std::size_t{32 * 1024};
  constexpr auto count = std::size_t{1600};
  std::atomic<std::size_t> octets{0};
  std::atomic<std::size_t> wrong{0};
  auto next = std::size_t{0};
  link.acceptor.on_received([&](bytes e) {
    octets += e.size();
    if (e.size() != size || e.front() != static_cast<char>(next) || e.back() != e.front())
      ++wrong;
    ++next;
  });
  REQUIRE(link.link());
  auto begun = std::chrono::steady_clock::now();
  for (auto i = std::size_t{0}; i < count; ++i)
    link.dialler.get().send(bytes(size, static_cast<char>(i)));
  CHECK(link.acceptor.wait_received(count));
  auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  MESSAGE("MB per second: ", static_cast<int>(double(octets) / 1e6 / took));
  CHECK(octets == size * count);
  CHECK(wrong == 0);
  link.cut();
}

TEST_CASE("an envelope comes back within a fraction of a millisecond") {
  two_nodes nodes;
  carrier_pair link{nodes.a, nodes.b};
  link.acceptor.on_received([&](bytes e) { link.acceptor.get().send(std::move(e)); });
  REQUIRE(link.link());
  auto begun = std::chrono::steady_clock::now();
  constexpr auto rounds = std::size_t{2000};
  for (auto i = std::size_t{0}; i < rounds; ++i) {
    link.dialler.get().send("ping");
    REQUIRE(link.dialler.wait_received(i + 1));
  }
  auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  MESSAGE("microseconds per round trip: ", static_cast<int>(took / rounds * 1e6));
  link.cut();
}

TEST_CASE("when one carrier is destroyed the relay cannot go on, and nothing is received any more") {
  two_nodes nodes;
  carrier_pair link{nodes.a, nodes.b};
  REQUIRE(link.link());
  auto* gone = &link.dialler;
  auto* left = &link.acceptor;
  auto to_the_gone = link.back;
  SUBCASE("the dialler") {}
  SUBCASE("the acceptor") {
    gone = &link.acceptor;
    left = &link.dialler;
    to_the_gone = link.there;
  }
  nodes.settle();  // A relay whose write is cut off hears nothing of it.
  gone->cut();
  for (auto i = 0; i < 100; ++i)
    left->get().send("nobody hears this");
  CHECK(eventually([&] { return to_the_gone->has_ended(); }));
  CHECK(gone->received() == 0);
  left->cut();
}

TEST_CASE("CAF's letting go of our end is seen, and only then the next carrier begins") {
  two_nodes nodes;
  carrier_pair first{nodes.a, nodes.b};
  REQUIRE(first.link());
  first.cut();
  CHECK(nodes.a.carriers->count().lingering <= 1);
  carrier_pair second{nodes.a, nodes.b};
  REQUIRE(second.link());
  CHECK(nodes.a.carriers->count().lingering == 0);
  CHECK(nodes.b.carriers->count().lingering == 0);
  second.cut();
}

TEST_CASE("a second carrier to a peer is refused while the first is open, and the first goes on") {
  two_nodes nodes;
  carrier_pair first{nodes.a, nodes.b};
  REQUIRE(first.link());
  carrier_pair second{nodes.a, nodes.b};
  second.open();
  second.start();
  REQUIRE(eventually([&] { return second.there->has_ended() && second.back->has_ended(); }));
  CHECK(second.there->problem().find("another link") != std::string::npos);
  CHECK(second.back->problem().find("another link") != std::string::npos);
  second.cut();
  first.dialler.get().send("still here");
  CHECK(first.acceptor.wait_received(1));
  first.acceptor.get().send("here, too");
  CHECK(first.dialler.wait_received(1));
  first.cut();
  carrier_pair third{nodes.a, nodes.b};
  CHECK(third.link());
  third.cut();
}

TEST_CASE("a carrier that is destroyed before it began begins never, and holds up nobody") {
  two_nodes nodes;
  carrier_pair first{nodes.a, nodes.b};
  first.open();
  first.cut();
  carrier_pair second{nodes.a, nodes.b};
  second.open();
  second.cut();
  carrier_pair third{nodes.a, nodes.b};
  auto up = third.link();
  CHECK_MESSAGE(up.ok(), (up ? "" : up.error().message));
  third.cut();
}

TEST_CASE("links opened and cut 300 times leave nothing behind") {
  two_nodes nodes;
  auto cycle = [&] {
    carrier_pair link{nodes.a, nodes.b};
    auto up = link.link();
    REQUIRE_MESSAGE(up.ok(), (up ? "" : up.error().message));
    link.dialler.get().send("x");
    REQUIRE(link.acceptor.wait_received(1));
    link.cut();
  };
  auto settled = [&] { return nodes.a.carriers->count().lingering == 0 && nodes.b.carriers->count().lingering == 0; };
  for (auto i = 0; i < 50; ++i)
    cycle();
  REQUIRE(eventually(settled));
  auto descriptors = open_descriptors();
  auto octets = resident_octets();
  auto actors = nodes.a.n.system().registry().running();
  for (auto i = 0; i < 300; ++i)
    cycle();
  REQUIRE(eventually(settled));
  CHECK(eventually([&] { return open_descriptors() <= descriptors; }));
  CHECK(nodes.a.n.system().registry().running() == actors);
  MESSAGE("KiB more resident: ", (static_cast<long>(resident_octets()) - static_cast<long>(octets)) / 1024);
  CHECK(resident_octets() < octets + (4U << 20));
  CHECK(nodes.a.carriers->count().opened == 350);
}

TEST_CASE("CAF reads and writes on the net thread, and goes on when the carriers are made anew") {
  two_nodes nodes;
  for (auto round = 0; round < 2; ++round) {
    std::atomic<int> elsewhere{0};
    carrier_pair link{nodes.a, nodes.b};
    link.acceptor.on_received([&](bytes) {
      if (!nodes.a.loop.is_here() && !nodes.b.loop.is_here())
        ++elsewhere;
    });
    REQUIRE(link.link());
    link.dialler.get().send("from this thread");
    nodes.b.loop.run([&] { link.dialler.get().send("from the net thread"); });
    CHECK(link.acceptor.wait_received(2));
    CHECK(elsewhere == 0);
    link.cut();
    for (auto* n : {&nodes.a, &nodes.b}) {
      n->loop.run([&] { n->carriers.reset(); });
      REQUIRE(n->start());
    }
  }
}

TEST_CASE("a middleman with a thread of its own is refused, with what to do") {
  carrier_node n{"n@127.0.0.1", [](system_config& c) {
                   net::load_carriers(c);
                   c.set("middleman.manual-multiplexing", false);
                 }};
  auto started = n.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == errc::unsupported);
  CHECK(started.error().message.find("load_carriers") != std::string::npos);
}

TEST_CASE("a node without the middleman cannot have carriers, and is told what to do") {
  carrier_node n{"n@127.0.0.1", nullptr};
  auto started = n.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == errc::unsupported);
  CHECK(started.error().message.find("load_carriers") != std::string::npos);
}
