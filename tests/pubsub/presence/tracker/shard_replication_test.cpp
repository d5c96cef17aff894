#include "pubsub/presence/events.hpp"
#include "pubsub/presence/tracker/tracker_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// Lives of watches of one process, counted as its own watchers see them.
bool is_watched(simulated_node& n, const pid& p) { return !n.processes().relations(p.id()).watched_by.empty(); }

}  // namespace

TEST_CASE("SR1 an idle shard beats again and again, each eleventh period") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto before = c.status(c.a()).counters.empty_beats;
  w.advance(165s);
  CHECK(c.status(c.a()).counters.empty_beats == before + 10);
  CHECK(c.replica(c.b(), "a@sim")->is_up);
  w.advance(120s);
  CHECK(c.replica(c.b(), "a@sim")->is_up);
}

TEST_CASE("SR2 who was deaf while another started asks it for a transfer and lists its entries") {
  testing::for_each_seed(20, [](world& w) {
    tracker_cluster c{w};
    std::vector<std::string> transfers;
    auto heard = c.a().events().attach<entries_transferred>([&](const entries_transferred& e) {
      if (e.direction != "served")
        transfers.push_back(std::string{e.direction} + " " + std::string{e.peer});
    });
    auto p = c.spawn(c.b());
    (void)c.track(c.b(), "room", "there", p);
    w.advance(5s);
    CHECK(c.list(c.a(), "room").empty());
    c.connected();
    CHECK(c.list(c.a(), "room") == texts{"b@sim/there"});
    CHECK(transfers == texts{"asked b@sim", "merged b@sim"});
  });
}

TEST_CASE("SR3 down and up again with the same version, then with another, then gone for good") {
  testing::for_each_seed(3, [](world& w) {
    tracker_cluster c{w};
    c.connected();
    auto p = c.spawn(c.b());
    (void)c.track(c.b(), "room", "first", p);
    c.settle();
    auto first = c.replica(c.a(), "b@sim")->id;
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/first"});

    c.net.cut(c.a(), c.b());
    w.advance(35s);
    CHECK(c.told["a@sim"].take() == texts{"-room b@sim/first"});
    CHECK_FALSE(c.replica(c.a(), "b@sim")->is_up);
    CHECK(c.replica(c.a(), "b@sim")->id == first);

    c.net.connect(c.a(), c.b());
    c.settle();
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/first"});
    CHECK(c.replica(c.a(), "b@sim")->is_up);
    CHECK(c.replica(c.a(), "b@sim")->id == first);

    w.crash_node(c.b());
    w.advance(35s);
    CHECK(c.told["a@sim"].take() == texts{"-room b@sim/first"});

    c.start("b@sim");
    c.connected();
    auto q = c.spawn(c.b());
    (void)c.track(c.b(), "room", "second", q);
    c.settle();
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/second"});
    CHECK(c.list(c.a(), "room") == texts{"b@sim/second"});
    CHECK(c.dirty(c.a(), "room") == texts{"b@sim/second"});
    CHECK(c.replica(c.a(), "b@sim")->id.version > first.version);

    w.crash_node(c.b());
    w.advance(70s);
    CHECK_FALSE(c.replica(c.a(), "b@sim"));
    CHECK(c.status(c.a()).entries == 0);
    CHECK(c.status(c.a()).clocks.size() == 1);
  });
}

TEST_CASE("SR4 joins and leaves, here and there, are exactly one join and one leave each") {
  testing::for_each_seed(20, [](world& w) {
    tracker_cluster c{w};
    c.connected();
    auto here = c.spawn(c.a());
    auto there = c.spawn(c.b());
    (void)c.track(c.a(), "room", "here", here);
    CHECK(c.told["a@sim"].take() == texts{"+room a@sim/here"});
    CHECK(c.list(c.a(), "room") == texts{"a@sim/here"});
    (void)c.track(c.b(), "room", "there", there);
    c.settle();
    CHECK(c.told["a@sim"].take() == texts{"+room b@sim/there"});
    CHECK(c.list(c.a(), "room") == texts{"a@sim/here", "b@sim/there"});
    c.a().kill(here);
    w.run();
    CHECK(c.told["a@sim"].take() == texts{"-room a@sim/here"});
    c.b().exit(there, reason::shutdown());
    c.settle();
    CHECK(c.told["a@sim"].take() == texts{"-room b@sim/there"});
    CHECK(c.list(c.a(), "room").empty());
    CHECK(c.list(c.b(), "room").empty());
  });
}

