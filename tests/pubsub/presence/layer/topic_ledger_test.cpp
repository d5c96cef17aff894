#include "pubsub/presence/layer/topic_ledger.hpp"

#include "base/random.hpp"
#include "pubsub/presence/layer/npm_client.hpp"
#include "pubsub/presence/layer/presence_json.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <set>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::layer;
using beamline::presence::test::npm_client;

namespace {

meta_text meta(const std::string& ref, const std::string& more = "0") {
  return std::make_shared<const std::string>(R"({"n":)" + more + R"(,"phx_ref":")" + ref + "\"}");
}

std::string text(const change_set& c) {
  std::string all;
  for (const auto& m : c.joins)
    all += "+" + m.key + "/" + m.ref + " ";
  for (const auto& m : c.leaves)
    all += "-" + m.key + "/" + m.ref + " ";
  return all;
}

std::string take(topic_ledger& t) {
  auto f = t.take(1000);
  t.published(f.id);
  return text(f.changes);
}

}  // namespace

TEST_CASE("changes of one batch are told as what became of them") {
  topic_ledger t;
  t.join("a", "r1", meta("r1"));
  SUBCASE("a join") { CHECK(take(t) == "+a/r1 "); }
  SUBCASE("a join and its leave are nothing") {
    t.leave("a", "r1");
    CHECK(t.is_idle());  // However many come and go while nothing is taken.
    CHECK(take(t).empty());
  }
  SUBCASE("several updates are one") {
    take(t);
    t.leave("a", "r1");
    t.join("a", "r2", meta("r2"));
    t.leave("a", "r2");
    t.join("a", "r3", meta("r3"));
    CHECK(take(t) == "+a/r3 -a/r1 ");
  }
  SUBCASE("what left and came back under its ref is nothing: the client would drop it for good") {
    take(t);
    t.leave("a", "r1");
    t.join("a", "r1", meta("r1"));
    CHECK(take(t).empty());
    CHECK(t.present().size() == 1);
  }
  SUBCASE("with another text it is a join, which the client replaces") {
    take(t);
    t.leave("a", "r1");
    t.join("a", "r1", meta("r1", "1"));
    CHECK(take(t) == "+a/r1 ");
  }
  SUBCASE("a leave of what is not there, and a join of what is, are nothing") {
    take(t);
    t.leave("a", "r9");
    t.leave("b", "r1");
    t.join("a", "r1", meta("r1"));
    CHECK_FALSE(t.is_dirty());
  }
}

TEST_CASE("who was given the list hears of what left it, even within one batch") {
  topic_ledger t;
  SUBCASE("a join, seen, and undone") {
    t.join("a", "r1", meta("r1"));
    t.expose();
    t.leave("a", "r1");
    CHECK(take(t) == "-a/r1 ");
  }
  SUBCASE("a leave, seen, and undone") {
    t.join("a", "r1", meta("r1"));
    take(t);
    t.leave("a", "r1");
    t.expose();
    t.join("a", "r1", meta("r1"));
    CHECK(take(t) == "+a/r1 ");
  }
  SUBCASE("what was seen as it stays needs no word") {
    t.join("a", "r1", meta("r1"));
    take(t);
    t.leave("a", "r1");
    t.join("a", "r1", meta("r1"));
    t.expose();
    CHECK(take(t).empty());
  }
}

TEST_CASE("metas of a key are in the order of their joins, in lists and in diffs") {
  topic_ledger t;
  for (const auto* ref : {"z", "m", "a", "k"})
    t.join("key", ref, meta(ref));
  CHECK(take(t) == "+key/z +key/m +key/a +key/k ");
  t.leave("key", "m");
  t.join("key", "b", meta("b"));
  std::string order;
  for (const auto& m : t.present("key"))
    order += m.ref;
  CHECK(order == "zakb");
  CHECK(t.present("nobody").empty());
}

TEST_CASE("a diff takes about so many changes, and never part of a key") {
  topic_ledger t;
  for (int k = 0; k < 10; ++k)
    for (int i = 0; i < 3; ++i) {
      auto ref = std::to_string(k) + "-" + std::to_string(i);
      t.join("key" + std::to_string(k), ref, meta(ref));
    }
  std::size_t diffs = 0;
  std::set<std::string> keys;
  while (t.is_dirty()) {
    auto f = t.take(4);
    CHECK(f.changes.size() == 6);
    for (const auto& m : f.changes.joins)
      keys.insert(m.key);
    CHECK(keys.size() == 2 * ++diffs);
    t.published(f.id);
  }
  CHECK(diffs == 5);
}

TEST_CASE("what was taken and not published is told again after a recall, and only then") {
  topic_ledger t;
  t.join("a", "r1", meta("r1"));
  take(t);
  t.leave("a", "r1");
  t.join("b", "r2", meta("r2"));
  auto first = t.take(1000);
  CHECK(text(first.changes) == "+b/r2 -a/r1 ");
  t.leave("b", "r2");
  auto second = t.take(1000);
  CHECK(text(second.changes) == "-b/r2 ");
  CHECK(t.told().size() == 1);
  CHECK(t.told()[0].ref == "r1");
  t.recall();
  REQUIRE(t.told().size() == 1);
  CHECK(t.told()[0].ref == "r1");
  // Both may have reached somebody.
  CHECK(take(t) == "-a/r1 -b/r2 ");
  CHECK(t.told().empty());
  CHECK(t.is_idle());
}

