#include "actors/events.hpp"
#include "actors/peers.hpp"
#include "actors/subjects.hpp"

#include <caf/skip.hpp>
#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

std::int64_t depth_of(world& w, testing::simulated_node& n, const pid& p) {
  auto info = n.processes().info(p.id(), w.now());
  return info ? info->depth : -1;
}

/// Has room for ten messages.
class link_listener final : public process {
public:
  using process::process;
  behavior init() override {
    limit_mailbox(10);
    return handlers([this](const add& m) { heard_.push_back(std::to_string(m.by)); },
                    [this](const node_up&) { heard_.emplace_back("up"); },
                    [this](const node_down&) { heard_.emplace_back("down"); }, [this](const get&) { return heard_; });
  }

private:
  std::vector<std::string> heard_;
};

}  // namespace

TEST_CASE("kill overtakes the mailbox and cannot be trapped; other exits can") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::vector<reason> trapped;
  in(w, n, s, [&](subject& self) { self.trap_exits([&](const exit_signal& e) { trapped.push_back(e.why); }); });
  n.exit(s, reason::shutdown());
  n.exit(s, reason::normal());
  w.run();
  CHECK(trapped == std::vector{reason::shutdown(), reason::normal()});
  REQUIRE(n.is_alive(s));
  int handled = 0;
  for (int i = 0; i < 1000; ++i)
    n.cast(s, perform{[&](process&) { ++handled; }});
  n.kill(s);
  w.run();
  CHECK_FALSE(n.is_alive(s));
  CHECK(handled < 10);
}

TEST_CASE("a full mailbox drops casts, answers calls with busy, and still takes exits") {
  world w{testing::world_options{
      .weather = {.hold_ppm = 0}}};  // The sender's handler runs to its end before the receiver's first.
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  in(w, n, a, [](subject& self) { self.limit_mailbox(10); });
  std::vector<call_error> errors;
  n.cast(b, perform{[&](process& p) {
           auto& self = static_cast<subject&>(p);
           for (int i = 0; i < 100; ++i)
             self.cast(a, add{i});
           self.call<long>(a, get{}, 5s).then([](long) {}, [&](const call_error& e) { errors.push_back(e); });
         }});
  w.run();
  REQUIRE(errors.size() == 1);
  auto info = n.processes().list(w.now());
  std::uint64_t shed = 0;
  for (const auto& p : info)
    shed += p.shed;
  CHECK(shed == 91);  // 90 of the 100 casts, and the call.
  CHECK(errors[0].what == call_error::kind::busy);
  n.exit(a, reason::shutdown());
  w.run();
  CHECK_FALSE(n.is_alive(a));
}

TEST_CASE("a full mailbox takes the news of links, in their place among the casts") {
  world w{testing::world_options{.weather = {.hold_ppm = 0}}};
  auto& n = w.start_node();
  auto a = n.spawn<link_listener>();
  auto b = n.spawn<subject>();
  w.run();
  in(w, n, b, [&](subject& self) {
    for (int i = 0; i < 20; ++i)
      self.cast(a, add{i});
    self.cast(a, node_up{});
    self.cast(a, node_down{});
    self.cast(a, add{20});
  });
  const auto heard = w.ask<std::vector<std::string>>(a, get{});
  CHECK(heard.size() == 12);
  CHECK(std::vector(heard.end() - 2, heard.end()) == std::vector<std::string>{"up", "down"});
}

TEST_CASE("a shared message to a process of another node does not reach the local one with its number") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  pid elsewhere{std::make_shared<const node_identity>(node_identity{"two@sim", 7}), b.id()};
  in(w, n, a, [&](subject& self) {
    const auto shared = share(add{3});
    CHECK_THROWS_AS(self.cast(elsewhere, shared), std::logic_error);
    CHECK_NOTHROW(self.cast(pid{}, shared));
    self.cast(b, shared);
  });
  in(w, n, b, [](subject& self) { CHECK(self.seen == std::vector<long>{3}); });
}

TEST_CASE("a skipped message still counts as waiting") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  in(w, n, s, [](subject& self) { self.set_default_handler(caf::skip); });
  n.cast(s, get{});
  w.run();
  CHECK(depth_of(w, n, s) == 1);
  in(w, n, s, [](subject&) {});
  CHECK(depth_of(w, n, s) == 1);
}
