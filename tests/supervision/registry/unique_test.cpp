#include "support.hpp"

#include <tuple>

using namespace beamline;
using namespace beamline::supervision;
using kind = registration_error::kind;

TEST_CASE("L05 a unique registry starts as many partitions as configured") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto list = h.reg.partitions();
  CHECK(list.size() == count);
  for (const auto& p : list)
    CHECK(h.n.is_alive(p.process));
  auto top = w.ask<child_list>(h.top, which_children{});
  REQUIRE(top.size() == 1);
  CHECK(w.ask<child_counts>(top[0].who, count_children{}) == child_counts{count, count, 0, count});
}

TEST_CASE("L06 a unique registry counts its keys") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  CHECK(h.reg.count() == 0);
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(p, "world", 2));
  CHECK(h.reg.count() == 2);
  // Somebody of another node, who happens to have the same number there.
  pid stranger{std::make_shared<const node_identity>(node_identity{"other@sim", 1}), p.id()};
  CHECK(h.reg.keys(stranger).empty());
  CHECK(h.reg.values("hello", stranger).empty());
}

TEST_CASE("L07 a unique key cannot be taken twice by its owner") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.refused(p, "hello", 2) == registration_error{kind::already_registered, p});
  CHECK(h.reg.keys(p) == std::vector<std::string>{"hello"});
  CHECK(h.reg.values("hello", p) == std::vector<int>{1});
  CHECK(h.put(p, "world", 2));
  CHECK(h.reg.keys(p) == std::vector<std::string>{"hello", "world"});
}

TEST_CASE("L08 a unique key cannot be taken by two processes, and the loser stays unharmed") {
  auto count = one_or_eight();
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(count)};
    auto notes = make_notes();
    auto first = h.spawn_member();
    auto second = h.spawn_member(notes, true);
    CHECK(h.put(first, "hello", 1));
    CHECK(h.refused(second, "hello", 2) == registration_error{kind::already_registered, first});
    CHECK(h.reg.keys(second).empty());
    CHECK(h.reg.whereis("hello") == first);
    CHECK(h.owners() == 1);
    w.run();
    CHECK(notes->empty());
  });
}

TEST_CASE("L09 entries of a unique key are matched by predicates") {
  auto count = one_or_eight();
  using value = std::tuple<int, int, std::string>;
  world w;
  registry_house<std::string, value> h{w, unique_options(count)};
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", {1, 1, "one"}));
  auto first_is = [](int n) { return [n](const value& v) { return std::get<0>(v) == n; }; };
  CHECK(h.reg.match("hello", first_is(1)).size() == 1);
  CHECK(h.reg.match("hello", first_is(2)).empty());
  CHECK(h.reg.match("hello", [](const value& v) { return std::get<0>(v) == std::get<1>(v); }).front()->owner == p);
  CHECK(h.reg.match("_", [](const value&) { return true; }).empty());
}

TEST_CASE("L11 matches of a unique key are counted by predicates") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 7));
  CHECK(h.reg.count_match("hello", [](int v) { return v > 5; }) == 1);
  CHECK(h.reg.count_match("hello", [](int v) { return v > 7; }) == 0);
  CHECK(h.reg.count_match("world", [](int) { return true; }) == 0);
}

TEST_CASE("L12 a unique key is given up when its value matches") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  auto other = h.spawn_member();
  CHECK(h.put(p, "hello", 7));
  auto give_up = [&](const pid& who, int above) {
    std::size_t n = 0;
    h.in(who, [&](process& me) { n = h.reg.unregister_match(me, "hello", [&](int v) { return v > above; }); });
    return n;
  };
  CHECK(give_up(p, 7) == 0);
  CHECK(give_up(other, 5) == 0);
  CHECK(h.reg.whereis("hello") == p);
  CHECK(give_up(p, 5) == 1);
  CHECK_FALSE(h.reg.whereis("hello"));
}

TEST_CASE("L13 dispatch calls with the entry of a unique key, and not at all without one") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  int calls = 0;
  h.reg.dispatch("hello", [&](const auto&) { ++calls; });
  CHECK(calls == 0);
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 7));
  h.reg.dispatch("hello", [&](const auto& list) {
    ++calls;
    CHECK(show(list) == "hello=7");
    CHECK(list.front()->owner == p);
  });
  CHECK(calls == 1);
  CHECK_THROWS_WITH(h.reg.dispatch("hello", [](const auto&) { throw std::runtime_error{"mine"}; }), "mine");
}

