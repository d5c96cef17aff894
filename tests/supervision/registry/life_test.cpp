// Partitions, names for processes that are being born, and the order of things between them.
#include "support.hpp"

#include "actors/process_access.hpp"

#include "supervision/server/agent.hpp"

using namespace beamline;
using namespace beamline::supervision;
using kind = registration_error::kind;
using counter = workers::agent<int>;

namespace {

std::function<int()> zero() {
  return [] { return 0; };
}
birth claiming(std::function<void(std::uint64_t)> claim) {
  birth b;
  b.claim = std::move(claim);
  return b;
}
int read(world& w, const pid& p) {
  return std::any_cast<int>(w.ask<std::any>(p, counter::get_and_update{[](int& n) { return std::any{n}; }}));
}

}  // namespace

TEST_CASE("L17 a process is started, called and cast to under a via name") {
  auto count = one_or_eight();
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(count)};
    via name{h.reg, "counter"};
    CHECK_FALSE(pid{name});
    auto caller = h.spawn_member();
    std::optional<call_error> failed;
    h.in(caller, [&](process& me) {
      process_access{me}.cast(name, counter::update{[](int& n) { n = 100; }});  // Vanishes.
      process_access{me}
          .call<std::any>(name, counter::get_and_update{}, 1s)
          .then([](const std::any&) { FAIL("nobody is there"); }, [&](const call_error& e) { failed = e; });
    });
    w.run();
    REQUIRE(failed);
    CHECK(failed->what == call_error::kind::noproc);

    auto spec = child_via(h.reg, "counter", child<counter>("counter", zero()), 7);
    auto first = w.ask<start_answer>(h.top, start_child{spec});
    REQUIRE(first);
    CHECK(pid{name} == first->who);
    CHECK(h.reg.values("counter", first->who) == std::vector<int>{7});
    h.in(caller, [&](process& me) { process_access{me}.cast(name, counter::update{[](int& n) { n += 5; }}); });
    CHECK(read(w, name) == 5);

    spec.id = "another";
    auto second = w.ask<start_answer>(h.top, start_child{spec});
    REQUIRE_FALSE(second);
    CHECK(second.error().what == child_error::kind::already_started);
    CHECK(second.error().who == first->who);
    CHECK(read(w, name) == 5);

    // Its successor has the name from the beginning.
    h.n.kill(first->who);
    w.run();
    CHECK(pid{name});
    CHECK(pid{name} != first->who);
    CHECK(read(w, name) == 0);
  });
}

TEST_CASE("a name is had before the first turn, and not had when the process never came to be") {
  world w;
  house h{w, unique_options(2)};
  auto p = h.n.get().spawn_as<counter>(claiming(h.reg.claim("a")), zero());
  CHECK(h.reg.whereis("a") == p);
  try {
    (void)h.n.get().spawn_as<counter>(claiming(h.reg.claim("a")), zero());
    FAIL("the name is taken");
  } catch (const name_taken& e) {
    CHECK(e.owner() == p);
    CHECK(std::string{e.what()}.find("registry \"names\", key \"a\"") != std::string::npos);
  }
  w.run();
  CHECK(h.reg.count() == 1);
  CHECK(h.owners() == 1);
}

TEST_CASE("a process cannot be born under the name of a registry that does not run") {
  world w;
  auto& n = w.start_node();
  registry<int> reg{n.env(), unique_options(1)};
  CHECK_THROWS_WITH_AS((void)n.get().spawn_as<member>(claiming(reg.claim(5))),
                       "registry \"names\", key 5: the registry is not running", std::runtime_error);
  registry<int> topics{n.env(), {.name = "topics", .keys = key_rule::duplicate}};
  CHECK_THROWS_AS((void)topics.claim(5), std::logic_error);
  w.run();
}

TEST_CASE("a failed start gives its name back") {
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(2)};
    auto fails = child_via(
        h.reg, "a", child<counter>("a", std::function<int()>{[]() -> int { throw std::runtime_error{"no value"}; }}));
    auto a = w.ask<start_answer>(h.top, start_child{fails});
    REQUIRE_FALSE(a);
    CHECK(a.error().what == child_error::kind::start_failed);
    CHECK_FALSE(h.reg.whereis("a"));
    auto b = w.ask<start_answer>(h.top, start_child{child_via(h.reg, "a", child<counter>("b", zero()))});
    REQUIRE(b);
    CHECK(h.reg.whereis("a") == b->who);
  });
}

