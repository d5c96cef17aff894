#include "testing/check/sender_order.hpp"

#include "actors/process.hpp"
#include "testing/world.hpp"

#include <caf/mailbox_element.hpp>
#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct chat {
  int rounds;
};
struct word {
  std::uint64_t n;
};
struct ask {};

/// Sends words, calls and exits to others, spawns, dies: all that goes into mailboxes.
class gossip final : public process {
public:
  gossip(process_context& c, std::vector<std::string> friends) : process{c}, friends_{std::move(friends)} {}
  behavior init() override {
    return handlers(
        [this](const chat& m) {
          for (const auto& f : friends_)
            for (std::uint64_t i = 0; i < 3; ++i)
              cast(pid{env().self(), f}, word{i});
          if (auto to = pid{env().self(), friends_[env().random().below(friends_.size())]}; m.rounds > 0) {
            call<int>(to, ask{}, 1ms).then([](int) {}, [](const call_error&) {});
            cast(to, word{9});
            auto own = spawn<gossip>(friends_);
            cast(own, word{1});
            watch(own, [](const reason&) {});
            exit(own, reason::shutdown());
            cast(self(), chat{m.rounds - 1});
          }
        },
        [](const word&) {}, [](const ask&) { return 1; });
  }

private:
  std::vector<std::string> friends_;
};

/// Passes on to a checker what it sees, changed.
class liar final : public observer {
public:
  enum class lie : std::uint8_t { none, swaps_sends, loses_a_step };
  liar(sender_order& c, lie what) : checker_{c}, what_{what} {}

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_start(simulated_node& n) override { checker_.on_start(n); }
  void on_end(simulated_node& n, node_end how) override { checker_.on_end(n, how); }
  void on_send(const process* from, const process& to, const caf::mailbox_element& m) override {
    if (what_ == lie::swaps_sends && from != nullptr && held_ == nullptr) {
      held_ = &m;
      return;
    }
    checker_.on_send(from, to, m);
    if (held_ != nullptr && from != nullptr) {
      checker_.on_send(from, to, *held_);
      held_ = nullptr;
      what_ = lie::none;
    }
  }
  void on_step(const process& who, const caf::mailbox_element* m) override {
    // The first of three words of one handler.
    if (what_ == lie::loses_a_step && m != nullptr && m->content().match_elements<word>()
        && m->content().get_as<word>(0).n == 0) {
      what_ = lie::none;
      return;
    }
    checker_.on_step(who, m);
  }

private:
  sender_order& checker_;
  lie what_;
  const caf::mailbox_element* held_ = nullptr;
};

void tell_tales(world& w) {
  auto& n = w.start_node();
  for (auto name : {"a", "b", "c", "d"})
    n.get().spawn_as<gossip>({.name = name}, std::vector<std::string>{"a", "b", "c", "d", "nobody"});
  for (auto name : {"a", "b", "c"})
    n.cast(n.get().whereis(name), chat{5});
  w.pass(5ms);
  n.kill(n.get().whereis("d"));
  w.advance(1s);
}

}  // namespace

TEST_CASE("every schedule keeps the order of each sender") {
  for (auto choice : {schedule::fifo, schedule::uniform, schedule::pct})
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      sender_order c;
      world w{world_options{.seed = seed, .weather = {.choice = choice, .hold_ppm = 200'000}}};
      w.add_observer(c);
      tell_tales(w);
      auto found = c.broken().value_or(violation{}).evidence;
      REQUIRE(found == "");
    }
}

TEST_CASE("an overtaking message is named") {
  sender_order c;
  liar l{c, liar::lie::swaps_sends};
  world w{world_options{.weather = {.choice = schedule::fifo, .hold_ppm = 0}}};
  w.add_observer(l);
  tell_tales(w);
  REQUIRE(c.broken());
  CHECK(c.broken()->invariant == "sender order");
  CHECK(c.broken()->evidence.find("handles (anonymous namespace)::word of <one@sim.") != std::string::npos);
}

TEST_CASE("a lost message is seen when the next one is handled") {
  sender_order c;
  liar l{c, liar::lie::loses_a_step};
  world w{world_options{.weather = {.choice = schedule::fifo, .hold_ppm = 0}}};
  w.add_observer(l);
  tell_tales(w);
  REQUIRE(c.broken());
}