TEST_CASE("L14 unregistering gives up one key and knows no errors") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  auto other = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(p, "world", 2));
  CHECK(h.drop(other, "hello") == 0);
  CHECK(h.drop(p, "hello") == 1);
  CHECK(h.drop(p, "hello") == 0);
  CHECK(h.drop(p, "unknown") == 0);
  CHECK(h.reg.keys(p) == std::vector<std::string>{"world"});
}

TEST_CASE("L15 listeners of a unique registry hear of explicit changes, and of no death") {
  auto options = unique_options(one_or_eight());
  options.listeners = {"ear", "nobody"};
  for_each_seed(20, [&](world& w) {
    house h{w, options};
    auto notes = make_notes();
    auto ear = h.spawn_member(notes);
    REQUIRE(h.n.processes().register_name(ear.id(), "ear"));
    auto p = h.spawn_member();
    CHECK(h.put(p, "hello", 7));
    CHECK(h.drop(p, "hello") == 1);
    CHECK(h.put(p, "again", 8));
    h.refused(p, "again", 9);
    h.n.kill(p);
    w.run();
    auto who = to_string(p);
    CHECK(*notes
          == std::vector<std::string>{"names + hello=7 " + who, "names - hello " + who, "names + again=8 " + who});
  });
}

TEST_CASE("L16 a unique registry that does not run refuses to register") {
  auto count = one_or_eight();
  world w;
  auto& n = w.start_node();
  registry<std::string, int> reg{n.env(), unique_options(count)};
  auto p = n.spawn<member>();
  CHECK(w.ask<bool>(p, perform{[&](process& me) {
                      auto done = reg.register_as(me, "hello", 1);
                      REQUIRE_FALSE(done);
                      CHECK(done.error().what == kind::not_running);
                      CHECK(to_string(done.error()) == "the registry is not running");
                      CHECK_FALSE(reg.lock("hello", me, [](const lock_guard&) {}));
                      CHECK(reg.unregister(me, "hello") == 0);
                    }}));
  CHECK(reg.lookup("hello").empty());
  CHECK_FALSE(reg.whereis("hello"));
}

TEST_CASE("L18 selecting from a unique registry gives all entries, in the order they were made") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto all = [](const auto&) { return true; };
  CHECK(h.reg.select(all).empty());
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(q, "world", 2));
  CHECK(h.put(p, "again", 3));
  auto list = h.reg.select(all);
  CHECK(show(list) == "hello=1 world=2 again=3");
  CHECK(list[1]->owner == q);
}

TEST_CASE("L19 a unique registry is asked with a predicate over whole entries") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  auto q = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  CHECK(h.put(q, "world", 2));
  CHECK(h.put(p, "again", 3));
  CHECK(show(h.reg.select([&](const auto& e) { return e.owner == p && e.value > 1; })) == "again=3");
  CHECK(show(h.reg.select([&](const auto& e) { return e.key == "hello" || e.key == "world"; })) == "hello=1 world=2");
  // The predicate runs without a lock: it may ask the registry itself.
  CHECK(show(h.reg.select([&](const auto& e) { return h.reg.whereis(e.key) == q; })) == "world=2");
}

TEST_CASE("L20 what selecting would give is counted") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  CHECK(h.reg.count_select([](const auto&) { return true; }) == 0);
  auto p = h.spawn_member();
  for (int i = 0; i < 10; ++i)
    CHECK(h.put(p, "key" + std::to_string(i), i));
  CHECK(h.reg.count_select([](const auto&) { return true; }) == 10);
  CHECK(h.reg.count_select([](const auto& e) { return e.value % 2 == 0; }) == 5);
  CHECK(h.reg.count_select([](const auto& e) { return e.key == "none"; }) == 0);
}

TEST_CASE("L21 a unique registry does not grow by refused registrations") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  for (int i = 0; i < 10; ++i)
    h.refused(p, "hello", i);
  w.run();
  std::size_t entries = 0;
  for (const auto& x : h.reg.partitions())
    entries += x.entries;
  CHECK(entries == 1);
  CHECK(h.owners() == 1);
  CHECK(h.drop(p, "hello") == 1);
  CHECK(h.reg.count() == 0);
  CHECK(h.owners() == 0);
}