TEST_CASE("SR5 entries of a node that is down are hidden but in the dirty list, until it is gone for good") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.b());
  (void)c.track(c.b(), "room", "there", p);
  c.settle();
  (void)c.told["a@sim"].take();
  w.crash_node(c.b());
  w.advance(35s);
  CHECK(c.told["a@sim"].take() == texts{"-room b@sim/there"});
  CHECK(c.list(c.a(), "room").empty());
  CHECK(c.count(c.a(), "room") == 0);
  CHECK(dirty_count(c.a().env(), "presence", "room") == 0);
  CHECK(c.dirty(c.a(), "room") == texts{"b@sim/there"});
  w.advance(30s);
  CHECK(c.dirty(c.a(), "room").empty());
  CHECK(c.told["a@sim"].take().empty());
}

TEST_CASE("SR6 untracking what is not tracked is nothing") {
  world w;
  tracker_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  c.untrack(c.a(), "room", "me", p);
  c.untrack(c.a(), "room", "me", {});
  w.ask<void>(c.shard(c.a(), "room"), untrack_all{p});
  CHECK(c.told["a@sim"].lines.empty());
}

TEST_CASE("SR7 a process is watched until its last entry of the shard is untracked") {
  world w;
  tracker_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  (void)c.track(c.a(), "room", "me", p);
  (void)c.track(c.a(), "hall", "me", p);
  CHECK(is_watched(c.a(), p));
  c.untrack(c.a(), "room", "me", p);
  CHECK(c.list(c.a(), "hall") == texts{"a@sim/me"});
  CHECK(is_watched(c.a(), p));
  c.untrack(c.a(), "hall", "me", p);
  CHECK_FALSE(is_watched(c.a(), p));
  (void)c.track(c.a(), "room", "me", p);
  CHECK(is_watched(c.a(), p));
}

TEST_CASE("SR8 an update is a leave with the old meta and a join with the new one and phx_ref_prev") {
  world w;
  tracker_cluster c{w};
  std::vector<std::pair<json, json>> updates;
  c.options.on_diff = {};
  c.connected();
  auto p = c.spawn(c.a());
  auto first = c.track(c.a(), "room", "me", p, {{"tab", 1}}).ref;
  c.settle();
  (void)c.told["a@sim"].take();
  (void)c.told["b@sim"].take();
  auto seen = json{};
  auto second = c.update(c.a(), "room", "me", p, [&](const json& old) {
                   seen = old;
                   auto meta = old;
                   meta["tab"] = 2;
                   return meta;
                 }).ref;
  CHECK(seen == json{{"tab", 1}, {"phx_ref", first}});
  auto expected = json{{"tab", 2}, {"phx_ref", second}, {"phx_ref_prev", first}};
  CHECK(c.told["a@sim"].take() == texts{"-room a@sim/me", "+room a@sim/me"});
  c.settle();
  CHECK(c.told["b@sim"].take() == texts{"-room a@sim/me", "+room a@sim/me"});
  for (auto* n : {&c.a(), &c.b()})
    CHECK(parse_json(*c.entries(*n, "room").at(0).meta).value() == expected);
}

TEST_CASE("SR9 updating what is not tracked is nopresence") {
  world w;
  tracker_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  auto answer = c.update(c.a(), "room", "me", p, [](const json& m) { return m; });
  CHECK(answer.what == track_answer::kind::nopresence);
  CHECK(answer.detail == to_string(p) + " in \"room\" as \"me\" is not tracked; track it first");
}

