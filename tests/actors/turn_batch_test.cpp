// On real threads: whom a batch has woken runs once it is gone, and not before.

#include "actors/real_node.hpp"
#include "actors/subjects.hpp"
#include "actors/turn_batch.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

using namespace beamline;
using namespace beamline::subjects;

namespace {

using shared_sum = std::shared_ptr<std::atomic<long>>;

/// Adds up, for all threads to see.
class summing : public process {
public:
  summing(process_context& c, shared_sum sum) : process{c}, sum_{std::move(sum)} {}
  behavior init() override {
    return handlers([this](const add& a) { *sum_ += a.by; }, [](const get&) { return 1L; });
  }

private:
  shared_sum sum_;
};

struct ending_node : real_node {
  ~ending_node() { CHECK(n.shutdown(10s).is_clean()); }
};

struct adder {
  explicit adder(real_node& on) : here{on}, who{on.n.spawn<summing>(shared)} { REQUIRE(on.n.await_init(who, 10s)); }

  /// Casts 1 until the batch has woken it: it may still be at the end of the turn in which it took the one before.
  /// Returns how often.
  long wake(turn_batch& turns) const {
    auto sent = 0L;
    do {
      turns.cast(who, add{1});
      REQUIRE(++sent < 10'000);
    } while (turns.empty() && here.wait_until([&] { return sum == sent; }));
    return sent;
  }

  real_node& here;
  shared_sum shared = std::make_shared<std::atomic<long>>(0);
  const std::atomic<long>& sum = *shared;
  pid who;
};

}  // namespace

TEST_CASE("who was woken by a batch runs when the batch is destroyed") {
  ending_node here;
  const adder one{here};
  auto turns = std::optional<turn_batch>{here.n};
  CHECK(turns->empty());
  const auto sent = one.wake(*turns);
  // What others send now waits with it, behind what the batch has sent.
  here.n.cast(one.who, add{1000});
  const adder other{here};
  REQUIRE(here.n.call_sync<long>(other.who, get{}, 10s).index() == 0);
  CHECK(one.sum == sent - 1);
  turns.reset();
  CHECK(here.wait_until([&] { return one.sum == sent + 1000; }));
}

TEST_CASE("everybody whom a batch casts to runs, and a batch keeps only whom it has woken itself") {
  ending_node here;
  const adder one{here};
  const adder other{here};
  auto first = 0L;
  auto second = 0L;
  {
    auto turns = turn_batch{here.n};
    first = one.wake(turns);
    {
      auto more = turn_batch{here.n};
      second = other.wake(more);
      CHECK(other.sum == second - 1);
    }
    CHECK(here.wait_until([&] { return other.sum == second; }));
    CHECK(one.sum == first - 1);
    turns.cast(one.who, add{10});
    turns.cast(other.who, add{10});
  }
  CHECK(here.wait_until([&] { return one.sum == first + 10 && other.sum == second + 10; }));
}

TEST_CASE("a batch that was moved from is empty and wakes nobody") {
  ending_node here;
  const adder one{here};
  auto turns = turn_batch{here.n};
  const auto sent = one.wake(turns);
  {
    const auto kept = turn_batch{std::move(turns)};
    CHECK_FALSE(kept.empty());
    CHECK(turns.empty());  // NOLINT(bugprone-use-after-move): as promised.
    CHECK(one.sum == sent - 1);
  }
  CHECK(here.wait_until([&] { return one.sum == sent; }));
}

TEST_CASE("a batch casts to nobody as a node does") {
  ending_node here;
  const adder one{here};
  here.n.exit(one.who, reason::shutdown());
  REQUIRE(here.wait_until([&] { return here.n.processes().count() == 0; }));
  auto turns = turn_batch{here.n};
  turns.cast(one.who, add{1});
  turns.cast(pid{}, add{1});
  turns.cast(pid{here.n.identity(), "nobody"}, add{1});
  CHECK(turns.empty());
}

TEST_CASE("a process that a batch has woken ends as others do") {
  ending_node here;
  const adder one{here};
  {
    auto turns = turn_batch{here.n};
    one.wake(turns);
    here.n.exit(one.who, reason::kill());
    CHECK(here.n.processes().count() == 1);
  }
  CHECK(here.wait_until([&] { return here.n.processes().count() == 0; }));
}
