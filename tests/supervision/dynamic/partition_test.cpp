// Partition supervisors: J01-J17, X40.

#include "supervision/dynamic/bench.hpp"
#include "supervision/partition_supervisor.hpp"

#include <set>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using error_kind = child_error::kind;

namespace {

struct which_number {};

/// Knows its number.
class shard : public plain {
public:
  shard(process_context& c, std::size_t n) : plain{c}, number_{n} {}
  behavior init() override {
    return handlers([this](const which_number&) { return number_; },
                    [](const crash& m) { throw std::runtime_error{m.text}; });
  }

private:
  std::size_t number_;
};

partition_spec shards(std::size_t n) {
  return {.name = "shards",
          .child = child<plain>("shard"),
          .partitions = n,
          .with_arguments = [](child_spec& s, std::size_t i) { s.start = child<shard>("", i).start; }};
}

struct parts {
  partition_directory directory{2};
  testing::world& w;
  testing::simulated_node& n;
  pid sup;

  parts(testing::world& world, partition_spec s) : parts{world, world.start_node(), std::move(s)} {}
  parts(testing::world& world, testing::simulated_node& node, partition_spec s) : w{world}, n{node} {
    n.env().provide(directory);
    sup = partition_supervisor::start(n.get(), std::move(s));
    w.run();
  }
  ~parts() {  // Before its directory, which it has borrowed.
    n.kill(sup);
    w.run();
  }
  template <class Key>
  pid of(const Key& key) {
    return partition_of(n.env(), "shards", key);
  }
  template <class Key>
  std::size_t number_of(const Key& key) {
    return w.ask<std::size_t>(of(key), which_number{});
  }
  resize_answer resize(std::size_t count) { return w.ask<resize_answer>(sup, resize_partitions{count}); }
  child_counts counts() { return w.ask<child_counts>(sup, count_children{}); }
  child_list list() { return w.ask<child_list>(sup, which_children{}); }
};

struct directory_of_bench : partition_directory {
  bench& b;
  explicit directory_of_bench(bench& of) : b{of} { b.n.env().provide<partition_directory>(*this); }
  ~directory_of_bench() {
    b.order_shutdown();
    b.w.run();
  }
};

std::string refusal(partition_spec s) {
  auto ok = check_partition_spec(s);
  REQUIRE_FALSE(ok.ok());
  testing::world world;
  auto& n = world.start_node();
  CHECK_THROWS_AS(partition_supervisor::start(n.get(), s), std::invalid_argument);
  return ok.error().message;
}

}  // namespace

TEST_CASE("J01 the name of a partition supervisor is its id") {
  // There are no atoms here: names are text.
  auto s = child_partition_supervisor(shards(2));
  CHECK(s.id == "shards");
  CHECK(s.name == "shards");
  CHECK(s.type == child_type::supervisor);
}

TEST_CASE("J02 its id may be said otherwise, the name stays") {
  // OTP takes the inner value of a via name; here id and name are said apart.
  auto s = child_partition_supervisor(shards(2)).with({.id = "inner"});
  CHECK(s.id == "inner");
  CHECK(s.name == "shards");
}

TEST_CASE("J03 children under random keys are found across the default number of partitions") {
  testing::world world;
  parts p{world, {.name = "shards", .child = child_dynamic_supervisor("d", dynamic_supervisor_spec{})}};
  CHECK(partition_count(p.n.env(), "shards").value() == p.directory.partitions_default());
  seeded_random keys{7};
  std::set<pid> started;
  for (int i = 0; i < 100; ++i) {
    auto a = world.ask<start_answer>(p.of(keys.next()), start_child{child<plain>("c")});
    REQUIRE(a.ok());
    started.insert(a->who);
  }
  std::set<pid> found;
  for (const auto& part : p.list()) {
    auto below = world.ask<child_list>(part.who, which_children{});
    CHECK(below.size() > 20);
    for (const auto& c : below)
      found.insert(c.who);
  }
  CHECK(found == started);
}

