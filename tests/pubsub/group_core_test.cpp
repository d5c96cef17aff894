#include "pubsub/groups/group_core.hpp"

#include "base/random.hpp"
#include "pubsub/groups/group_monitors.hpp"
#include "pubsub/groups/limits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

using namespace beamline;
using namespace beamline::pubsub::groups;

namespace {

node_identity_ptr a_node(const std::string& name, std::uint64_t incarnation = 1) {
  return std::make_shared<const node_identity>(node_identity{name, incarnation});
}

peer_info a_peer(const std::string& name, std::uint64_t connection = 1, std::uint64_t incarnation = 1) {
  peer_info p;
  p.identity = {name, incarnation};
  p.connection = connection;
  return p;
}

struct sent_message {
  std::string to;
  lane where;
  wire_group_message what;
};

/// A scope without a process: what it sends and tells is kept.
class bench final : public group_port {
public:
  explicit bench(const std::string& name, std::uint64_t run = 1, std::uint64_t incarnation = 1)
      : table{std::make_shared<group_table>(a_node(name, incarnation))}, core{run, table, *this} {}

  bool send(const std::string& node, lane where, const wire_group_message& m) override {
    if (is_full)
      return false;
    sent.push_back({node, where, m});
    return true;
  }
  void changed(const group_change& c) override { changes.push_back(c); }
  void flush_after(duration) override { is_flush_due = true; }
  void complain(const std::string&, const std::string& what) override { complaints.push_back(what); }

  void flush() {
    while (std::exchange(is_flush_due, false)) {
      core.flush();
      if (is_full)
        return;
    }
  }
  template <class M>
  [[nodiscard]] std::vector<M> take() {
    std::vector<M> all;
    for (const auto& s : std::exchange(sent, {}))
      if (const auto* m = std::get_if<M>(&s.what))
        all.push_back(*m);
    return all;
  }

  std::shared_ptr<group_table> table;
  group_core core;
  std::deque<sent_message> sent;
  std::vector<group_change> changes;
  std::vector<std::string> complaints;
  bool is_full = false;
  bool is_flush_due = false;
};

std::vector<std::uint64_t> ids_of(const std::vector<pid>& all) {
  std::vector<std::uint64_t> ids;
  for (const auto& p : all)
    ids.push_back(p.id());
  std::sort(ids.begin(), ids.end());
  return ids;
}

const node_identity b_identity{"b@sim", 1};

struct newer_discover {
  std::uint64_t scope = 5;
  std::string dialect = "2";
  std::vector<std::string> features{"x"};
  BEAMLINE_MESSAGE(newer_discover, "pg.discover", 2, scope, dialect, features)
};

}  // namespace

TEST_CASE("PG3 a nodeup that names the own node is ignored") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("a@sim"));
  a.flush();
  CHECK(a.sent.empty());
  a.core.node_up(a_peer("b@sim"));
  a.flush();
  REQUIRE(a.sent.size() == 1);
  CHECK(a.sent[0].to == "b@sim");
  CHECK(a.sent[0].where == lane::presence);
  CHECK(a.take<wire_discover>().size() == 1);
}

TEST_CASE("PG21 a discover of a newer protocol, with fields this one does not know, is answered with a sync") {
  bench a{"a@sim"};
  REQUIRE(a.core.join("g", {7}).ok());
  a.core.node_up(a_peer("b@sim"));
  a.flush();
  (void)a.take<wire_discover>();
  byte_writer octets;
  octets.u8(1);
  octets.raw(encode(newer_discover{}));
  auto m = decode_group_message(octets.written());
  REQUIRE(m.ok());
  a.core.receive(b_identity, *m);
  a.flush();
  auto syncs = a.take<wire_sync>();
  REQUIRE(syncs.size() == 1);
  CHECK(syncs[0].members == memberships{{"g", {7}}});
  CHECK(syncs[0].is_first);
  SUBCASE("what no release knows is refused and not taken for something else") {
    CHECK(decode_group_message("\x09zzz").error().code == errc::unsupported);
    CHECK_FALSE(decode_group_message("").ok());
    CHECK_FALSE(decode_group_message("\x02\xff").ok());
  }
}

