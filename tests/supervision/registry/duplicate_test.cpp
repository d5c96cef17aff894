#include "support.hpp"

#include <set>
#include <variant>

using namespace beamline;
using namespace beamline::supervision;

TEST_CASE("L22 a duplicate registry starts its partitions and counts entries") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  CHECK(h.reg.partitions().size() == options.partitions);
  CHECK(h.reg.count() == 0);
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(p, "hello", 1));
  CHECK(h.reg.count() == 2);
}

TEST_CASE("L23 one owner may have a key several times") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(q, "hello", 7));
  CHECK(h.put(p, "hello", 2));
  CHECK(h.reg.keys(p) == std::vector<std::string>{"hello", "hello"});
  CHECK(h.reg.values("hello", p) == std::vector<int>{1, 2});
  CHECK(show(h.reg.lookup("hello")) == "hello=1 hello=7 hello=2");
  CHECK_THROWS_WITH_AS((void)h.reg.whereis("hello"),
                       "registry \"topics\": whereis needs unique keys, but several may share a key here; use lookup",
                       std::logic_error);
}

TEST_CASE("L24 keys of different types are different keys") {
  auto options = duplicate_options();
  world w;
  registry_house<std::variant<int, double>, int> h{w, options};
  auto p = h.spawn_member();
  CHECK(h.put(p, 1, 1));
  CHECK(h.put(p, 1.0, 2));
  CHECK(h.reg.keys(p) == std::vector<std::variant<int, double>>{1, 1.0});
  CHECK(h.reg.values(1, p) == std::vector<int>{1});
  CHECK(h.reg.values(1.0, p) == std::vector<int>{2});
}

TEST_CASE("L25 dispatch gives the entries of each partition to the caller") {
  auto options = duplicate_options();
  for_each_seed(20, [&](world& w) {
    house h{w, options};
    auto notes = make_notes();
    auto p = h.spawn_member(notes, true);
    auto q = h.spawn_member(notes, true);
    CHECK(h.put(p, "hello", 1));
    CHECK(h.put(p, "hello", 2));
    CHECK(h.put(p, "world", 3));
    CHECK(h.put(q, "hello", 4));
    auto dispatch = [&](const std::string& key) {
      std::multiset<int> values;
      std::size_t calls = 0;
      h.in(p, [&](process&) {
        h.reg.dispatch(key, [&](const auto& list) {
          ++calls;
          CHECK_FALSE(list.empty());
          for (const auto& e : list)
            values.insert(e->value);
        });
      });
      CHECK(calls
            <= (options.partitioned == partition_rule::by_owner ? std::min<std::size_t>(options.partitions, 2) : 1));
      return values;
    };
    CHECK(dispatch("hello") == std::multiset<int>{1, 2, 4});
    CHECK(dispatch("world") == std::multiset<int>{3});
    CHECK(dispatch("unknown").empty());
    w.run();
    CHECK(notes->empty());
  });
}

TEST_CASE("L26 unregistering without entries is no error") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto p = h.spawn_member();
  CHECK(h.drop(p, "hello") == 0);
}

TEST_CASE("L27 entries of a duplicate key are matched by predicates") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  for (int i = 1; i <= 4; ++i)
    CHECK(h.put(i % 2 == 0 ? p : q, "hello", i));
  CHECK(h.put(p, "world", 9));
  CHECK(show(h.reg.match("hello", [](int v) { return v > 2; })) == "hello=3 hello=4");
  CHECK(h.reg.match("hello", [](int v) { return v > 4; }).empty());
  CHECK(h.reg.match("unknown", [](int) { return true; }).empty());
}

TEST_CASE("L28 matches of a duplicate key are counted") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto p = h.spawn_member();
  for (int i = 1; i <= 4; ++i)
    CHECK(h.put(p, "hello", i));
  CHECK(h.reg.count_match("hello", [](int v) { return v > 1; }) == 3);
  CHECK(h.reg.count_match("hello", [](int v) { return v > 4; }) == 0);
  CHECK(h.reg.count_match("unknown", [](int) { return true; }) == 0);
}

TEST_CASE("L29 only matching entries of the caller are given up") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  for (int i = 1; i <= 4; ++i) {
    CHECK(h.put(p, "hello", i));
    CHECK(h.put(q, "hello", i * 10));
  }
  CHECK(h.put(p, "world", 3));
  h.in(p, [&](process& me) { CHECK(h.reg.unregister_match(me, "hello", [](int v) { return v > 2; }) == 2); });
  CHECK(h.reg.values("hello", p) == std::vector<int>{1, 2});
  CHECK(h.reg.values("hello", q) == std::vector<int>{10, 20, 30, 40});
  CHECK(h.reg.values("world", p) == std::vector<int>{3});
}

