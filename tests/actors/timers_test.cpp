#include "actors/subjects.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

/// Has a handler that throws in a delayed message, and a last word that asks whom it answers.
class last_words : public process {
public:
  using process::process;
  behavior init() override {
    send_after(1s, fail{});
    return handlers([](const fail&) { throw std::runtime_error{"no more"}; });
  }
  void terminate(const reason&) override {
    (void)promise<long>();
    throw 1;  // NOLINT: it must not, but if it does only this process suffers.
  }
};

}  // namespace

TEST_CASE("timers fire at their time, in order, and never after they were cancelled") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::vector<int> fired;
  std::uint64_t second = 0;
  in(w, n, s, [&](subject& self) {
    self.run_after(3s, [&] { fired.push_back(3); });
    second = self.run_after(2s, [&] { fired.push_back(2); });
    self.run_after(1s, [&] { fired.push_back(1); });
    self.send_after(4s, add{4});
    self.send_after(
        4s, perform{[&](process& p) { fired.push_back(static_cast<int>(static_cast<subject&>(p).seen.at(0))); }});
  });
  SUBCASE("all") {
    w.advance(1500ms);
    CHECK(fired == std::vector{1});
    w.advance(10s);
    CHECK(fired == std::vector{1, 2, 3, 4});
  }
  SUBCASE("one is cancelled") {
    in(w, n, s, [&](subject& self) { self.cancel(second); });
    w.advance(10s);
    CHECK(fired == std::vector{1, 3, 4});
  }
  SUBCASE("the process ends first") {
    n.kill(s);
    w.advance(10s);
    CHECK(fired.empty());
  }
}

TEST_CASE("a timer that is due already can still be cancelled") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    auto s = n.spawn<subject>();
    bool is_cancelled = false, fired_after = false;
    in(w, n, s, [&](subject& self) {
      auto t = self.run_after(10us, [&] { fired_after = is_cancelled; });
      self.run_after(10us, [&, t] {
        self.cancel(t);
        is_cancelled = true;
      });
    });
    w.advance(1s);
    CHECK_FALSE(fired_after);
  });
}

TEST_CASE("a delayed message whose handler throws, and last words that throw, end one process in order") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<last_words>();
  auto s = n.spawn<subject>();
  std::vector<reason> told;
  in(w, n, s, [&](subject& self) { self.watch(p, [&](const reason& r) { told.push_back(r); }); });
  w.advance(2s);
  CHECK(told == std::vector{reason::crashed("no more")});
}
