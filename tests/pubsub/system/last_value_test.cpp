// Topics of class last_value, and delivery::signal.

#include "pubsub/system/last_values.hpp"
#include "pubsub/system/pubsub_node.hpp"
#include "pubsub/system/wire.hpp"

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr const char* b = "b@sim";
constexpr const char* c = "c@sim";
constexpr auto kept = topic_class::last_value;
constexpr auto fire = topic_class::fire_and_forget;

std::uint64_t number_of(const message& m) { return m.empty() ? 0 : m.get_as<said>(0).number; }

kept_value value(std::uint64_t version, std::uint64_t sequence, std::size_t octets = 1, std::string origin = "a") {
  return {share(said{version, {}}), {version, std::move(origin)}, octets, sequence};
}

bool anybody(std::string_view) { return true; }

}  // namespace

TEST_CASE("a new subscriber of a last_value topic is cast the current value, and then what follows") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    CHECK(number_of(t.of(a).last_value("topic")) == 0);
    auto early = t.subscriber(a, "topic");
    CHECK(early.numbers().empty());
    CHECK(t.broadcast(by, "topic", {1, {}}, kept));
    CHECK(t.broadcast(by, "topic", {2, {}}, kept));
    auto late = t.subscriber(a, "topic");
    w.run();
    CHECK(late.numbers() == numbers{2});
    CHECK(t.broadcast(by, "topic", {3, {}}, kept));
    CHECK(early.numbers() == numbers{1, 2, 3});
    CHECK(late.numbers() == numbers{2, 3});
    CHECK(number_of(t.of(a).last_value("topic")) == 3);
    CHECK(number_of(t.of(a).last_value("other")) == 0);
  });
}

TEST_CASE("a fire_and_forget topic keeps nothing, and local and direct broadcasts are not kept") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.subscriber(a, "topic");
    CHECK(t.broadcast(by, "topic", {1, {}}));
    t.in_turn_of(by, [&](process& p) {
      CHECK(t.of(a).local_broadcast(p, "topic", kept, share(said{2, {}}), {}));
      CHECK(t.of(a).direct_broadcast(p, a, "topic", kept, share(said{3, {}}), {}));
    });
    w.run();
    CHECK(by.numbers() == numbers{1, 2, 3});
    CHECK(t.of(a).last_value("topic").empty());
    CHECK(t.of(a).count().last_values == 0);
  });
}

TEST_CASE("nodes that meet exchange their last values, and the newer one wins on both") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    auto at_a = t.spawn(a), at_b = t.spawn(b);
    auto watching_a = t.subscriber(a, "both");
    CHECK(t.broadcast(at_a, "only a", {1, {}}, kept));
    CHECK(t.broadcast(at_b, "only b", {2, {}}, kept));
    CHECK(t.broadcast(at_a, "both", {3, {}}, kept));
    w.advance(1s);
    CHECK(t.broadcast(at_b, "both", {4, {}}, kept));
    t.connect_all();
    for (const auto* n : {a, b}) {
      CHECK(number_of(t.of(n).last_value("only a")) == 1);
      CHECK(number_of(t.of(n).last_value("only b")) == 2);
      CHECK(number_of(t.of(n).last_value("both")) == 4);
      CHECK(t.of(n).count().stale == 0);
    }
    CHECK(watching_a.numbers() == numbers{3, 4});
  });
}

TEST_CASE("after a partition every node has the newest value, many of them, in parts") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a, b, c}};
    t.start_all();
    t.connect_all();
    auto by = t.spawn(a);
    auto watching = t.subscriber(c, "topic 7");
    t.net.cut(t.at(a), t.at(b));
    t.net.cut(t.at(a), t.at(c));
    t.in_turn_of(by, [&](process& p) {
      for (std::uint64_t i = 0; i < 300; ++i)
        CHECK(t.of(a).broadcast(p, "topic " + std::to_string(i), kept, share(said{i + 1, std::string(1000, 'x')}), {}));
    });
    t.settle();
    CHECK(t.of(c).count().last_values == 0);
    t.connect_all();
    w.advance(2s);
    CHECK(t.of(b).count().last_values == 300);
    CHECK(t.of(c).count().last_values == 300);
    CHECK(watching.numbers() == numbers{8});
  });
}