TEST_CASE("SR10 tracking twice is refused by topic, key and process; other topics and keys are fine") {
  world w;
  tracker_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  auto q = c.spawn(c.a());
  CHECK(c.track(c.a(), "room", "me", p).ok());
  auto again = c.track(c.a(), "room", "me", p);
  CHECK(again.what == track_answer::kind::already_tracked);
  CHECK(again.detail == to_string(p) + " in \"room\" as \"me\" is tracked already; update it, or take another key");
  CHECK(c.track(c.a(), "hall", "me", p).ok());
  CHECK(c.track(c.a(), "room", "other", p).ok());
  CHECK(c.track(c.a(), "room", "me", q).ok());
  CHECK(c.w.ask<listing>(c.shard(c.a(), "room"), get_by_key{"room", "me"}).entries.size() == 2);
  CHECK(c.w.ask<listing>(c.shard(c.a(), "room"), get_by_key{"room", "nobody"}).entries.empty());
  c.untrack(c.a(), "room", "me", p);
  c.untrack(c.a(), "room", "other", p);
  c.untrack(c.a(), "hall", "me", p);
  c.untrack(c.a(), "room", "me", q);
  CHECK(c.list(c.a(), "room").empty());
}

TEST_CASE("SR11 who leaves gracefully is left out at once, and is not known any more") {
  testing::for_each_seed(10, [](world& w) {
    tracker_cluster c{w};
    c.connected();
    auto p = c.spawn(c.b());
    (void)c.track(c.b(), "room", "there", p);
    c.settle();
    (void)c.told["a@sim"].take();
    w.ask<void>(c.shard(c.b(), "room"), leave_gracefully{});
    w.advance(100ms);
    CHECK(c.told["a@sim"].take() == texts{"-room b@sim/there"});
    CHECK_FALSE(c.replica(c.a(), "b@sim"));
    CHECK(c.dirty(c.a(), "room").empty());
    auto late = c.track(c.b(), "room", "late", p);
    CHECK(late.what == track_answer::kind::invalid);
    CHECK(late.detail == "the tracker presence of b@sim has said goodbye and tracks nobody any more");
    w.advance(60s);
    CHECK(c.told["a@sim"].lines.empty());
  });
}

TEST_CASE("SR11 a node that is stopped in order leaves, if its tracker is told to") {
  world w;
  auto o = quick();
  SUBCASE("it is") { o.leaves_on_shutdown = true; }
  SUBCASE("it is not") { o.leaves_on_shutdown = false; }
  tracker_cluster c{w, {"a@sim", "b@sim"}, o};
  c.connected();
  auto p = c.spawn(c.b());
  (void)c.track(c.b(), "room", "there", p);
  c.settle();
  c.b().exit(c.top["b@sim"], reason::shutdown());
  w.advance(200ms);
  CHECK(c.list(c.a(), "room") == (o.leaves_on_shutdown ? texts{} : texts{"b@sim/there"}));
  CHECK_THROWS_AS((void)shards_of(c.b().env(), "presence"), std::logic_error);
}

