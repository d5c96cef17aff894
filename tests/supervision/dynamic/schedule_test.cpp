// Random stories: whatever happens in whatever order, the books of a dynamic supervisor agree with what runs.

#include "supervision/dynamic/bench.hpp"

#include "base/random.hpp"

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;

namespace {

/// Anything a test may do to a supervisor.
class story {
public:
  explicit story(testing::world& world) : b_{world, spec()}, chance_{world.seed()} {}

  void tell(int steps) {
    for (int i = 0; i < steps; ++i) {
      act();
      for (auto n = chance_.below(30); n > 0; --n)
        b_.w.step();
    }
  }

  void check_books() {
    b_.w.advance(10s);
    REQUIRE(b_.is_alive(b_.sup));
    auto listed = b_.list();
    std::size_t alive = 0;
    for (const auto& p : b_.n.processes().list(b_.w.now()))
      alive += p.parent == b_.sup.id() ? 1 : 0;
    CHECK(listed.size() == alive);
    CHECK(b_.counts() == child_counts{alive, alive, 0, alive});
    CHECK(alive <= 8);
    for (const auto& c : listed) {
      CHECK(c.state == slot_state::running);
      CHECK(b_.is_alive(c.who));
    }
    while (b_.births.spawn<plain>().ok())  // Exactly the places that are left.
      ++alive;
    CHECK(alive == 8);
  }

  void check_end() {
    auto is_killed = chance_.below(2) == 0;
    if (is_killed)
      b_.n.kill(b_.sup);
    else
      b_.order_shutdown();
    b_.w.advance(10s);
    CHECK_FALSE(b_.is_alive(b_.sup));
    // A W traps exits and cares for graceful ones only: it survives its killed supervisor, as in OTP (S17).
    for (const auto& p : b_.n.processes().list(b_.w.now()))
      if (!is_killed || p.kind.ends_with("plain"))
        CHECK_MESSAGE(p.parent != b_.sup.id(), p.kind, " is left over");
  }

private:
  struct with_nursery : bench {
    nursery births;
    with_nursery(testing::world& world, dynamic_supervisor_spec s) : bench{world, world.start_node()} {
      s.births = births.state();
      sup = n.spawn<dynamic_supervisor>(std::move(s));
      w.run();
    }
  };

  static dynamic_supervisor_spec spec() { return {.flags = {.intensity = 1'000'000}, .max_children = 8}; }

  child_spec some_child() {
    auto s = chance_.below(4) == 0 ? child<w2>("w2", duration{chance_.below(3) * 1s})
           : chance_.below(3) == 0 ? w3_child("w3", script_)
                                   : w_child("w");
    s.restart = static_cast<restart_type>(chance_.below(3));
    s.shutdown = shutdown_policy{duration{chance_.below(3) * 500ms}};
    return s;
  }

  pid somebody() {
    std::vector<pid> all;
    for (const auto& p : b_.n.processes().list(b_.w.now()))
      if (p.parent == b_.sup.id())
        all.emplace_back(b_.n.env().self(), p.id);
    if (all.empty() || chance_.below(10) == 0)
      return last_;
    return last_ = all[chance_.below(all.size())];
  }

  void act() {
    // Starts mostly succeed, so that nothing is retried for ever.
    script_->otherwise = chance_.below(5) == 0 ? start_answer_of::refuse : start_answer_of::ok;
    switch (chance_.below(8)) {
      case 0:
      case 1: b_.n.cast(b_.sup, start_child{some_child()}); break;
      case 2: (void)b_.births.spawn<plain>(); break;
      case 3: b_.n.kill(somebody()); break;
      case 4: b_.n.cast(somebody(), die{}); break;
      case 5: b_.n.cast(somebody(), finish{}); break;
      case 6: b_.n.cast(somebody(), crash{}); break;
      case 7: b_.n.cast(b_.sup, terminate_child{.id = {}, .who = somebody()}); break;
    }
    script_->otherwise = start_answer_of::ok;
  }

  with_nursery b_;
  seeded_random chance_;
  script_ptr script_ = std::make_shared<script>();
  pid last_;
};

}  // namespace

TEST_CASE("after any story the supervisor knows exactly who runs") {
  under_schedules(
      [](testing::world& world) {
        story s{world};
        s.tell(60);
        s.check_books();
      },
      80);
}

TEST_CASE("after any story nobody outlives the supervisor") {
  under_schedules(
      [](testing::world& world) {
        story s{world};
        s.tell(40);
        s.check_end();
      },
      80);
}