TEST_CASE("who is discovered by a scope it does not know answers with its members and asks for the other's") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("b@sim"));
  a.flush();
  (void)a.take<wire_discover>();
  a.core.receive(b_identity, wire_discover{9});
  a.flush();
  auto sent = a.sent;
  CHECK(a.take<wire_discover>().size() == 1);
  a.sent = sent;
  CHECK(a.take<wire_sync>().size() == 1);
  SUBCASE("a known one gets the sync alone") {
    a.core.receive(b_identity, wire_discover{9});
    a.flush();
    CHECK(a.sent.size() == 1);
    CHECK(a.take<wire_sync>().size() == 1);
  }
  SUBCASE("many at once get one answer") {
    for (int i = 0; i < 100; ++i)
      a.core.receive(b_identity, wire_discover{9});
    a.flush();
    CHECK(a.take<wire_sync>().size() == 1);
  }
}

TEST_CASE("joins and leaves of a scope that is not known, or has ended, are ignored") {
  bench a{"a@sim"};
  a.core.receive(b_identity, wire_update{9, 1, true, {{"g", {1}}}});  // Not linked at all.
  a.core.node_up(a_peer("b@sim"));
  a.core.receive(b_identity, wire_update{9, 1, true, {{"g", {1}}}});  // It precedes the sync.
  CHECK(a.table->told().empty());
  a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {{"g", {1, 2}}}});
  a.core.receive(b_identity, wire_update{9, 2, true, {{"h", {1}}}});
  CHECK(ids_of(a.table->told_members("g")) == std::vector<std::uint64_t>{1, 2});
  CHECK(ids_of(a.table->told_members("h")) == std::vector<std::uint64_t>{1});
  a.core.receive({"b@sim", 2}, wire_update{9, 3, true, {{"g", {3}}}});  // Another run of that node.
  CHECK(a.table->told_members("g").size() == 2);
  a.core.receive(b_identity, wire_goodbye{9});
  CHECK(a.table->told().empty());
  a.core.receive(b_identity, wire_update{9, 3, true, {{"g", {3}}}});  // It was overtaken by the goodbye.
  a.core.receive(b_identity, wire_sync{9, 4, true, "", "", {{"g", {1}}}});
  CHECK(a.table->told().empty());
  SUBCASE("a successor takes the place of one that did not say goodbye, at once") {
    a.core.receive(b_identity, wire_discover{10});
    a.core.receive(b_identity, wire_sync{10, 1, true, "", "", {{"g", {5}}}});
    a.core.receive(b_identity, wire_discover{11});
    CHECK(a.table->told().empty());
  }
  SUBCASE("its successor is known by its own word") {
    a.core.receive(b_identity, wire_discover{10});
    a.core.receive(b_identity, wire_sync{10, 1, true, "", "", {{"g", {5}}}});
    CHECK(ids_of(a.table->told_members("g")) == std::vector<std::uint64_t>{5});
  }
}

TEST_CASE("a sync that comes twice changes nothing, and of a new one monitors see the differences only") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("b@sim"));
  a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {{"g", {1, 1, 2}}, {"h", {1}}}});
  CHECK(a.changes.size() == 2);
  a.changes.clear();
  a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {{"g", {1, 1, 2}}, {"h", {1}}}});
  a.core.receive(b_identity, wire_sync{9, 2, true, "", "", {{"g", {1, 1, 2}}, {"h", {1}}}});
  CHECK(a.changes.empty());
  a.core.receive(b_identity, wire_sync{9, 3, true, "", "", {{"g", {1, 3}}}});
  auto at = [](std::uint64_t id) { return pid{a_node("b@sim"), id}; };
  CHECK(a.changes
        == std::vector<group_change>{{false, "g", {at(1), at(2)}}, {false, "h", {at(1)}}, {true, "g", {at(3)}}});
}