TEST_CASE("a list of the tracker replaces what is there, and only differences are told") {
  topic_ledger t;
  t.join("a", "r1", meta("r1"));
  t.join("b", "r2", meta("r2"));
  take(t);
  t.replace({{"b", "r2", meta("r2")}, {"c", "r3", meta("r3")}});
  CHECK(take(t) == "+c/r3 -a/r1 ");
  CHECK(t.count() == 2);
  t.replace({});
  CHECK(take(t) == "-b/r2 -c/r3 ");
  CHECK(t.is_idle());
}

TEST_CASE("counts are of distinct keys, or of distinct values of a field") {
  topic_ledger t;
  auto with_ip = [](const std::string& ref, const std::string& ip) {
    return std::make_shared<const std::string>(R"({"ip":")" + ip + R"(","phx_ref":")" + ref + "\"}");
  };
  t.join("tab1", "r1", with_ip("r1", "x"));
  CHECK(t.count(R"("ip")") == 1);
  t.join("tab2", "r2", with_ip("r2", "x"));
  t.join("tab3", "r3", with_ip("r3", "y"));
  CHECK(t.count() == 3);
  CHECK(t.count(R"("ip")") == 2);
  t.leave("tab1", "r1");
  CHECK(t.count(R"("ip")") == 2);
  t.leave("tab2", "r2");
  CHECK(t.count(R"("ip")") == 1);
  t.join("robot", "r4", meta("r4"));
  t.join("robot", "r5", meta("r5"));
  CHECK(t.count(R"("ip")") == 2);
  CHECK(t.count(R"("other")") == 2);
  SUBCASE("a field that nobody counts by costs nothing, and is counted anew when somebody does") {
    t.forget_count(R"("ip")");
    t.join("tab5", "r6", with_ip("r6", "z"));
    CHECK(t.count(R"("ip")") == 3);
  }
}

namespace {

/// Somebody who subscribes at some moment, asks for the list at a later one, and is sent all diffs published since.
struct subscriber {
  npm_client client;
  bool has_asked = false;
};

struct history {
  explicit history(std::uint64_t seed) : random{seed} {}

  std::uint64_t draw(std::uint64_t n) { return random.next() % n; }

  void change() {
    const auto key = std::string(1, static_cast<char>('a' + draw(4)));
    switch (draw(5)) {
      case 0:
      case 1: {
        auto ref = "r" + std::to_string(++refs);
        t.join(key, ref, meta(ref));
        known[key].insert(ref);
        break;
      }
      case 2:
        if (auto ref = any_of(key)) {
          t.leave(key, *ref);
          known[key].erase(*ref);
          away.emplace_back(key, *ref);
        }
        break;
      case 3:  // A replica that was away comes back: the same refs.
        if (!away.empty()) {
          auto [k, ref] = away[draw(away.size())];
          t.join(k, ref, meta(ref));
          known[k].insert(ref);
        }
        break;
      default:  // An update.
        if (auto ref = any_of(key)) {
          auto next = "r" + std::to_string(++refs);
          t.leave(key, *ref);
          t.join(key, next, meta(next));
          known[key].erase(*ref);
          known[key].insert(next);
        }
        break;
    }
  }

  void step() {
    switch (draw(8)) {
      case 0: subscribers.emplace_back(); break;
      case 1:
        for (auto& s : subscribers)
          if (!s.has_asked && draw(2) == 0)
            ask(s);
        break;
      case 2:
        if (auto f = t.take(1 + draw(4)); !f.changes.empty())
          in_flight.push_back(std::move(f));
        break;
      case 3:
        if (!in_flight.empty())
          publish(draw(8) == 0);
        break;
      case 4:
        if (draw(6) == 0) {  // The publisher dies.
          in_flight.clear();
          t.recall();
        }
        break;
      default: change(); break;
    }
  }

  void ask(subscriber& s) {
    t.expose();
    s.client.sync_state(to_object(to_presences(t.present())));
    s.has_asked = true;
  }
  /// `is_last`: it dies between the broadcast and its note.
  void publish(bool is_last) {
    auto f = std::move(in_flight.front());
    in_flight.pop_front();
    auto d = to_diff("t", to_presences(f.changes.joins), to_presences(f.changes.leaves));
    for (auto& s : subscribers)
      s.client.sync_diff(*d.payload);
    if (is_last) {
      in_flight.clear();
      t.recall();
    } else {
      t.published(f.id);
    }
  }
  void settle() {
    for (auto& s : subscribers)
      if (!s.has_asked)
        ask(s);
    do {
      while (!in_flight.empty())
        publish(false);
      if (auto f = t.take(3); !f.changes.empty())
        in_flight.push_back(std::move(f));
    } while (t.is_dirty() || !in_flight.empty());
  }
  [[nodiscard]] std::map<std::string, std::vector<std::string>> expected() const {
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& [key, all_refs] : known)
      if (!all_refs.empty())
        all[key] = {all_refs.begin(), all_refs.end()};
    return all;
  }
  std::optional<std::string> any_of(const std::string& key) {
    auto& all = known[key];
    if (all.empty())
      return std::nullopt;
    auto at = all.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(draw(all.size())));
    return *at;
  }

  seeded_random random;
  topic_ledger t;
  std::map<std::string, std::set<std::string>> known;
  std::vector<std::pair<std::string, std::string>> away;
  std::deque<topic_ledger::flight> in_flight;
  std::deque<subscriber> subscribers;
  std::uint64_t refs = 0;
};

}  // namespace

TEST_CASE("whoever subscribes whenever, its client shows who is there in the end, whatever is lost on the way") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    history h{seed};
    for (int i = 0; i < 80; ++i)
      h.step();
    h.settle();
    for (const auto& s : h.subscribers) {
      REQUIRE_MESSAGE(s.client.shown() == h.expected(), "seed " << seed);
    }
    REQUIRE(h.t.present().size() == h.t.told().size());
  }
}