TEST_CASE("L30 listeners of a duplicate registry hear of explicit changes") {
  auto options = duplicate_options();
  options.listeners = {"ear"};
  for_each_seed(20, [&](world& w) {
    house h{w, options};
    auto notes = make_notes();
    auto ear = h.spawn_member(notes);
    REQUIRE(h.n.processes().register_name(ear.id(), "ear"));
    auto p = h.spawn_member();
    CHECK(h.put(p, "hello", 7));
    CHECK(h.put(p, "hello", 8));
    CHECK(h.drop(p, "hello") == 2);
    w.run();
    auto who = to_string(p);
    CHECK(*notes
          == std::vector<std::string>{"topics + hello=7 " + who, "topics + hello=8 " + who, "topics - hello " + who});
  });
}

TEST_CASE("L31 an owner is watched, and goes down with its partition, until its last entry is gone") {
  auto options = duplicate_options();
  for_each_seed(20, [&](world& w) {
    house h{w, options};
    auto p = h.spawn_member();
    CHECK(h.put(p, "hello", 1));
    CHECK(h.put(p, "hello", 2));
    CHECK(h.put(p, "world", 3));
    w.run();
    auto watches = h.owners();
    CHECK(watches >= 1);
    CHECK(h.drop(p, "hello") == 2);
    CHECK(h.owners() == 1);
    CHECK(h.drop(p, "world") == 1);
    CHECK(h.owners() == 0);
    w.run();
    for (const auto& part : h.reg.partitions())
      h.n.kill(part.process);
    w.run();
    CHECK(h.n.is_alive(p));
    CHECK(h.put(p, "hello", 1));
    CHECK(h.put(p, "world", 1));
    CHECK(h.drop(p, "world") == 1);
    for (const auto& part : h.reg.partitions())
      if (part.owners > 0)
        h.n.kill(part.process);
    w.run();
    CHECK_FALSE(h.n.is_alive(p));
  });
}

TEST_CASE("L32 a duplicate registry that does not run refuses to register") {
  auto options = duplicate_options();
  world w;
  auto& n = w.start_node();
  registry<std::string, int> reg{n.env(), options};
  auto p = n.spawn<member>();
  CHECK(w.ask<bool>(p, perform{[&](process& me) {
                      auto done = reg.register_as(me, "hello", 1);
                      REQUIRE_FALSE(done);
                      CHECK(done.error().what == registration_error::kind::not_running);
                    }}));
  CHECK(reg.lookup("hello").empty());
}

TEST_CASE("L33 selecting from a duplicate registry filters whole entries, and counts them") {
  auto options = duplicate_options();
  world w;
  house h{w, options};
  auto all = [](const auto&) { return true; };
  CHECK(h.reg.select(all).empty());
  CHECK(h.reg.count_select(all) == 0);
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(q, "world", 2));
  CHECK(h.put(p, "hello", 3));
  CHECK(h.put(q, "hello", 1));
  CHECK(show(h.reg.select(all)) == "hello=1 world=2 hello=3 hello=1");
  CHECK(show(h.reg.select([&](const auto& e) { return e.owner == p; })) == "hello=1 hello=3");
  CHECK(show(h.reg.select([&](const auto& e) { return e.key == "world" || e.value == 3; })) == "world=2 hello=3");
  CHECK(h.reg.count_select(all) == 4);
  CHECK(h.reg.count_select([](const auto& e) { return e.key == "hello" && e.value == 1; }) == 2);
}

TEST_CASE("L34 options that make no sense are refused with the reason") {
  world w;
  auto& n = w.start_node();
  auto make = [&](const registry_options& o) { registry<std::string, int>{n.env(), o}; };
  CHECK_THROWS_WITH_AS(make({.name = "r", .keys = key_rule::duplicate, .partitions = 0}),
                       "registry \"r\": partitions is 0, expected a number from 1 to 1024", std::invalid_argument);
  CHECK_THROWS_AS(make({.name = "r", .partitions = 1025}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(make({.name = "r", .keys = key_rule::duplicate, .partitioned = static_cast<partition_rule>(7)}),
                       "registry \"r\": partitioned is 7, expected by_key or by_owner", std::invalid_argument);
  CHECK_THROWS_WITH_AS(make({.name = "r", .keys = static_cast<key_rule>(9)}),
                       "registry \"r\": keys is 9, expected unique or duplicate", std::invalid_argument);
  CHECK_THROWS_AS(make({.name = "r", .partitions = 2, .partitioned = partition_rule::by_owner}), std::invalid_argument);
}

TEST_CASE("what a dead owner had in a duplicate registry is cleaned up, and nothing else") {
  auto options = duplicate_options();
  for_each_seed(20, [&](world& w) {
    house h{w, options};
    std::vector<pid> members;
    for (int i = 0; i < 10; ++i) {
      members.push_back(h.spawn_member());
      CHECK(h.put(members.back(), "hello", i));
      CHECK(h.put(members.back(), "hello", i + 100));
    }
    for (int i = 0; i < 10; i += 2)
      h.n.kill(members[static_cast<std::size_t>(i)]);
    w.run();
    CHECK(show(h.reg.lookup("hello"))
          == "hello=1 hello=101 hello=3 hello=103 hello=5 hello=105 hello=7 hello=107 hello=9 hello=109");
  });
}
