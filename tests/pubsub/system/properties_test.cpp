// I17-I21 over random schedules: processes that subscribe, unsubscribe and broadcast on three nodes, of which one is
// cut off now and then and loses its workers.

#include "pubsub/system/pubsub_node.hpp"

#include <algorithm>
#include <set>

namespace beamline::pubsub::test {

namespace {

constexpr auto fire = topic_class::fire_and_forget;
constexpr std::size_t topics = 3;

/// One broadcast; the rest of what is known of it stands in the ledger.
struct marked {
  std::uint64_t sender = 0;
  std::uint64_t number = 0;  // Of all broadcasts of the run.
  std::uint64_t topic = 0;
  BEAMLINE_MESSAGE(marked, "test.marked", 1, sender, number, topic)
};

std::string name_of(std::uint64_t topic) { return "topic:" + std::to_string(topic); }

struct actor_state {
  pid who;
  std::string node;
  std::string system;
  bool is_stable = true;  // Neither its node nor its subscriptions change.
  std::vector<marked> got;
  std::map<std::uint64_t, std::uint64_t> held;  // Subscriptions by topic.
  std::map<std::uint64_t, std::uint64_t> held_at_most;
  // By topic: the number of broadcasts made when it unsubscribed; 0: it is subscribed, or was never.
  std::map<std::uint64_t, std::uint64_t> left_at;
  std::vector<std::string> wrong;
};

struct sent {
  std::size_t by = 0;
  std::uint64_t topic = 0;
  bool is_from = false;
};

/// What it does itself, in its turns; what it is told it checks at once where it can.
class member final : public process {
public:
  member(process_context& c, actor_state& s) : process{c}, s_{s} {}
  behavior init() override {
    return handlers([this](const act& m) { m.run(*this); }, [this](const marked& m) { hear(m); });
  }

private:
  void hear(const marked& m) {
    if (auto left = s_.left_at.find(m.topic); left != s_.left_at.end() && left->second != 0 && m.number > left->second)
      s_.wrong.push_back("I20: number " + std::to_string(m.number) + " of topic " + std::to_string(m.topic)
                         + " came after it had unsubscribed at " + std::to_string(left->second));
    s_.got.push_back(m);
  }

  actor_state& s_;
};

struct run {
  explicit run(world& the_world) : w{the_world}, random{the_world.derive_seed(77)}, c{w, {"a@sim", "b@sim", "c@sim"}} {
    w.contract().add<marked>();
    for (const auto& name : c.names) {
      auto main = named("main"), other = named("other");
      main.pool_size = 1 + random.below(4);
      main.partitions = 1 + random.below(3);
      c.start(name, {main, other});
    }
    c.connect_all();
    for (const auto& name : c.names)
      for (int i = 0; i < 3; ++i)
        add(name, "main", name != "c@sim" && i < 2);
    for (const auto& name : c.names)
      add(name, "other", true);
  }

  void add(const std::string& node, const std::string& in, bool is_stable) {
    auto s = std::make_unique<actor_state>();
    s->node = node;
    s->system = in;
    s->is_stable = is_stable;
    s->who = c.at(node).spawn<member>(*s);
    w.run();
    all.push_back(std::move(s));
    for (std::uint64_t t = 0; t < topics; ++t)
      for (auto n = random.below(3); n > 0; --n)
        subscribe(*all.back(), t);
  }

  system& of(const actor_state& s) { return c.of(s.node, s.system); }
  void subscribe(actor_state& s, std::uint64_t topic) {
    REQUIRE(of(s).subscribe(s.who, name_of(topic)));
    s.left_at.erase(topic);
    s.held_at_most[topic] = std::max(s.held_at_most[topic], ++s.held[topic]);
  }

  void in_turn_of(actor_state& s, std::function<void(process&)> what) {
    c.at(s.node).cast(s.who, act{std::move(what)});
  }

  void broadcast(std::size_t by, std::uint64_t topic, bool is_from) {
    in_turn_of(*all[by], [this, by, topic, is_from](process& p) {
      auto& s = *all[by];
      ledger.push_back({by, topic, is_from});
      auto m = share(marked{by, ledger.size(), topic});
      auto ok = is_from ? of(s).broadcast_from(p, name_of(topic), fire, m, {})
                        : of(s).broadcast(p, name_of(topic), fire, m, {});
      if (!ok)
        s.wrong.push_back("refused: " + ok.error().message);
    });
  }

  void change(std::size_t who, std::uint64_t topic) {
    in_turn_of(*all[who], [this, who, topic](process&) {
      auto& s = *all[who];
      if (s.held[topic] == 0 || (s.held[topic] == 1 && random.below(2) == 0))
        return subscribe(s, topic);
      if (of(s).unsubscribe(s.who, name_of(topic)) != s.held[topic])
        s.wrong.push_back("unsubscribe took another number of subscriptions than there were");
      s.held[topic] = 0;
      s.left_at[topic] = ledger.size();
    });
  }

  void disturb() {
    auto& far = c.at("c@sim");
    switch (random.below(6)) {
      case 0: c.net.shake(c.at("a@sim"), far); break;
      case 1: w.network().partition("b@sim", "c@sim"); break;
      case 2: w.network().heal("b@sim", "c@sim"); break;
      case 3: kill_one(far, "::worker"); break;
      case 4: kill_one(far, "::partition_process"); break;
      default: kill_one(c.at("a@sim"), "::partition_process");
    }
  }