TEST_CASE("a node that restarts does not fall behind its own past") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    for (std::uint64_t i = 1; i <= 5; ++i)
      CHECK(t.broadcast(t.spawn(a), "topic", {i, {}}, kept));
    t.settle();
    w.crash_node(t.at(a));
    w.advance(1s);
    t.start(a);
    CHECK(t.broadcast(t.spawn(a), "topic", {100, {}}, kept));
    t.connect_all();
    CHECK(number_of(t.of(a).last_value("topic")) == 100);
    CHECK(number_of(t.of(b).last_value("topic")) == 100);
  });
}

TEST_CASE("a value that arrives late, older than what is known, is told to nobody") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    auto s = t.subscriber(b, "topic");
    auto send = [&](std::uint64_t version, std::uint64_t number) {
      CHECK(t.at(a).env().peers().send(
          b, lane::broadcast, "pubsub:main",
          encode(wire_broadcast{5, "topic", 1, version, {}, {}, "test.said", encode(said{number, {}})})));
      t.settle();
    };
    send(1000, 1);
    send(999, 2);
    send(1000, 3);
    send(1001, 4);
    CHECK(s.numbers() == numbers{1, 4});
    CHECK(t.of(b).count().stale == 2);
  });
}

TEST_CASE("a broadcast may say itself which value is newer, whatever the clocks say") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    auto at_a = t.subscriber(a, "topic"), at_b = t.subscriber(b, "topic");
    CHECK(t.broadcast(at_a, "topic", {11, {}}, kept, {.version = 11}));
    CHECK(t.broadcast(at_b, "topic", {10, {}}, kept, {.version = 10}));
    t.settle();
    for (const auto* n : {a, b})
      CHECK(number_of(t.of(n).last_value("topic")) == 11);
    CHECK(at_a.numbers() == numbers{11});
    CHECK(at_b.numbers() == numbers{11});
    auto refused = t.broadcast(at_a, "topic", {12, {}}, kept, {.version = version_max + 1});
    REQUIRE_FALSE(refused);
    CHECK(refused.error()
          == error{errc::invalid, "version is 4611686018427387905, expected at most 4611686018427387904"});
  });
}

TEST_CASE("the greatest version of one topic does not end the last values of the others") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    CHECK(t.broadcast(t.spawn(a), "counted", {1, {}}, kept, {.version = version_max}));
    t.settle();
    auto by = t.spawn(b);
    for (std::uint64_t i = 2; i <= 3; ++i) {
      CHECK(t.broadcast(by, "clocked", {i, {}}, kept));
      t.settle();
      CHECK(number_of(t.of(a).last_value("clocked")) == i);
    }
    t.net.cut(t.at(a), t.at(b));
    CHECK(t.broadcast(by, "clocked", {4, {}}, kept));
    t.connect_all();
    CHECK(number_of(t.of(a).last_value("clocked")) == 4);
    CHECK(t.of(a).count().unreadable == 0);
  });
}

TEST_CASE("values that a peer cannot read are offered to it again only when something has changed") {
  for_each_seed(2, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(b);
    w.contract().add<unspeakable>();
    t.start(a);
    t.connect_all();
    auto by = t.spawn(a);
    t.in_turn_of(
        by, [&](process& p) { CHECK(t.of(a).broadcast(p, "topic", kept, share(unspeakable{1}), {.version = 1})); });
    w.advance(60s);
    CHECK(t.of(b).count().unreadable == 2);  // The broadcast, and one attempt to repair.
    CHECK(t.broadcast(by, "other", {2, {}}, kept, {.version = 1}));
    w.advance(60s);
    CHECK(t.of(b).count().unreadable == 3);
    CHECK(number_of(t.of(b).last_value("other")) == 2);
  });
}