TEST_CASE("a partition of unique keys that ends takes its owners down, and all partitions are restarted") {
  for_each_seed(30, [&](world& w) {
    house h{w, unique_options(4)};
    std::vector<pid> owners;
    std::vector<member::journal> notes;
    for (int i = 0; i < 8; ++i) {
      notes.push_back(make_notes());
      owners.push_back(h.spawn_member(notes.back(), i % 2 == 1));
      CHECK(h.put(owners.back(), std::to_string(i), i));
    }
    auto outsider = h.spawn_member();
    if (w.seed() % 2 == 0)
      w.run();
    auto before = h.reg.partitions();
    h.n.exit(before[1].process, reason::custom("lost"));
    w.run();
    for (std::size_t i = 0; i < owners.size(); ++i) {
      CHECK(h.n.is_alive(owners[i]) == (i % 2 == 1));  // Who traps exits is told, and lives.
      if (i % 2 == 1) {
        REQUIRE(notes[i]->size() == 1);
        auto told = notes[i]->front();
        CHECK((told == "exit custom: lost" || told == "exit shutdown"));
      }
    }
    CHECK(h.n.is_alive(outsider));
    CHECK(h.reg.count() == 0);
    auto after = h.reg.partitions();
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(after[i].process != before[i].process);
      CHECK(h.n.is_alive(after[i].process));
    }
    CHECK(h.put(owners[1], "again", 1));
  });
}

TEST_CASE("a partition of duplicate keys that ends takes its own owners down only") {
  for_each_seed(30, [&](world& w) {
    house h{w,
            {.name = "topics", .keys = key_rule::duplicate, .partitions = 4, .partitioned = partition_rule::by_owner}};
    std::vector<pid> owners;
    for (int i = 0; i < 12; ++i) {
      owners.push_back(h.spawn_member());
      CHECK(h.put(owners.back(), "hello", i));
    }
    auto before = h.reg.partitions();
    h.n.exit(before[1].process, reason::custom("lost"));
    w.run();
    auto after = h.reg.partitions();
    std::size_t alive = 0;
    for (const auto& o : owners)
      alive += h.n.is_alive(o) ? 1 : 0;
    CHECK(alive == owners.size() - before[1].owners);
    CHECK(h.reg.count() == alive);
    for (std::size_t i = 0; i < 4; ++i)
      CHECK((after[i].process == before[i].process) == (i != 1));
  });
}

TEST_CASE("owners are told of a registry that is shut down") {
  world w;
  house h{w, unique_options(2)};
  auto notes = make_notes();
  auto p = h.spawn_member(notes, true);
  CHECK(h.put(p, "hello", 1));
  h.n.exit(h.top, reason::shutdown());
  w.run();
  CHECK(*notes == std::vector<std::string>{"exit shutdown"});
  CHECK(h.refused(p, "hello", 1).what == kind::not_running);
}

TEST_CASE("a registry under two supervisors is a mistake that the second one is told") {
  world w;
  house h{w, unique_options(2)};
  auto before = h.reg.partitions();
  auto a = w.ask<start_answer>(h.top, start_child{child_registry("twice", h.reg)});
  REQUIRE_FALSE(a);
  CHECK(to_string(a.error()).find("start each registry under one supervisor only") != std::string::npos);
  CHECK(h.reg.partitions()[0].process == before[0].process);
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
}

TEST_CASE("a thousand owners that end at once are cleaned up") {
  world w;
  house h{w, unique_options(2)};
  std::vector<pid> owners;
  for (int i = 0; i < 3000; ++i) {
    owners.push_back(h.n.spawn<member>());
    h.n.cast(owners.back(), perform{[&h, i](process& me) { CHECK(h.reg.register_as(me, std::to_string(i), i)); }});
  }
  w.run();
  CHECK(h.reg.count() == 3000);
  for (const auto& p : owners)
    h.n.kill(p);
  w.run();
  CHECK(h.reg.count() == 0);
  CHECK(h.owners() == 0);
}