TEST_CASE("J04 a partition supervisor must have a name") {
  auto s = shards(2);
  s.name.clear();
  CHECK(refusal(s).find("name is empty") != std::string::npos);
}

TEST_CASE("J05 a partition supervisor must have a child") {
  CHECK(refusal({.name = "shards", .child = {}}).find("child has no start function") != std::string::npos);
}

TEST_CASE("J06 a partition supervisor has one partition at least") {
  CHECK(refusal(shards(0)).find("partitions is 0") != std::string::npos);
  CHECK(refusal(shards(partition_spec::partitions_max + 1)).find("expected 1 to 1024") != std::string::npos);
}

TEST_CASE("J08 a partition supervisor knows no auto_shutdown") {
  auto s = shards(2);
  s.flags.auto_shutdown = auto_shutdown::any_significant;
  CHECK(refusal(s).find("bad_combination") != std::string::npos);
}

TEST_CASE("J09 when a partition supervisor has stopped its name is free") {
  under_schedules([](testing::world& world) {
    parts p{world, shards(3)};
    auto one = p.of(1);
    p.n.cast(p.sup, stop_order{reason::shutdown()});
    world.run();
    CHECK_FALSE(p.n.is_alive(p.sup));
    CHECK_FALSE(p.n.is_alive(one));
    CHECK_FALSE(p.n.get().whereis("shards"));
    CHECK_FALSE(p.of(1));
    parts again{world, world.start_node("two@sim"), shards(3)};
    CHECK(again.n.is_alive(again.sup));
  });
}

TEST_CASE("J10 a partition supervisor is stopped by its name") {
  testing::world world;
  parts p{world, shards(3)};
  p.n.cast(pid{p.n.env().self(), "shards"}, stop_order{reason::normal()});
  world.run();
  CHECK_FALSE(p.n.is_alive(p.sup));
  CHECK(p.n.processes().exit_reason(p.sup.id()) == reason::normal());
}

TEST_CASE("J11 there are no partitions under an unknown name") {
  testing::world world;
  parts p{world, shards(3)};
  CHECK(partition_count(p.n.env(), "unknown").error().code == errc::not_found);
  CHECK_FALSE(partition_of(p.n.env(), "unknown", 1));
  p.n.kill(p.sup);
  world.run();
  CHECK(partition_count(p.n.env(), "shards").error().code == errc::not_found);
}

TEST_CASE("J12 a partition supervisor grows to what it was started with, not beyond") {
  under_schedules([](testing::world& world) {
    parts p{world, shards(8)};
    auto beyond = p.resize(9);
    REQUIRE_FALSE(beyond.ok());
    CHECK(beyond.error().detail.find("0 to 8") != std::string::npos);

    auto seven = p.of(7);
    auto two = p.of(2);
    CHECK(*p.resize(3) == 8);
    CHECK_FALSE(p.n.is_alive(seven));
    CHECK(p.of(7) == p.of(1));
    CHECK(p.of(2) == two);
    CHECK(p.counts() == child_counts{8, 3, 0, 8});
    CHECK(p.list().front().state == slot_state::stopped);

    CHECK(*p.resize(0) == 3);
    CHECK_FALSE(p.of(1));
    CHECK(p.counts().active == 0);
    CHECK(*p.resize(8) == 0);
    CHECK(p.number_of(7) == 7);
    CHECK(p.counts() == child_counts{8, 8, 0, 8});
    CHECK(*p.resize(8) == 8);
  });
}

TEST_CASE("J13 partitions are listed with their numbers") {
  under_schedules([](testing::world& world) {
    parts p{world, shards(4)};
    auto all = p.list();
    REQUIRE(all.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto& entry = all[3 - i];
      CHECK(entry.id == std::to_string(i));
      CHECK(entry.who == p.of(i));
      CHECK(p.number_of(i) == i);
      auto single = world.ask<answer<child_info>>(p.sup, which_child{.id = entry.id, .who = {}});
      CHECK(single->who == entry.who);
    }
    auto none = world.ask<answer<child_info>>(p.sup, which_child{.id = "4", .who = {}});
    CHECK(none.error().what == error_kind::not_found);
  });
}