TEST_CASE("a value that was lost on the way is missed by comparing, and sent again") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    auto s = t.subscriber(b, "topic");
    // A killed receiver loses what waits for it.
    auto by = t.spawn(a);
    t.in_turn_of(by, [&](process& p) { CHECK(t.of(a).broadcast(p, "topic", kept, share(said{1, {}}), {})); });
    REQUIRE(w.run_until([&] { return number_of(t.of(a).last_value("topic")) == 1; }));
    t.at(b).env().peers().register_service("pubsub:main", t.spawn(b).who);  // Nobody who could do anything with it.
    t.settle();
    CHECK(number_of(t.of(b).last_value("topic")) == 0);
    w.advance(40s);
    CHECK(number_of(t.of(b).last_value("topic")) == 1);
    CHECK(s.numbers() == numbers{1});
  });
}

TEST_CASE("delivery::signal wakes once, and the newest is read") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    auto s = t.spawn(a, 0, false);
    auto sub = t.of(a).subscribe(s.who, "topic", {.how = delivery::signal});
    REQUIRE(sub);
    for (std::uint64_t i = 1; i <= 3'000; ++i)
      t.in_turn_of(by, [&t, i](process& p) { CHECK(t.of(a).broadcast(p, "topic", fire, share(said{i, {}}), {})); });
    w.run();
    CHECK(s.is_told->wakes == 1);
    CHECK(t.of(a).count().signals_merged == 2'999);
    CHECK((*sub)->take_as<said>() == said{3'000, {}});
    CHECK((*sub)->take().empty());  // A fire_and_forget message is there once.
    CHECK(t.broadcast(by, "topic", {3'001, {}}));
    CHECK(s.is_told->wakes == 2);
    CHECK(s.numbers().empty());
  });
}

TEST_CASE("delivery::signal on a last_value topic wakes a new subscriber, and its value can be read again and again") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto by = t.spawn(a);
    CHECK(t.broadcast(by, "topic", {1, {}}, kept));
    auto s = t.spawn(a, 0, false);
    auto sub = t.of(a).subscribe(s.who, "topic", {.how = delivery::signal});
    REQUIRE(sub);
    w.run();
    CHECK(s.is_told->wakes == 1);
    CHECK((*sub)->take_as<said>() == said{1, {}});
    CHECK((*sub)->take_as<said>() == said{1, {}});
    CHECK(t.broadcast(by, "topic", {2, {}}, kept));
    CHECK(s.is_told->wakes == 2);
    CHECK((*sub)->take_as<said>() == said{2, {}});
  });
}

TEST_CASE("a signalled subscriber that always looks ends with the newest, whatever the schedule") {
  for_each_seed(200, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    std::vector<someone> all;
    for (int i = 0; i < 3; ++i)
      all.push_back(t.subscriber(a, "topic", {.how = delivery::signal}));
    for (std::uint64_t i = 1; i <= 20; ++i)
      t.in_turn_of(all[i % 3], [&t, i](process& p) {
        CHECK(t.of(a).broadcast(p, "topic", kept, share(said{i, {}}), {}));
      });
    w.run();
    for (const auto& s : all) {
      REQUIRE_FALSE(s.is_told->all.empty());
      CHECK(s.is_told->all.back().number == number_of(t.of(a).last_value("topic")));
    }
  });
}

// -- the store of values ------------------------------------------------------------------------------------

TEST_CASE("last_values orders by version, then by the name of the node") {
  last_values v{{10, 1000}};
  CHECK(v.is_news("t", {1, "a"}));
  CHECK(v.put("t", value(5, 1, 1, "b"), anybody) == 0);
  CHECK_FALSE(v.is_news("t", {4, "z"}));
  CHECK_FALSE(v.is_news("t", {5, "a"}));
  CHECK_FALSE(v.is_news("t", {5, "b"}));
  CHECK(v.is_news("t", {5, "c"}));
  CHECK(v.is_news("t", {6, "a"}));
}

