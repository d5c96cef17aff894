#include "pubsub/presence/layer/presence_cluster.hpp"
#include "pubsub/presence/layer/publisher.hpp"
#include "supervision/tasks/task_context.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// People who come, change and go at random on the nodes of a cluster, and others who join and look.
struct bustle {
  explicit bustle(presence_cluster& the_cluster) : c{the_cluster}, random{c.w.seed() * 7919} {}

  std::uint64_t draw(std::uint64_t n) { return random.below(n); }
  std::string any_node() { return c.names[draw(c.names.size())]; }

  void step() {
    switch (draw(7)) {
      case 0:
      case 1:
      case 2: {
        auto node = any_node();
        auto who = c.at(node).spawn<person>(std::make_shared<heard>());
        people.push_back(who);
        cast(presence::track{topic, "key" + std::to_string(draw(5)), json{{"n", draw(100)}}, who});
        break;
      }
      case 3:
      case 4:
        if (!people.empty()) {
          auto at = people.begin() + static_cast<std::ptrdiff_t>(draw(people.size()));
          c.at(at->node().name).kill(*at);
          people.erase(at);
        }
        break;
      case 5:
        if (!people.empty()) {
          auto n = draw(100);
          auto who = people[draw(people.size())];
          for (int k = 0; k < 5; ++k)
            cast(presence::update{topic, "key" + std::to_string(k), [n](const json&) { return json{{"n", n}}; }, who});
        }
        break;
      default:
        if (listeners.size() < 12)
          join();
        break;
    }
    c.w.pass(duration{static_cast<std::int64_t>(draw(30'000'000))});
  }
  template <class M>
  void cast(M m) {
    c.at(m.who.node().name).cast(shard_of(c.env_of(m.who), "presence", topic), std::move(m));
  }
  /// Asks as a channel does, and waits no longer than a client would; who gets no answer asks again.
  void join() {
    auto node = any_node();
    auto s = c.subscriber(node);
    for (int tries = 0; tries < 5; ++tries) {
      auto r = c.w.try_ask<json>(c.publisher(node), state_of{topic}, 2s);
      if (auto* state = std::get_if<json>(&r)) {
        s.is_told->client.sync_state(*state);
        listeners.emplace_back(node, s);
        return;
      }
    }
    FAIL("nobody answers");
  }
  void check() {
    for (const auto& n : c.names) {
      auto listed = c.listed(n);
      for (const auto& [node, s] : listeners)
        if (node == n)
          CHECK(s.is_told->client.shown() == listed);
    }
  }

  presence_cluster& c;
  seeded_random random;
  std::vector<pid> people;
  std::vector<std::pair<std::string, someone>> listeners;
};

pid child_of(world& w, const pid& supervisor, const std::string& id) {
  for (const auto& child : w.ask<std::vector<supervision::child_info>>(supervisor, supervision::which_children{}))
    if (child.id == id)
      return child.who;
  FAIL("no child is called " << id);
  return {};
}

presence_options fetching_slowly(world& w) {
  auto o = defaults();
  o.batch = 20ms;
  auto random = std::make_shared<seeded_random>(w.seed());
  o.fetch = [random](const std::string&, presence_map all) {
    testing::block(duration{static_cast<std::int64_t>(random->below(50'000'000))});
    return all;
  };
  return o;
}

}  // namespace

TEST_CASE("the publisher is killed under load, again and again: every client shows the list in the end") {
  for_each_seed(25, [](world& w) {
    presence_cluster c{w, w.seed() % 2 == 0 ? defaults() : fetching_slowly(w)};
    bustle b{c};
    b.join();
    for (int i = 0; i < 120; ++i) {
      b.step();
      if (i % 40 == 20) {
        c.a().exit(c.publisher(), reason::kill());
        c.settle(2s);  // Within the budget of its supervisor.
      }
    }
    c.settle(3s);
    b.check();
    CHECK(c.a().is_alive(c.tops.at("a@sim")));
  });
}

TEST_CASE("so are a shard, the shards, the tracker and the fetchers: nobody is left with a wrong picture") {
  for_each_seed(25, [](world& w) {
    presence_cluster c{w, w.seed() % 2 == 0 ? defaults() : fetching_slowly(w), {"a@sim", "b@sim"}};
    c.connect_all();
    bustle b{c};
    b.join();
    for (int i = 0; i < 60; ++i) {
      b.step();
      if (i % 20 == 10) {
        auto& n = c.a();
        switch ((w.seed() + static_cast<std::uint64_t>(i) / 20) % 4) {
          case 0: n.kill(pid{n.env().self(), n.processes().whereis("presence:presence:0")}); break;
          case 1: n.exit(fetchers_on(n.env(), "presence"), reason::kill()); break;
          case 2: n.exit(pid{n.env().self(), std::string{"presence_shards:presence"}}, reason::kill()); break;
          default: {
            // Deep in the tree: who keeps the tracker's registrations.
            auto tracker = child_of(w, child_of(w, c.tops.at("a@sim"), "presence:presence"), "presence");
            n.kill(child_of(w, tracker, "registrations"));
            break;
          }
        }
        c.settle(3s);
      }
    }
    c.settle(3s);
    b.check();
    CHECK(c.a().is_alive(c.tops.at("a@sim")));
  });
}