TEST_CASE("J14 partitions that are workers are counted as such") {
  testing::world world;
  parts p{world, shards(5)};
  CHECK(p.counts() == child_counts{5, 5, 0, 5});
}

TEST_CASE("J15 partitions that are supervisors are counted as such") {
  testing::world world;
  parts p{world,
          {.name = "shards", .child = child_dynamic_supervisor("d", dynamic_supervisor_spec{}), .partitions = 5}};
  CHECK(p.counts() == child_counts{5, 5, 5, 0});
}

TEST_CASE("J16 nobody counts the children of an unknown supervisor") {
  testing::world world;
  parts p{world, shards(2)};
  auto a = world.try_ask<child_counts>(pid{p.n.env().self(), "unknown"}, count_children{});
  REQUIRE(std::holds_alternative<call_error>(a));
  CHECK(std::get<call_error>(a).what == call_error::kind::noproc);
}

TEST_CASE("J17 partitions are counted by the supervisor's name") {
  testing::world world;
  parts p{world, shards(5)};
  auto named = pid{p.n.env().self(), "shards"};
  CHECK(world.ask<child_counts>(named, count_children{}).active == 5);
}

TEST_CASE("X40 keys are routed by number, and a restarted partition keeps its slot") {
  under_schedules([](testing::world& world) {
    parts p{world, shards(4)};
    CHECK(p.number_of(0) == 0);
    CHECK(p.number_of(1) == 1);
    CHECK(p.number_of(5) == 1);
    CHECK(p.number_of(-1) == 1);
    CHECK(p.number_of(-6) == 2);
    CHECK(p.number_of(std::numeric_limits<std::int64_t>::min()) == 0);
    auto before = p.of(5);
    p.n.cast(before, crash{});
    world.run();
    CHECK(p.of(5) != before);
    CHECK(p.number_of(5) == 1);
    CHECK(p.counts().active == 4);
  });
}

TEST_CASE("text is routed by a hash that never changes") {
  CHECK(stable_hash("") == 0xf52a15e9a9b5e89bULL);
  CHECK(stable_hash("user:1") == stable_hash(std::string{"user:"} + "1"));
  CHECK(stable_hash("a") != stable_hash("b"));
  std::array<int, 8> hits{};
  for (int i = 0; i < 8000; ++i)
    ++hits[stable_hash("key-" + std::to_string(i)) % 8];
  for (auto h : hits) {
    CHECK(h > 850);
    CHECK(h < 1150);
  }
}

TEST_CASE("when one partition cannot start none does") {
  under_schedules([](testing::world& world) {
    auto j = make_journal();
    auto s = shards(3);
    s.with_arguments = [j](child_spec& c, std::size_t i) {
      c.start = w_child("w", j).start;
      if (i == 1)
        c.start = [](starter&) -> start_outcome { return reason::custom("no"); };
    };
    bench b{world};
    directory_of_bench directory{b};
    auto a = b.start(child_partition_supervisor(s));
    REQUIRE_FALSE(a.ok());
    CHECK(a.error().why.text.find("failed_to_start_child \"1\"") != std::string::npos);
    CHECK_FALSE(partition_of(b.n.env(), "shards", 0));
    CHECK(std::ranges::count(*j, "start w") == std::ranges::count(*j, "stop w shutdown"));
    CHECK_FALSE(b.n.get().whereis("shards"));
  });
}

TEST_CASE("a restarted partition supervisor serves the same table") {
  under_schedules([](testing::world& world) {
    bench b{world};
    directory_of_bench directory{b};
    auto first = b.child_of(child_partition_supervisor(shards(3)));
    const auto* table = directory.find("shards");
    REQUIRE(table != nullptr);
    auto before = table->of("some key");
    REQUIRE(before);
    b.kill(first);
    CHECK(directory.find("shards") == table);
    CHECK(table->of("some key") != before);
    CHECK(b.is_alive(table->of("some key")));
    CHECK_FALSE(b.is_alive(before));
  });
}
