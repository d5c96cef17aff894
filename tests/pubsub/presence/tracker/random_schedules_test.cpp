// Three real nodes with real shards over real links, and whatever may happen to them in any order: I22-I26, I30-I32 and
// I44 as they stand.

#include "base/random.hpp"
#include "pubsub/presence/tracker/tracker_cluster.hpp"

#include <set>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// Ten times as fast as the defaults.
tracker_options fast(std::uint64_t seed) {
  tracker_options o;
  o.broadcast_period = 150ms;
  o.down_period = 2500ms;
  o.permdown_period = 6s;
  o.shards = 1 + seed % 2;
  o.delta_sizes_max = {4, 20, 100};
  if (seed % 3 != 0)
    o.nodedown_grace = seed % 3 == 1 ? 300ms : 1500ms;
  else
    o.nodedown_grace = std::nullopt;
  return o;
}

testing::simulated_links_options links() {
  testing::simulated_links_options o;
  o.links.tick_time = 500ms;
  o.redial = 60ms;
  return o;
}

class schedule {
public:
  schedule(world& w, tracker_mode mode)
      : w_{w}, random_{w.seed()}, c_{w, {"a@sim", "b@sim", "c@sim"}, options_of(w.seed(), mode), links()} {
    for (const auto& n : c_.names)
      (void)members_[n];
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (random_.below(3) == 0)
        w_.advance(duration{static_cast<duration::rep>(random_.below(600)) * 1'000'000});
      if (i % 6 == 5)
        check_own();
    }
  }

  /// Everything is mended; then all are the same, soon, and quiet.
  void mend_and_check() {
    for (const auto& n : c_.names)
      if (w_.find_node(n) == nullptr)
        c_.start(n);
    w_.network().heal_all();
    for (const auto& n : c_.names)
      w_.resume_node(c_.at(n));
    // Who was held up learns which of its links are gone.
    w_.advance(50ms);
    c_.connect_all();
    auto bound = 2 * c_.options.broadcast_period + 50ms;
    std::string why;
    if (!w_.run_until([&] { return is_converged(why); }, bound))
      throw testing::simulation_error{"not the same within two periods: " + why};
    w_.advance(bound);
    CHECK_MESSAGE(is_converged(why), why);
    check_folds();
    check_quiet();
  }