TEST_CASE("an update that comes twice counts once; one that is missing makes the receiver ask anew") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("b@sim"));
  a.core.receive(b_identity, wire_discover{9});
  a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {}});
  a.flush();
  (void)a.take<wire_discover>();
  a.core.receive(b_identity, wire_update{9, 2, true, {{"g", {1}}}});
  a.core.receive(b_identity, wire_update{9, 2, true, {{"g", {1}}}});
  CHECK(a.table->told_members("g").size() == 1);
  a.flush();
  CHECK(a.sent.empty());  // Nothing to ask for.
  a.core.receive(b_identity, wire_update{9, 4, true, {{"g", {3}}}});
  a.core.receive(b_identity, wire_update{9, 5, true, {{"g", {4}}}});
  CHECK(a.table->told_members("g").size() == 1);
  a.flush();
  CHECK(a.take<wire_discover>().size() == 1);
  a.core.receive(b_identity, wire_sync{9, 6, true, "", "", {{"g", {1, 2, 3, 4}}}});
  CHECK(a.table->told_members("g").size() == 4);
}

TEST_CASE("what a link has no room for is told later, as a sync") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("b@sim"));
  a.core.receive(b_identity, wire_discover{9});
  a.flush();
  (void)a.take<wire_sync>();
  a.is_full = true;
  REQUIRE(a.core.join("g", {1}).ok());
  REQUIRE(a.core.join("g", {2}).ok());
  a.flush();
  CHECK(a.sent.empty());
  CHECK(a.is_flush_due);
  a.is_full = false;
  a.flush();
  CHECK(a.sent.size() == 1);
  auto syncs = a.take<wire_sync>();
  REQUIRE(syncs.size() == 1);
  CHECK(syncs[0].members == memberships{{"g", {1, 2}}});
  REQUIRE(a.core.join("g", {3}).ok());
  CHECK(a.take<wire_update>().size() == 1);
}

TEST_CASE("many memberships are told in parts, and what changes between two parts is neither lost nor told twice") {
  bench a{"a@sim"};
  bench b{"b@sim"};
  for (std::uint64_t i = 1; i <= 3000; ++i)
    REQUIRE(a.core.join("group " + std::to_string(1'000'000 + i) + std::string(200, 'x'), {i}).ok());
  a.core.node_up(a_peer("b@sim"));
  b.core.node_up(a_peer("a@sim"));
  a.core.receive(b_identity, wire_discover{9});
  a.core.flush();  // Some parts, not all.
  auto begun = a.sent.size();
  CHECK(begun >= sync_parts_per_turn);
  CHECK(a.is_flush_due);
  REQUIRE(a.core.join("group 0", {9}).ok());  // Before what was told: an update.
  CHECK(a.sent.size() == begun + 1);
  REQUIRE(a.core.join("zzz", {9}).ok());  // Behind it: with the sync.
  CHECK(a.sent.size() == begun + 1);
  CHECK(a.core.leave("group 1000001" + std::string(200, 'x'), {1}));
  CHECK(a.core.leave("group 1003000" + std::string(200, 'x'), {3000}));
  a.flush();
  auto is_large = false;
  for (const auto& s : a.sent) {
    is_large = is_large || encode_group_message(s.what).size() > sync_octets + 1024;
    b.core.receive({"a@sim", 1}, s.what);
  }
  CHECK_FALSE(is_large);
  auto here = a.table->told();
  auto there = b.table->told();
  CHECK(here.size() == 3000);
  CHECK(there == here);
}