TEST_CASE("X41 the key of a dead owner is free as soon as its death can be seen") {
  auto count = one_or_eight();
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(count)};
    auto first = h.spawn_member();
    auto second = h.spawn_member();
    CHECK(h.put(first, "hello", 1));
    h.n.kill(first);
    REQUIRE(w.run_until([&] { return !h.n.is_alive(first); }));
    CHECK_FALSE(h.reg.whereis("hello"));
    CHECK(h.put(second, "hello", 2));
    CHECK(h.reg.whereis("hello") == second);
    // The clean-up after the first, whenever it comes, leaves the successor alone.
    w.run();
    CHECK(h.reg.whereis("hello") == second);
    CHECK(show(h.reg.lookup("hello")) == "hello=2");
    CHECK(h.owners() == 1);
  });
}

TEST_CASE("what a dead owner had is cleaned up") {
  auto count = one_or_eight();
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(count)};
    auto p = h.spawn_member();
    for (int i = 0; i < 20; ++i)
      CHECK(h.put(p, std::to_string(i), i));
    CHECK(h.reg.count() == 20);
    CHECK(h.owners() == std::min<std::size_t>(count, h.owners()));
    h.n.kill(p);
    w.run();
    CHECK(h.reg.count() == 0);
    CHECK(h.owners() == 0);
  });
}

TEST_CASE("a process that ends right after it registered is cleaned up, too") {
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(4)};
    auto p = h.spawn_member();
    h.n.cast(p, perform{[&](process& me) {
               CHECK(h.reg.register_as(me, "a", 1));
               CHECK(h.reg.register_as(me, "b", 2));
               h.n.kill(me.self());
             }});
    w.run();
    CHECK_FALSE(h.n.is_alive(p));
    CHECK(h.reg.count() == 0);
    CHECK(h.owners() == 0);
  });
}

TEST_CASE("the value of a unique key is updated by its owner only") {
  auto count = one_or_eight();
  world w;
  house h{w, unique_options(count)};
  auto p = h.spawn_member();
  auto other = h.spawn_member();
  CHECK(h.put(p, "hello", 1));
  auto before = h.reg.lookup("hello");
  h.in(p, [&](process& me) {
    auto changed = h.reg.update_value(me, "hello", [](int v) { return v + 10; });
    REQUIRE(changed);
    CHECK(changed->now == 11);
    CHECK(changed->before == 1);
    CHECK_FALSE(h.reg.update_value(me, "unknown", [](int v) { return v; }));
  });
  h.in(other, [&](process& me) { CHECK_FALSE(h.reg.update_value(me, "hello", [](int v) { return v; })); });
  CHECK(h.reg.values("hello", p) == std::vector<int>{11});
  CHECK(show(h.reg.select([](const auto&) { return true; })) == "hello=11");
  CHECK(show(before) == "hello=1");  // A snapshot stays as it is.
  CHECK(h.drop(p, "hello") == 1);
  CHECK(h.reg.count() == 0);
}

TEST_CASE("a registry keeps metadata") {
  world w;
  house h{w, unique_options(1)};
  CHECK_FALSE(h.reg.meta<int>("limit"));
  CHECK(h.reg.put_meta("limit", 5));
  CHECK(h.reg.meta<int>("limit") == 5);
  CHECK_FALSE(h.reg.meta<std::string>("limit"));
  CHECK(h.reg.put_meta("limit", std::string{"many"}));
  CHECK(h.reg.meta<std::string>("limit") == "many");
  h.reg.delete_meta("limit");
  CHECK_FALSE(h.reg.meta<std::string>("limit"));
  for (std::size_t i = 0; i < registry_options::meta_max; ++i)
    CHECK(h.reg.put_meta(std::to_string(i), i));
  auto full = h.reg.put_meta("one more", 1);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == errc::too_large);
  CHECK(full.error().message.find("\"one more\"") != std::string::npos);
  CHECK(h.reg.put_meta("7", 8));
}

TEST_CASE("a full partition refuses entries, and takes one again when one has gone") {
  world w;
  auto options = unique_options(1);
  options.entries_max = 2;
  house h{w, options};
  auto p = h.spawn_member();
  CHECK(h.put(p, "a", 1));
  CHECK(h.put(p, "b", 2));
  CHECK(h.refused(p, "c", 3).what == kind::full);
  CHECK(h.drop(p, "a") == 1);
  CHECK(h.put(p, "c", 3));
}