private:
  struct entry {
    std::string topic, key;
    std::uint64_t actor = 0;
    std::string ref;
    int n = 0;
  };

  static tracker_options options_of(std::uint64_t seed, tracker_mode mode) {
    auto o = fast(seed);
    o.mode = mode;
    return o;
  }

  simulated_node* some_node() { return w_.find_node(c_.names[random_.below(3)]); }
  std::string some_topic() { return "topic " + std::to_string(random_.below(3)); }

  void step() {
    auto* n = some_node();
    auto what = random_.below(100);
    if (n == nullptr) {
      if (what < 30)
        restart();
      return;
    }
    if (what < 30)
      track_one(*n);
    else if (what < 42)
      update_one(*n);
    else if (what < 54)
      untrack_one(*n);
    else if (what < 62)
      kill_one(*n);
    else if (what < 74)
      toggle_link();
    else if (what < 80)
      w_.network().reset(n->name(), c_.names[random_.below(3)]);
    else if (what < 86)
      crash(*n);
    else if (what < 94)
      kill_shard(*n);
    else
      w_.pause_node(*n, duration{static_cast<duration::rep>(random_.below(3000)) * 1'000'000});
  }

  void restart() {
    for (const auto& name : c_.names)
      if (w_.find_node(name) == nullptr)
        c_.start(name);
  }
  void toggle_link() {
    auto x = random_.below(3);
    const auto& a = c_.names[x];
    const auto& b = c_.names[(x + 1) % 3];
    if (w_.network().is_cut(a, b))
      w_.network().heal(a, b);
    else
      w_.network().partition(a, b);
  }
  void crash(simulated_node& n) {
    members_[n.name()].clear();
    w_.crash_node(n);
  }
  void kill_shard(simulated_node& n) {
    auto shards = shards_of(n.env(), "presence");
    n.kill(shards[random_.below(shards.size())]);
    w_.resume_node(n);
    w_.run();
  }

  void track_one(simulated_node& n) {
    w_.resume_node(n);
    auto& all = members_[n.name()];
    pid p =
        !all.empty() && random_.below(2) == 0 ? pid{n.env().self(), all[random_.below(all.size())].actor} : c_.spawn(n);
    entry e{some_topic(), "key " + std::to_string(random_.below(3)), p.id(), {}, 0};
    auto answer = c_.track(n, e.topic, e.key, p, {{"n", 0}});
    auto is_there = std::any_of(all.begin(), all.end(), [&](const entry& x) {
      return x.topic == e.topic && x.key == e.key && x.actor == e.actor;
    });
    CHECK(answer.ok() == !is_there);
    if (!answer.ok())
      return;
    e.ref = answer.ref;
    CHECK_MESSAGE(refs_.insert(e.ref).second, "a ref came twice: " << e.ref);
    all.push_back(e);
  }
  entry* some_entry(simulated_node& n) {
    auto& all = members_[n.name()];
    return all.empty() ? nullptr : &all[random_.below(all.size())];
  }
  void update_one(simulated_node& n) {
    auto* e = some_entry(n);
    if (e == nullptr)
      return;
    w_.resume_node(n);
    json seen;
    auto answer = c_.update(n, e->topic, e->key, {n.env().self(), e->actor}, [&](const json& old) {
      seen = old;
      return json{{"n", old.value("n", -1) + 1}};
    });
    REQUIRE(answer.ok());
    // The chain of refs on the owner has no gap (I31).
    CHECK(seen.value("phx_ref", "") == e->ref);
    CHECK(seen.value("n", -1) == e->n);
    CHECK(refs_.insert(answer.ref).second);
    e->ref = answer.ref;
    ++e->n;
  }
  void untrack_one(simulated_node& n) {
    auto* e = some_entry(n);
    if (e == nullptr)
      return;
    w_.resume_node(n);
    c_.untrack(n, e->topic, e->key, {n.env().self(), e->actor});
    members_[n.name()].erase(members_[n.name()].begin() + (e - members_[n.name()].data()));
  }
  void kill_one(simulated_node& n) {
    auto* e = some_entry(n);
    if (e == nullptr)
      return;
    w_.resume_node(n);
    auto actor = e->actor;
    n.kill({n.env().self(), actor});
    w_.run();
    std::erase_if(members_[n.name()], [&](const entry& x) { return x.actor == actor; });
  }

  // -- what must hold ------------------------------------------------------------------------------------------

  texts expected_of(const std::string& node, const std::string& topic) const {
    texts all;
    for (const auto& e : members_.at(node))
      if (e.topic == topic)
        all.push_back(node + "/" + e.key + " " + e.ref);
    std::sort(all.begin(), all.end());
    return all;
  }
  texts listed(simulated_node& n, const std::string& topic, const std::string& owner = {}) {
    texts all;
    for (const auto& t : c_.entries(n, topic))
      if (owner.empty() || t.at.replica.name == owner)
        all.push_back(text_of(t) + " " + ref_of(t));
    std::sort(all.begin(), all.end());
    return all;
  }

  /// What is tracked here is listed here, always, whatever others say (I23, I26); and the diffs add up to it (I25).
  void check_own() {
    for (const auto& name : c_.names)
      if (auto* n = w_.find_node(name)) {
        w_.resume_node(*n);
        for (int i = 0; i < 3; ++i) {
          auto topic = "topic " + std::to_string(i);
          CHECK(listed(*n, topic, name) == expected_of(name, topic));
        }
        check_fold(*n);
      }
  }
  void check_folds() {
    for (const auto& name : c_.names)
      check_fold(c_.at(name));
  }
  void check_fold(simulated_node& n) {
    for (int i = 0; i < 3; ++i) {
      auto topic = "topic " + std::to_string(i);
      auto folded = c_.told[n.name()].listed(topic);
      if (c_.options.mode == tracker_mode::count) {
        std::uint64_t sum = 0;
        for (const auto& text : folded)
          sum += std::stoull(text.substr(text.find('/') + 1));
        CHECK(sum == dirty_count(n.env(), "presence", topic));
        continue;
      }
      texts all;
      for (const auto& t : c_.entries(n, topic))
        all.push_back(text_of(t) + *t.meta);
      std::sort(all.begin(), all.end());
      CHECK(all == folded);
      CHECK(dirty_count(n.env(), "presence", topic) == folded.size());
      // The dirty list has those as well, and maybe others that are hidden.
      texts dirty;
      for (const auto& t : dirty_list(n.env(), "presence", topic))
        dirty.push_back(text_of(t) + *t.meta);
      std::sort(dirty.begin(), dirty.end());
      CHECK(std::includes(dirty.begin(), dirty.end(), all.begin(), all.end()));
    }
  }

  bool is_converged(std::string& why) {
    for (const auto& name : c_.names) {
      auto& n = c_.at(name);
      for (int i = 0; i < 3; ++i) {
        auto topic = "topic " + std::to_string(i);
        std::uint64_t total = 0;
        texts expected;
        for (const auto& owner : c_.names) {
          auto of_owner = expected_of(owner, topic);
          total += of_owner.size();
          expected.insert(expected.end(), of_owner.begin(), of_owner.end());
        }
        auto shown = dirty_count(n.env(), "presence", topic);
        if (shown != total) {
          why = name + " shows " + std::to_string(shown) + " of " + std::to_string(total) + " in " + topic;
          return false;
        }
        if (c_.options.mode == tracker_mode::count)
          continue;
        texts dirty;
        for (const auto& t : dirty_list(n.env(), "presence", topic))
          dirty.push_back(text_of(t) + " " + ref_of(t));
        std::sort(dirty.begin(), dirty.end());
        std::sort(expected.begin(), expected.end());
        if (dirty != expected) {
          why = name + " has other entries in " + topic;
          return false;
        }
      }
    }
    return true;
  }

  /// Nobody asks for anything (I44), and nothing is left of what is gone (I32).
  void check_quiet() {
    auto asked = [&] {
      std::uint64_t all = 0;
      for (const auto& name : c_.names)
        for (std::size_t i = 0; i < c_.options.shards; ++i)
          all += c_.status(c_.at(name), i).counters.requests;
      return all;
    };
    w_.advance(4 * c_.options.broadcast_period);
    auto before = asked();
    // Some of them until all that is gone is forgotten.
    auto is_long = w_.seed() % 4 == 0;
    w_.advance(is_long ? 7s : 500ms);
    CHECK(asked() == before);
    for (const auto& name : c_.names)
      for (std::size_t i = 0; i < c_.options.shards; ++i) {
        auto s = c_.status(c_.at(name), i);
        CHECK(s.clouds == 0);
        if (is_long)
          CHECK(s.clocks.size() == 3);
        CHECK(s.replicas.size() == 2);
        CHECK(s.counters.divergences == 0);
      }
  }

  world& w_;
  seeded_random random_;
  tracker_cluster c_;
  std::map<std::string, std::vector<entry>> members_;  // By node.
  std::set<std::string> refs_;
};

}  // namespace

TEST_CASE("whatever happened, all list the same soon after it is over, and are quiet (I22-I26, I31, I32, I44)") {
  testing::for_each_seed(300, [](world& w) {
    schedule s{w, tracker_mode::members};
    s.run(24);
    s.mend_and_check();
  });
}

TEST_CASE("whatever happened, all count the same soon after it is over") {
  testing::for_each_seed(60, [](world& w) {
    schedule s{w, tracker_mode::count};
    s.run(24);
    s.mend_and_check();
  });
}