TEST_CASE("a join beyond a limit is refused whole, and a peer that tells of more is not believed") {
  bench a{"a@sim"};
  member_ids many(memberships_per_group_max, 1);
  REQUIRE(a.core.join("g", many).ok());
  auto refused = a.core.join("g", {2});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.starts_with("system_limit: "));
  CHECK(a.table->local_members("g").size() == memberships_per_group_max);
  CHECK(a.core.leave("g", {1}));
  CHECK(a.core.join("g", {2}).ok());
  SUBCASE("in all groups together") {
    for (std::size_t i = 1; i * memberships_per_group_max + memberships_per_group_max <= memberships_max; ++i)
      REQUIRE(a.core.join("g" + std::to_string(i), many).ok());
    CHECK_FALSE(a.core.join("last", many).ok());
    CHECK(a.core.join("last", {1}).ok());
  }
  SUBCASE("what has left or died makes room") {
    for (std::size_t i = 0; i < 2 * memberships_max / memberships_per_group_max; ++i) {
      member_ids ids(memberships_per_group_max, i + 2);
      REQUIRE(a.core.join("h", ids).ok());
      if (i % 2 == 0)
        REQUIRE(a.core.leave("h", ids));
      else
        a.core.member_ended(i + 2);
    }
    CHECK(a.table->local_names() == std::vector<std::string>{"g"});
  }
  SUBCASE("a peer") {
    a.core.node_up(a_peer("b@sim"));
    std::uint64_t sequence = 0;
    a.core.receive(b_identity, wire_sync{9, ++sequence, true, "", "", {}});
    for (int i = 0; i < 10; ++i)
      a.core.receive(b_identity, wire_update{9, ++sequence, true, {{"p" + std::to_string(i), many}}});
    CHECK_FALSE(a.complaints.empty());
    std::size_t all = 0;
    for (const auto& [name, members] : a.table->told())
      if (name.starts_with("p"))
        all += members.size();
    CHECK(all <= memberships_max);
  }
  SUBCASE("names and ids that no scope would tell") {
    a.core.node_up(a_peer("b@sim"));
    a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {{"", {1}}}});
    a.core.receive(b_identity, wire_update{9, 2, true, {{std::string(300, 'n'), {1}}}});
    a.core.receive(b_identity, wire_update{9, 3, true, {{"x", {0}}}});
    CHECK(a.complaints.size() == 3);
    CHECK(a.table->told().size() == 1);
  }
}

TEST_CASE("members of a peer that is not linked any more, or linked anew, are not returned") {
  bench a{"a@sim"};
  a.core.node_up(a_peer("b@sim", 4));
  a.core.receive(b_identity, wire_sync{9, 1, true, "", "", {{"g", {1}}}});
  REQUIRE(a.core.join("own", {2}).ok());
  CHECK(a.table->members("g", {a_peer("b@sim", 4)}).size() == 1);
  CHECK(a.table->members("g", {}).empty());
  CHECK(a.table->members("g", {a_peer("b@sim", 5)}).empty());
  CHECK(a.table->members("g", {a_peer("b@sim", 4, 2)}).empty());
  CHECK(a.table->names({}) == std::vector<std::string>{"own"});
  CHECK(a.table->names({a_peer("b@sim", 4)}) == std::vector<std::string>{"g", "own"});
}

TEST_CASE("two scopes agree again after any sequence of changes, losses, repetitions and reconnections") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    seeded_random chance{seed};
    std::uint64_t runs = 0;
    auto begin = [&](const char* name) { return std::make_unique<bench>(name, ++runs); };
    std::unique_ptr<bench> nodes[] = {begin("a@sim"), begin("b@sim")};
    const char* names[] = {"a@sim", "b@sim"};
    auto is_linked = false;
    std::uint64_t connections = 0;
    // What monitors were told, folded (I15).
    std::map<std::string, std::vector<pid>> folded[2];
    auto fold = [&](int i) {
      for (const auto& c : std::exchange(nodes[i]->changes, {})) {
        auto& members = folded[i][c.group];
        for (const auto& p : c.members) {
          if (c.is_join) {
            members.push_back(p);
          } else {
            auto at = std::find(members.begin(), members.end(), p);
            REQUIRE(at != members.end());
            members.erase(at);
          }
        }
        if (members.empty())
          folded[i].erase(c.group);
        else
          std::sort(members.begin(), members.end());
      }
      auto told = nodes[i]->table->told();
      for (auto& [name, members] : told)
        std::sort(members.begin(), members.end());
      REQUIRE(folded[i] == told);
    };
    auto deliver = [&](int i, bool is_calm) {  // The oldest message of node i to the other.
      if (nodes[i]->sent.empty())
        return;
      auto m = nodes[i]->sent.front();
      nodes[i]->sent.pop_front();
      auto times = is_calm ? 1 : chance.below(5) == 0 ? 2 : 1;
      if (!is_calm && chance.below(40) == 0 && std::holds_alternative<wire_update>(m.what))
        times = 0;  // What links never do.
      for (int n = 0; n < times; ++n)
        nodes[1 - i]->core.receive({names[i], 1}, m.what);
    };
    auto link = [&](bool on) {
      if (std::exchange(is_linked, on) == on)
        return;
      connections += on ? 1 : 0;
      for (int i = 0; i < 2; ++i) {
        nodes[i]->sent.clear();
        auto other = a_peer(names[1 - i], connections);
        on ? nodes[i]->core.node_up(other) : nodes[i]->core.node_down(other);
      }
    };
    auto settle = [&] {
      for (int n = 0; n < 200; ++n)
        for (int i = 0; i < 2; ++i) {
          nodes[i]->is_full = false;
          nodes[i]->flush();
          deliver(i, true);
        }
    };
    for (int step = 0; step < 200; ++step) {
      auto i = static_cast<int>(chance.below(2));
      auto group = "g" + std::to_string(chance.below(4));
      member_ids ids;
      for (auto n = chance.below(3) + 1; n > 0; --n)
        ids.push_back(chance.below(5) + 1);
      switch (chance.below(12)) {
        case 0:
        case 1:
        case 2: REQUIRE(nodes[i]->core.join(group, ids).ok()); break;
        case 3:
        case 4: (void)nodes[i]->core.leave(group, ids); break;
        case 5: nodes[i]->core.member_ended(ids[0]); break;
        case 6: link(chance.below(3) != 0); break;
        case 7: nodes[i]->is_full = !nodes[i]->is_full; break;
        case 8:
          if (chance.below(4) == 0 && is_linked) {  // The scope is restarted.
            nodes[i]->is_full = false;
            nodes[i]->core.goodbye();
            auto unsaid = nodes[i]->sent;
            nodes[i] = begin(names[i]);
            folded[i].clear();
            nodes[i]->sent = std::move(unsaid);
            nodes[i]->core.node_up(a_peer(names[1 - i], connections));
          }
          break;
        default:
          nodes[i]->flush();
          deliver(i, false);
          break;
      }
      fold(0);
      fold(1);
    }
    link(true);
    // Whatever was lost is noticed with the next change at the latest.
    for (auto& n : nodes)
      REQUIRE(n->core.join("last", {9}).ok());
    settle();
    for (auto& n : nodes)
      REQUIRE(n->core.join("last", {8}).ok());
    settle();
    fold(0);
    fold(1);
    CHECK_MESSAGE(folded[0] == folded[1], "seed " << seed);
  }
}