TEST_CASE("a presence that is stopped and started in order has forgotten everybody, and says so") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto s = c.spawn();
  c.track(s, "u1");
  c.settle();
  CHECK(listener.is_told->client.shown().size() == 1);
  auto top = c.tops.at("a@sim");
  (void)w.ask<supervision::change_answer>(top, supervision::terminate_child{"presence:presence"});
  (void)w.ask<supervision::start_answer>(top, supervision::restart_child{"presence:presence"});
  c.settle();
  CHECK(c.state().empty());
  CHECK(listener.is_told->client.shown().empty());
}

TEST_CASE("who stays subscribed while the PubSub system is stopped and started in order sees no gap") {
  world w;
  auto o = defaults();
  auto is_fetching = false;
  SUBCASE("nothing is fetched") {}
  SUBCASE("fetches end while it is away") { is_fetching = true; }
  if (is_fetching)
    o.fetch_later = [](supervision::task_context& in, const std::string&, presence_map all,
                       const std::function<void(presence_map)>& give) {
      in.run_after(300ms, [give, all = std::move(all)] { give(all); });
    };
  presence_cluster c{w, o};
  auto listener = c.joiner();
  auto first = c.spawn();
  c.track(first, "u1");
  c.settle(1s);
  CHECK(listener.is_told->client.shown().size() == 1);
  c.track(c.spawn(), "u2");
  if (is_fetching)
    c.settle(100ms);  // It is taken, and being fetched.
  auto top = c.tops.at("a@sim");
  (void)w.ask<supervision::change_answer>(top, supervision::terminate_child{"pubsub:main"});
  CHECK(pubsub::find_system(c.a().env()) == nullptr);
  c.track(c.spawn(), "u3");
  c.kill(first);
  c.settle(3s);
  const auto diffs = listener.diffs().size();
  (void)w.ask<supervision::start_answer>(top, supervision::restart_child{"pubsub:main"});
  c.settle(3s);
  CHECK(listener.diffs().size() > diffs);
  CHECK(listener.diffs().size() <= diffs + 2);
  CHECK(listener.is_told->client.shown() == c.listed());
  CHECK(listener.is_told->client.shown().size() == 2);
  CHECK(c.counters().refused == 0);
}

TEST_CASE("a publisher that hangs in handle_metas is given up, and the next one goes on undisturbed") {
  world w;
  auto o = defaults();
  auto calls = std::make_shared<int>(0);
  o.handle_metas = [calls](const std::string&, const presence_diff&, const std::map<std::string, std::vector<json>>&) {
    if (++*calls == 2)
      testing::block(1min);
  };
  presence_cluster c{w, o};
  auto listener = c.joiner();
  auto s = c.spawn();
  for (const auto* key : {"u1", "u2", "u3"}) {
    c.a().cast(shard_of(c.a().env(), "presence", topic), presence::track{topic, key, json::object(), s.who});
    w.pass(200ms);
  }
  CHECK(listener.is_told->client.shown().size() == 2);
  auto presence = child_of(w, c.tops.at("a@sim"), "presence:presence");
  (void)w.ask<supervision::change_answer>(presence, supervision::terminate_child{"publisher"}, 30s);
  (void)w.ask<supervision::start_answer>(presence, supervision::restart_child{"publisher"}, 30s);
  w.pass(1s);
  CHECK(listener.is_told->client.shown().size() == 3);
  auto late = c.spawn();
  c.a().cast(shard_of(c.a().env(), "presence", topic), presence::track{topic, "u4", json::object(), late.who});
  w.pass(2min);  // The first one has come back from its callback by now.
  CHECK(listener.is_told->client.shown() == c.listed());
  CHECK(listener.is_told->client.shown().size() == 4);
}

TEST_CASE("questions that meet a restart are answered by the next publisher") {
  for_each_seed(20, [](world& w) {
    presence_cluster c{w};
    auto s = c.spawn();
    c.track(s, "u1");
    c.a().exit(c.publisher(), reason::kill());
    auto answers = std::make_shared<int>(0);
    for (int i = 0; i < 5; ++i)
      c.a().cast(s.who, act{[answers](process& p) {
                   process_access{p}
                       .call<json>(presence_on(p.env(), "presence"), state_of{topic}, 5s)
                       .then(
                           [answers](const json& state) { *answers += state.contains("u1") ? 1 : 0; },
                           // Those that the killed one had taken are told that it died.
                           [answers](const call_error& e) { *answers += e.what == call_error::kind::crashed ? 1 : 0; });
                 }});
    c.settle();
    CHECK(*answers == 5);
  });
}
