#include "supervision/supervisor/fixture.hpp"
#include "supervision/supervisor_core.hpp"

#include <array>

// Many seeds of random violence: whatever happens, no child has two lives at once, every restart is counted, and the
// tree is whole when it is over. And many children: everything about one of them costs about the same however many
// there are.

namespace beamline::supervision {

namespace {

/// Knows how many lives each child has at the moment.
struct census {
  std::map<std::string, int> lives;
  int most = 0;
};

class citizen final : public process {
public:
  citizen(process_context& c, std::shared_ptr<census> book, std::string id)
      : process{c}, book_{std::move(book)}, id_{std::move(id)} {
    book_->most = std::max(book_->most, ++book_->lives[id_]);
  }
  ~citizen() override { --book_->lives[id_]; }
  behavior init() override {
    return handlers([this](const die& m) { stop(m.why); }, [](const crash& m) { throw std::runtime_error{m.text}; },
                    [](const busy_for& m) { testing::block(m.length); });
  }

private:
  std::shared_ptr<census> book_;
  std::string id_;
};

child_spec citizen_child(const std::string& id, const std::shared_ptr<census>& book) {
  return child<citizen>(id, book, id).with({.shutdown = duration{100ms}});
}

}  // namespace

TEST_CASE("a tree under random kills is whole at the end, and no child has two lives at once") {
  for_each_seed(60, [](world& w) {
    stage s{w};
    seeded_random dice{w.seed()};
    // The orphans of a killed supervisor may still be ending while its successor starts theirs (S17), here as in OTP.
    auto kills_supervisors = w.seed() % 3 == 0;
    auto book = std::make_shared<census>();
    auto strategies = std::array{strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one};
    std::vector<child_spec> subs;
    for (int i = 0; i < 3; ++i) {
      std::vector<child_spec> leaves;
      for (int k = 0; k < 3; ++k)
        leaves.push_back(citizen_child("leaf_" + std::to_string(i) + std::to_string(k), book));
      subs.push_back(child_supervisor("sub_" + std::to_string(i),
                                      spec_of(usual(strategies[dice.below(3)], 4), std::move(leaves))));
    }
    s.start(spec_of(usual(strategies[dice.below(3)], 1000), std::move(subs)));
    for (int i = 0; i < 40; ++i) {
      auto all = s.n.processes().list(w.now());
      const auto& victim = all[dice.below(all.size())];
      auto who = pid{s.n.env().self(), victim.id};
      auto is_leaf = victim.label.starts_with("leaf");
      if (!is_leaf && !(kills_supervisors && victim.label.starts_with("sub")))
        continue;
      if (is_leaf && dice.below(3) == 0)
        s.n.cast(who, crash{});
      else if (is_leaf && dice.below(4) == 0)
        s.n.cast(who, busy_for{30ms});
      else
        s.n.kill(who);
      for (auto steps = dice.below(30); steps > 0; --steps)
        w.step();
    }
    w.advance(10s);
    CHECK((kills_supervisors || book->most == 1));
    CHECK(book->lives.size() == 9);
    for (const auto& entry : book->lives)
      CHECK_MESSAGE(entry.second == 1, entry.first);
    CHECK(s.counts() == "[3,3,3,0]");
    auto restarts = s.w.ask<supervisor_status>(s.top, get_status{}).restarts;
    auto reported = std::count_if(s.said.full.begin(), s.said.full.end(), [&](const report& r) {
      return r.what == report::kind::child_terminated && r.supervisor == s.top;
    });
    CHECK(restarts >= static_cast<std::uint64_t>(reported));
    s.order();
    s.w.advance(10s);
    CHECK(s.end_of(s.top) == "shutdown");
    for (const auto& entry : book->lives)
      CHECK_MESSAGE(entry.second == 0, entry.first);
  });
}

TEST_CASE("G04 an ordinary supervisor starts and stops many children in about linear time") {
  // Steps of the simulation are what a run costs, whatever the machine: 20 times the children, 20 times the steps.
  auto steps_of = [](int count) {
    world w{{.seed = 1, .weather = {.choice = testing::schedule::fifo, .hold_ppm = 0}}};
    stage s{w};
    auto began = w.steps();
    std::vector<child_spec> many;
    for (int i = 0; i < count; ++i)
      many.push_back(child<plain>("child_" + std::to_string(i)));
    s.start(spec_of(usual(), std::move(many)));
    CHECK(w.ask<child_counts>(s.top, count_children{}).active == static_cast<std::size_t>(count));
    s.order();
    CHECK(s.end_of(s.top) == "shutdown");
    return static_cast<double>(w.steps() - began);
  };
  auto few = steps_of(100);
  auto many = steps_of(2'000);
  CHECK(many / few < 22);
}

namespace {

class counting_port final : public supervisor_port {
public:
  spawn_outcome spawn(const spawn_order& o) override {
    refs.push_back(o.ref);
    return spawned{pid{node, o.ref}};
  }
  void signal(const pid& who, const reason&) override { signalled.push_back(who.id()); }
  bool fence(const pid&) override { return true; }
  std::optional<child_facts> facts(const pid&) const override { return {}; }
  void arm(std::uint64_t, duration) override {}
  void disarm(std::uint64_t) override {}
  void post_retry(std::uint64_t) override {}
  random_source& random() override { return dice; }
  void reply(std::uint64_t, const start_answer& a) override {
    is_busy |= !a && a.error().what == child_error::kind::busy;
  }
  void reply(std::uint64_t, const change_answer&) override {}
  bool wants_report(report::kind, bool) const override { return false; }
  void report(supervision::report) override {}
  void slot_changed(const slot&) override {}
  void slot_moved(std::uint64_t, const slot&) override {}
  void slot_removed(const slot&) override {}
  void declare_name(const child_spec&) override {}
  void withdraw_name(const child_spec&) override {}
  void flags_changed(const supervisor_flags&) override {}
  void restart_counted(time_point) override {}
  void zombie_added(std::uint64_t, const zombie_info&, time_point) override {}
  void zombie_removed(std::uint64_t) override {}
  void started() override { has_started = true; }
  void ending() override {}
  void end(const reason&) override { has_ended = true; }
  void abort(const std::string&) override {}

  node_identity_ptr node = std::make_shared<const node_identity>(node_identity{"n@h", 1});
  seeded_random dice{1};
  std::vector<std::uint64_t> refs, signalled;
  bool is_busy = false, has_started = false, has_ended = false;
};

}  // namespace

TEST_CASE("the core itself handles 100,000 children in linear time") {
  // Counted in effects, which are what a supervisor does: one start, one signal, one reply each.
  counting_port port;
  supervisor_core core{port};
  supervisor_spec spec;
  for (int i = 0; i < 100'000; ++i)
    spec.children.push_back(custom("c" + std::to_string(i), [](starter&) -> start_outcome { return start_ignored{}; }));
  core.start(std::move(spec), {});
  for (std::size_t i = 0; i < 100'000; ++i)
    core.handle_started(port.refs[i], {}, {});
  CHECK(port.has_started);
  core.stop(reason::shutdown(), {});
  for (std::size_t i = 0; i < 100'000; ++i)
    core.handle_gone(port.signalled[i], child_gone::stage::running, reason::shutdown(), {});
  CHECK(port.has_ended);
  CHECK(port.signalled.size() == 100'000);
  CHECK(port.signalled.front() == port.refs.back());
}

TEST_CASE("as many changes wait as may, and one more is answered busy") {
  counting_port port;
  supervisor_core core{port};
  core.start({.children = {custom("slow", [](starter&) -> start_outcome { return start_ignored{}; })}}, {});
  for (std::size_t i = 0; i < requests_max; ++i)
    core.handle_request(restart_child{"slow"}, i + 1, {}, {});
  CHECK_FALSE(port.is_busy);
  core.handle_request(restart_child{"slow"}, requests_max + 1, {}, {});
  CHECK(port.is_busy);
}

}  // namespace beamline::supervision