TEST_CASE("whatever octets a peer sends, the scope says no or takes it, and goes on") {
  bench a{"a@sim"};
  REQUIRE(a.core.join("own", {1}).ok());
  a.core.node_up(a_peer("b@sim"));
  seeded_random chance{11};
  const wire_group_message all[] = {wire_discover{9}, wire_sync{9, 1, true, "", "m", {{"g", {1, 2}}}},
                                    wire_update{9, 2, false, {{"g", {1}}}}, wire_goodbye{9}};
  for (int i = 0; i < 50'000; ++i) {
    auto octets = encode_group_message(all[chance.below(4)]);
    for (auto n = chance.below(4); n > 0; --n)
      octets[chance.below(octets.size())] = static_cast<char>(chance.below(256));
    if (chance.below(10) == 0)
      octets.resize(chance.below(octets.size() + 1));
    if (auto m = decode_group_message(octets))
      a.core.receive(b_identity, *m);
    a.flush();
    a.sent.clear();
    a.changes.clear();
  }
  CHECK(a.table->local_members("own").size() == 1);
  a.core.node_down(a_peer("b@sim"));
  CHECK(a.table->told().size() == 1);
}

TEST_CASE("monitors of a group and of the scope are told in the order they were added, until they are removed") {
  group_monitors m;
  pid one{a_node("a@sim"), 1};
  pid two{a_node("a@sim"), 2};
  auto first = m.add(one, "g");
  auto second = m.add(two, std::nullopt);
  auto third = m.add(one, "g");
  auto told = [&](const std::string& group) {
    std::vector<std::uint64_t> refs;
    m.for_each_of(group, [&](std::uint64_t ref, const pid&) { refs.push_back(ref); });
    return refs;
  };
  CHECK(told("g") == std::vector{first, second, third});
  CHECK(told("h") == std::vector{second});
  CHECK(m.remove(first));
  CHECK_FALSE(m.remove(first));
  CHECK(m.has(one));
  m.remove_all_of(one);
  CHECK_FALSE(m.has(one));
  CHECK(told("g") == std::vector{second});
  CHECK(m.owner_of(second) == two);
  CHECK(m.remove(second));
  CHECK(m.size() == 0);
}