TEST_CASE("SR12 what on_info, on_diff and the change of an update throw is counted and stops nobody") {
  world w;
  auto o = quick();
  bool is_throwing = false;
  o.on_info = [](const std::any&, const shard_view&) { throw std::runtime_error{"no info"}; };
  o.on_diff = [&](const diff&) {
    if (is_throwing)
      throw std::runtime_error{"no diff"};
  };
  tracker_cluster c{w, {"a@sim"}, o};
  std::vector<std::string> failed;
  auto heard = c.a().events().attach<tracker_callback_failed>([&](const tracker_callback_failed& e) {
    failed.push_back(std::string{e.callback} + ": " + std::string{e.what});
  });
  auto p = c.spawn(c.a());
  auto shard = c.shard(c.a(), "room");
  auto life = c.status(c.a()).self;
  w.ask<void>(shard, tracker_info{1});
  is_throwing = true;
  CHECK(c.track(c.a(), "room", "me", p, {{"n", 1}}).ok());
  is_throwing = false;
  auto answer = c.update(c.a(), "room", "me", p, [](const json&) -> json { throw std::runtime_error{"no change"}; });
  CHECK(answer.what == track_answer::kind::invalid);
  CHECK(answer.detail.find("the change threw no change") != std::string::npos);
  CHECK(c.update(c.a(), "room", "me", p, [](const json&) -> json { throw 1; }).what == track_answer::kind::invalid);
  CHECK(parse_json(*c.entries(c.a(), "room").at(0).meta)->value("n", 0) == 1);
  CHECK(failed
        == texts{"on_info: no info", "on_diff: no diff", "update.change: no change",
                 "update.change: something that is no std::exception"});
  CHECK(c.status(c.a()).counters.callback_failures == 4);
  CHECK(c.status(c.a()).self == life);
}

TEST_CASE("SR13 on_info gets what the shard is cast, and sees what is listed") {
  world w;
  auto o = quick();
  std::vector<std::string> seen;
  o.on_info = [&](const std::any& what, const shard_view& here) {
    seen.push_back(std::any_cast<std::string>(what) + " " + std::to_string(here.index()) + " "
                   + std::to_string(here.list("room").size()) + " " + std::to_string(here.count("room")));
  };
  tracker_cluster c{w, {"a@sim"}, o};
  auto p = c.spawn(c.a());
  (void)c.track(c.a(), "room", "me", p);
  c.a().cast(c.shard(c.a(), "room"), tracker_info{std::string{"hello"}});
  w.run();
  CHECK(seen == texts{"hello 0 1 1"});
}

TEST_CASE("tracking a process that has ended is a join and a leave") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.a());
  c.a().kill(p);
  w.run();
  CHECK(c.track(c.a(), "room", "me", p).ok());
  w.run();
  CHECK(c.told["a@sim"].take() == texts{"+room a@sim/me", "-room a@sim/me"});
  c.settle();
  CHECK(c.told["b@sim"].lines.empty());
}

TEST_CASE("what comes and goes within a period is not seen elsewhere, and updates are one") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.a());
  auto q = c.spawn(c.a());
  w.run_until([&, n = c.status(c.a()).counters] { return false; }, 100ms);
  (void)c.track(c.a(), "room", "short", p);
  (void)c.track(c.a(), "room", "long", q);
  c.untrack(c.a(), "room", "short", p);
  for (int i = 0; i < 5; ++i)
    (void)c.update(c.a(), "room", "long", q, [i](const json&) { return json{{"n", i}}; });
  c.settle();
  CHECK(c.told["b@sim"].take() == texts{"+room a@sim/long"});
  CHECK(parse_json(*c.entries(c.b(), "room").at(0).meta)->value("n", -1) == 4);
}

TEST_CASE("metas of one key are listed by the order of tracking, keys by name") {
  world w;
  tracker_cluster c{w};
  c.connected();
  std::vector<pid> tabs;
  for (int i = 0; i < 4; ++i)
    tabs.push_back(c.spawn(c.a()));
  for (int i = 3; i >= 0; --i)
    (void)c.track(c.a(), "room", "me", tabs[static_cast<std::size_t>(i)], {{"tab", 3 - i}});
  (void)c.track(c.a(), "room", "Ann", tabs[0]);
  c.settle();
  for (auto* n : {&c.a(), &c.b()}) {
    auto all = c.entries(*n, "room");
    REQUIRE(all.size() == 5);
    CHECK(all[0].key.key == "Ann");
    for (int i = 0; i < 4; ++i)
      CHECK(parse_json(*all[static_cast<std::size_t>(i) + 1].meta)->value("tab", -1) == i);
    CHECK(c.dirty(*n, "room").size() == 5);
    CHECK(dirty_count(n->env(), "presence", "room") == 5);
  }
}
