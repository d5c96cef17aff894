#include "testing/disk/simulated_database.hpp"

#include "store/events.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

const auto schema = std::vector<store::migration>{{1, "table", "CREATE TABLE t (id INTEGER PRIMARY KEY)"}};

struct program {
  explicit program(simulated_node& n) : world_{n.world()}, db{n.own<simulated_database>(n)} {
    migrate = "under way";
    db.port().migrate("test", schema, [this](result<void> r) { migrate = said(r); });
  }
  static std::string said(const result<void>& r) { return r ? "ok" : std::string{to_string(r.error().code)}; }

  void insert(std::int64_t id) {
    const auto asked = world_.now();
    db.port().transact([id](store::transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); },
                       [this, id, asked](result<void> r) {
                         took.push_back(world_.now() - asked);
                         answers.push_back(std::to_string(id) + " " + said(r));
                       });
  }
  std::int64_t count() {
    std::int64_t n = -1;
    db.port().read([](store::transaction& tx) { return tx.select_one<std::int64_t>("SELECT count(*) FROM t"); },
                   [&n](result<std::optional<std::tuple<std::int64_t>>> r) {
                     if (r && *r)
                       n = std::get<0>(**r);
                   });
    (void)world_.run_until([&] { return n >= 0; }, 10s);
    return n;
  }

  testing::world& world_;
  simulated_database& db;
  std::string migrate;
  std::vector<std::string> answers;
  std::vector<duration> took;
};

}  // namespace

TEST_CASE("transactions are answered in order, after a time from the climate") {
  for_each_seed(100, [](world& w) {
    auto p = program{w.start_node()};
    w.advance(20ms);
    CHECK(p.migrate == "ok");
    p.insert(1);
    w.advance(20ms);
    p.insert(2);
    p.insert(3);
    p.insert(2);
    CHECK(p.answers == std::vector<std::string>{"1 ok"});
    w.advance(20ms);
    CHECK(p.answers == std::vector<std::string>{"1 ok", "2 ok", "3 ok", "2 exists"});
    for (auto t : p.took) {
      CHECK(t >= w.weather().commit.min);
      CHECK(t <= w.weather().commit.max);
    }
    CHECK(p.count() == 3);
  });
}

TEST_CASE("a slow disk takes so many times as long") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = program{n};
    w.advance(20ms);
    n.disk().set_slowness(100);
    p.insert(1);
    w.advance(5s);
    REQUIRE(p.took.size() == 1);
    CHECK(p.took[0] >= 100 * w.weather().commit.min);
    CHECK(p.took[0] <= 100 * w.weather().commit.max);
    n.disk().heal();
    p.insert(2);
    w.advance(20ms);
    CHECK(p.took.size() == 2);
  });
}

TEST_CASE("a node that ends answers nothing any more, and finds what it acknowledged when it starts again") {
  int unanswered_but_there = 0;
  int not_there = 0;
  for_each_seed(200, [&](world& w) {
    auto chance = seeded_random{w.derive_seed(99)};
    auto acknowledged = std::size_t{0};
    {
      auto& n = w.start_node();
      auto p = program{n};
      w.advance(20ms);
      for (int id = 1; id <= 4; ++id) {
        p.insert(id);
        w.pass(duration{static_cast<std::int64_t>(chance.below(4'000'000))});
      }
      acknowledged = p.answers.size();
      w.end_node(n, chance.below(2) == 0 ? node_end::crash : node_end::power_loss);
      w.advance(50ms);
      CHECK(p.answers.size() == acknowledged);
    }
    auto p = program{w.start_node()};
    w.advance(20ms);
    REQUIRE(p.migrate == "ok");
    const auto there = static_cast<std::size_t>(p.count());
    REQUIRE(there >= acknowledged);
    unanswered_but_there += there > acknowledged;
    not_there += there < 4;
  });
  CHECK(unanswered_but_there > 20);
  CHECK(not_there > 20);
}

TEST_CASE("while its node stands still nothing is written and nobody is answered") {
  auto w = world{};
  auto& n = w.start_node();
  auto p = program{n};
  w.advance(20ms);
  const auto syncs = n.disk().syncs();
  p.insert(1);
  w.pause_node(n, 1s);
  w.pass(900ms);
  CHECK(p.answers.empty());
  CHECK(n.disk().syncs() == syncs);
  w.pass(200ms);
  CHECK(p.answers.size() == 1);
}

TEST_CASE("what the store tells comes out of the node's telemetry") {
  auto w = world{};
  auto& n = w.start_node();
  std::vector<std::string> heard;
  auto listening = n.events().attach_all([&](const event_view& e) { heard.emplace_back(e.name()); }, "store.");
  auto p = program{n};
  p.insert(1);
  w.advance(50ms);
  n.disk().set_failing(true);
  p.insert(2);
  w.advance(50ms);
  CHECK(heard == std::vector<std::string>{"store.migrated", "store.commit", "store.commit", "store.error"});
  CHECK(p.answers == std::vector<std::string>{"1 ok", "2 io"});
}

TEST_CASE("a database that cannot be opened refuses the start of its node, and may be there later") {
  auto w = world{};
  auto& n = w.start_node();
  for (auto break_it : {&simulated_disk::set_full, &simulated_disk::set_failing}) {
    (n.disk().*break_it)(true);
    CHECK_THROWS_AS((simulated_database{n}), start_refused);
    (n.disk().*break_it)(false);
  }
  CHECK_THROWS_WITH_AS((simulated_database{n, {.file = ""}}), doctest::Contains("one@sim"), start_refused);
  auto p = program{n};
  p.insert(1);
  w.advance(50ms);
  CHECK(p.answers == std::vector<std::string>{"1 ok"});
}

TEST_CASE("a node has as many databases as it has files, and one that was shared may be dropped late") {
  auto w = world{};
  auto& n = w.start_node();
  auto first = program{n};
  auto& second = n.own<simulated_database>(n, simulated_database::options{.file = "second.db"});
  auto kept = second.share();
  std::string said;
  kept->migrate("test", schema, [&](result<void> r) { said = program::said(r); });
  w.advance(50ms);
  CHECK(said == "ok");
  CHECK(first.count() == 0);
  CHECK(n.disk().files() == std::vector<std::string>{"node.db", "node.db-wal", "second.db", "second.db-wal"});
  w.crash_node(n);
  kept.reset();
}
