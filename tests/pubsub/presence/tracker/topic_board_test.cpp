#include "pubsub/presence/tracker/topic_board.hpp"

#include "pubsub/presence/tracker/registrations.hpp"

#include "base/random.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

using namespace beamline;
using namespace beamline::presence;

namespace {

const auto owner_a = std::make_shared<const replica_id>(replica_id{"a@sim", 1});
const auto owner_b = std::make_shared<const replica_id>(replica_id{"b@sim", 1});

meta_text meta(const std::string& text) { return std::make_shared<const std::string>(text); }

board_entry entry(const std::string& key, std::uint64_t counter, std::shared_ptr<const replica_id> owner = owner_a) {
  return {key, std::move(owner), counter, 1, meta("{}"), false};
}

tracked was(const std::string& key, std::uint64_t counter, const std::string& text = "{}", std::uint64_t version = 1) {
  return {{"t", 1, key}, meta(text), {{"a@sim", version}, counter}};
}

topic_board::topic_update joined(board_entry e) {
  topic_board::topic_update u;
  u.there.push_back(std::move(e));
  u.count_change = 1;
  return u;
}

}  // namespace

TEST_CASE("a tree of entries has after any steps what a map has, in its order, and earlier ones stay as they were") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    seeded_random random{seed};
    using place = std::tuple<std::string, replica_id, std::uint64_t>;
    std::map<place, std::string> model;
    entry_tree tree;
    std::vector<std::pair<entry_tree, std::map<place, std::string>>> earlier;
    for (int step = 0; step < 400; ++step) {
      auto e = entry(std::to_string(random.below(20)), random.below(5), random.below(2) == 0 ? owner_a : owner_b);
      if (random.below(5) < 3) {
        e.meta = meta(std::to_string(step));
        model[{e.key, *e.owner, e.counter}] = *e.meta;
        tree = tree.with(e);
      } else {
        CHECK((tree.find(e) != nullptr) == model.contains({e.key, *e.owner, e.counter}));
        model.erase({e.key, *e.owner, e.counter});
        tree = tree.without(e);
      }
      CHECK(tree.size() == model.size());
      if (step % 100 == 0)
        earlier.emplace_back(tree, model);
    }
    earlier.emplace_back(tree, model);
    for (const auto& then : earlier) {
      const auto& m = then.second;
      auto at = m.begin();
      then.first.for_each([&](const board_entry& e) {
        REQUIRE(at != m.end());
        CHECK(place{e.key, *e.owner, e.counter} == at->first);
        CHECK(*e.meta == at->second);
        ++at;
      });
      CHECK(at == m.end());
    }
  }
}

TEST_CASE("what a run that was followed by another writes is ignored") {
  topic_board board;
  board.claim(2);
  board.write(2, "t", joined(entry("k", 1)));
  board.claim(3);
  board.write(2, "t", joined(entry("zombie", 2)));
  CHECK(board.read("t").size() == 1);
  CHECK(board.count("t") == 1);
  board.claim(2);
  board.write(3, "t", joined(entry("l", 2)));
  CHECK(board.count("t") == 2);
  topic_board::topic_update u;
  u.gone = {entry("k", 1), entry("l", 2)};
  u.count_change = -2;
  board.write(3, "t", u);
  CHECK(board.topics().empty());
  CHECK(board.read("t").empty());
}

TEST_CASE("who reads while another writes sees steps as a whole") {
  topic_board board;
  board.claim(1);
  std::atomic<bool> is_over{false};
  std::size_t torn = 0, reads = 0;
  std::thread reader{[&] {
    while (!is_over) {
      // Two entries come and go together.
      torn += board.read("t").size() % 2;
      torn += board.count("t") % 2;
      ++reads;
    }
  }};
  for (std::uint64_t i = 0; i < 3000; ++i) {
    topic_board::topic_update u;
    u.there = {entry("a", i), entry("b", i)};
    u.count_change = 2;
    if (i >= 100) {
      u.gone = {entry("a", i - 100), entry("b", i - 100)};
      u.count_change = 0;
    }
    board.write(1, "t", u);
  }
  is_over = true;
  reader.join();
  CHECK(torn == 0);
  CHECK(board.count("t") == 200);
}

TEST_CASE("changes in a row are told as one, and those that come back are not told") {
  diff_sum s;
  s.join(was("came", 1));
  s.leave(was("went", 2));
  s.leave(was("changed", 3, "old"));
  s.join(was("changed", 4, "between"));
  s.leave(was("changed", 4, "between"));
  s.join(was("changed", 5, "new"));
  s.join(was("came and went", 6));
  s.leave(was("came and went", 6));
  s.leave(was("moved", 7, "same"));
  s.join(was("moved", 1, "same", 2));
  auto all = s.take();
  CHECK(s.empty());
  auto d = visible(all);
  auto keys = [](const std::vector<tracked>& ts) {
    std::string text;
    for (const auto& t : ts)
      text += t.key.key + "=" + *t.meta + " ";
    return text;
  };
  CHECK(keys(d["t"].joins) == "came={} changed=new ");
  CHECK(keys(d["t"].leaves) == "changed=old went={} ");
  CHECK(all["t"].at({"moved", 1, "a@sim"}).after->at.replica.version == 2);
}

TEST_CASE("registrations are found by process, topic and order, and only the newest run writes") {
  registrations r;
  r.claim(1);
  r.put(1, {"t", 7, "b"}, meta("1"));
  r.put(1, {"t", 8, "a"}, meta("2"));
  r.put(1, {"u", 7, "b"}, meta("3"));
  r.put(1, {"t", 7, "b"}, meta("4"));
  CHECK(r.size() == 3);
  CHECK(r.count("t") == 2);
  CHECK(*r.find({"t", 7, "b"}) == "4");
  CHECK(r.of_actor(7) == std::vector<entry_key>{{"t", 7, "b"}, {"u", 7, "b"}});
  auto all = r.all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].who == entry_key{"t", 7, "b"});
  CHECK(all[1].who == entry_key{"t", 8, "a"});
  CHECK(r.of_topic("t")[0].who.key == "a");
  r.claim(2);
  r.put(1, {"v", 7, "x"}, meta("5"));
  CHECK_FALSE(r.erase(1, {"t", 7, "b"}));
  CHECK(r.size() == 3);
  CHECK(r.erase(2, {"t", 7, "b"}));
  CHECK_FALSE(r.erase(2, {"t", 7, "b"}));
  CHECK(r.has(7));
  CHECK(r.erase(2, {"u", 7, "b"}));
  CHECK_FALSE(r.has(7));
}