TEST_CASE("last_values evicts the oldest that may go, by number and by octets") {
  last_values v{{3, 100}};
  for (std::uint64_t i = 1; i <= 3; ++i)
    CHECK(v.put("t" + std::to_string(i), value(i, i, 10), anybody) == 0);
  SUBCASE("one more") {
    CHECK(v.put("t4", value(4, 4, 10), [](std::string_view t) { return t != "t1"; }) == 1);
    CHECK(v.find("t1") != nullptr);
    CHECK(v.find("t2") == nullptr);
    CHECK(v.find("t4") != nullptr);
  }
  SUBCASE("a large one") {
    CHECK(v.put("t4", value(4, 4, 85), anybody) == 2);
    CHECK(v.size() == 2);
    CHECK(v.find("t3") != nullptr);
  }
  SUBCASE("one that is too large for all") {
    CHECK(v.put("t4", value(4, 4, 101), anybody) == 1);
    CHECK(v.size() == 3);
    CHECK(v.find("t4") == nullptr);
  }
  SUBCASE("nobody may go") {
    CHECK(v.put("t4", value(4, 4, 10), [](std::string_view) { return false; }) == 1);
    CHECK(v.size() == 3);
    CHECK(v.find("t4") == nullptr);
  }
  SUBCASE("in place of its own") {
    CHECK(v.put("t1", value(9, 4, 10), anybody) == 0);
    CHECK(v.size() == 3);
    CHECK(v.put("t4", value(4, 5, 10), anybody) == 1);
    CHECK(v.find("t1") != nullptr);
    CHECK(v.find("t2") == nullptr);
  }
}

TEST_CASE("last_values knows which value was newest when that one has no room") {
  last_values all{{.values_max = 2, .octets_max = 10}};
  auto nobody = [](std::string_view) { return false; };
  CHECK(all.put("x", value(5, 1), nobody) == 0);
  CHECK(all.put("y", value(1, 2, 9), nobody) == 0);
  const auto before = all.digest();
  CHECK(all.put("x", value(7, 3, 2), nobody) == 1);
  // None is better than one that those who were told the newer one have done with.
  CHECK(all.find("x") == nullptr);
  CHECK(all.size() == 1);
  CHECK(all.next("") != nullptr);
  CHECK(all.next("")->first == "y");
  CHECK(all.next("y") == nullptr);
  CHECK_FALSE(all.is_news("x", {6, "a"}));
  CHECK_FALSE(all.is_news("x", {7, "a"}));
  CHECK(all.is_news("x", {8, "a"}));
  CHECK(all.put("x", value(8, 4, 1), nobody) == 0);
  CHECK(all.find("x")->stamp.version == 8);
  CHECK(all.digest() != before);
  SUBCASE("as long as there is room for what it knows") {
    CHECK(all.put("z", value(1, 5, 1), nobody) == 1);
    CHECK(all.is_news("z", {1, "a"}));
  }
  SUBCASE("and forgets it with the others, oldest first") {
    CHECK(all.put("x", value(9, 5, 11), nobody) == 1);
    CHECK(all.put("v", value(1, 6, 1), anybody) == 1);
    CHECK(all.put("w", value(1, 7, 1), anybody) == 0);
    CHECK(all.is_news("x", {1, "a"}));
    CHECK(all.size() == 2);
  }
}

TEST_CASE("last_values of the same content have the same digest, in whatever order it came") {
  last_values x{{10, 1000}}, y{{10, 1000}};
  (void)x.put("t", value(1, 1), anybody);
  (void)x.put("u", value(2, 2), anybody);
  (void)y.put("u", value(1, 1), anybody);
  (void)y.put("u", value(2, 2), anybody);
  CHECK(x.digest() != y.digest());
  (void)y.put("t", value(1, 3), anybody);
  CHECK(x.digest() == y.digest());
  CHECK(x.digest() != 0);
}

TEST_CASE("more last values than the limit are evicted where nobody subscribes, counted and told") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a}};
    system_options o;
    o.last_values_max = 4;
    t.start(a, {o});
    std::uint64_t told = 0;
    auto handle = t.at(a).events().attach<values_evicted>([&](const values_evicted& e) { told += e.count; });
    auto s = t.subscriber(a, "topic 0");
    auto by = t.spawn(a);
    for (std::uint64_t i = 0; i < 10; ++i)
      CHECK(t.broadcast(by, "topic " + std::to_string(i), {i + 1, {}}, kept));
    CHECK(t.of(a).count().last_values == 4);
    CHECK(t.of(a).count().values_evicted == 6);
    CHECK(told == 6);
    CHECK(number_of(t.of(a).last_value("topic 0")) == 1);
    CHECK(number_of(t.of(a).last_value("topic 9")) == 10);
  });
}

}  // namespace beamline::pubsub::test