  void kill_one(simulated_node& n, std::string_view kind) {
    for (const auto& info : n.processes().list(w.now()))
      if (info.kind.ends_with(kind) && random.below(2) == 0)
        return n.kill(pid{n.env().self(), info.id});
  }

  void go() {
    for (int i = 0; i < 60; ++i) {
      auto who = static_cast<std::size_t>(random.below(all.size()));
      auto topic = random.below(topics);
      auto dice = random.below(10);
      if (dice < 7)
        broadcast(who, topic, random.below(3) == 0);
      else if (dice < 9 && !all[who]->is_stable)
        change(who, topic);
      else if (random.below(4) == 0)
        disturb();
      if (random.below(3) == 0)
        w.pass(1ms * (1 + random.below(4)));
    }
    w.network().heal("b@sim", "c@sim");
    w.advance(2s);
  }

  // -- what must hold --------------------------------------------------------------------------------------

  [[nodiscard]] std::uint64_t expected(const actor_state& s, std::size_t number, bool at_most) const {
    const auto& m = ledger[number - 1];
    if (all[m.by]->system != s.system)
      return 0;  // I21
    if (m.is_from && all[m.by].get() == &s)
      return 0;  // I19
    const auto& counts = at_most ? s.held_at_most : s.held;
    auto n = counts.find(m.topic);
    return n == counts.end() ? 0 : n->second;
  }

  void check(const actor_state& s) const {
    std::map<std::uint64_t, std::uint64_t> times;
    std::map<std::uint64_t, std::uint64_t> last_of;
    for (const auto& m : s.got) {
      ++times[m.number];
      CHECK_MESSAGE(m.number >= last_of[m.sender],
                    "I18: " << m.number << " of sender " << m.sender << " came behind " << last_of[m.sender]);
      last_of[m.sender] = m.number;
    }
    for (std::size_t number = 1; number <= ledger.size(); ++number) {
      auto is_certain = s.is_stable && all[ledger[number - 1].by]->node != "c@sim" && s.node != "c@sim";
      if (is_certain)
        CHECK_MESSAGE(times[number] == expected(s, number, false), "I17, I19, I21: number " << number);
      else
        CHECK_MESSAGE(times[number] <= expected(s, number, true), "I17, I19, I21: number " << number);
    }
    for (const auto& text : s.wrong)
      FAIL_CHECK(text);
  }

  world& w;
  seeded_random random;
  pubsub_cluster c;
  std::vector<std::unique_ptr<actor_state>> all;
  std::vector<sent> ledger;
};

}  // namespace

TEST_CASE("I17 I18 I19 I20 I21 hold for random subscriptions, broadcasts, cuts and kills") {
  std::uint64_t heard = 0;
  for_each_seed(60, [&](world& w) {
    run r{w};
    r.go();
    for (const auto& s : r.all) {
      r.check(*s);
      heard += s->got.size();
    }
  });
  CHECK(heard > 60 * 50);
}

TEST_CASE("I17 what a whole cluster says while nothing happens arrives exactly once per subscription") {
  for_each_seed(20, [&](world& w) {
    run r{w};
    for (int i = 0; i < 60; ++i)
      r.broadcast(static_cast<std::size_t>(r.random.below(r.all.size())), r.random.below(topics), false);
    w.advance(1s);
    for (const auto& s : r.all) {
      std::map<std::uint64_t, std::uint64_t> times;
      for (const auto& m : s->got)
        ++times[m.number];
      for (std::size_t number = 1; number <= r.ledger.size(); ++number)
        CHECK(times[number] == r.expected(*s, number, false));
    }
  });
}

TEST_CASE("when quiet all nodes have the same last values, after any cuts") {
  for_each_seed(40, [&](world& w) {
    pubsub_cluster c{w, {"a@sim", "b@sim", "c@sim"}};
    c.start_all();
    c.connect_all();
    seeded_random random{w.derive_seed(5)};
    std::vector<someone> all;
    for (const auto& name : c.names)
      for (int i = 0; i < 2; ++i)
        all.push_back(c.subscriber(name, name_of(random.below(topics))));
    for (std::uint64_t i = 1; i <= 40; ++i) {
      c.in_turn_of(all[random.below(all.size())], [&c, i, &random](process& p) {
        CHECK(c.of(p.self().node().name)
                  .broadcast(p, name_of(random.below(topics)), topic_class::last_value, share(said{i, {}}), {}));
      });
      auto x = random.below(3), y = random.below(3);
      if (x != y && random.below(3) == 0)
        random.below(2) == 0 ? w.network().partition(c.names[x], c.names[y]) : w.network().heal(c.names[x], c.names[y]);
      if (random.below(3) == 0)
        w.pass(1ms * random.below(200));
    }
    w.network().heal_all();
    w.advance(3s);
    for (std::uint64_t t = 0; t < topics; ++t) {
      std::set<std::uint64_t> seen;
      for (const auto& name : c.names) {
        auto m = c.of(name).last_value(name_of(t));
        seen.insert(m.empty() ? 0 : m.get_as<said>(0).number);
      }
      CHECK(seen.size() == 1);
    }
  });
}

}  // namespace beamline::pubsub::test
