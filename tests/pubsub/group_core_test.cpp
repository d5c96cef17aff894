#include "pubsub/group_bench.hpp"
#include "pubsub/groups/group_monitors.hpp"
#include "pubsub/groups/limits.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::pubsub::groups;
using namespace beamline::pubsub::groups::test;

namespace {

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

TEST_CASE("what is said over a later link counts above what was still written for the one before") {
  bench a{"a@sim"}, b{"b@sim"};
  REQUIRE(a.core.join("g", {7}).ok());
  auto sync_over = [&](std::uint64_t connection) {
    a.core.node_up(a_peer("b@sim", connection));
    a.core.receive(b_identity, wire_discover{1});
    a.flush();
    auto syncs = a.take<wire_sync>();
    REQUIRE(syncs.size() == 1);
    return syncs[0];
  };
  auto late = sync_over(3);
  late.sequence += 4;  // The fifth, say, of that link.
  a.core.node_down(a_peer("b@sim", 3));
  REQUIRE(a.core.join("g", {8}).ok());
  auto current = sync_over(4);
  b.core.node_up(a_peer("a@sim", 1));
  b.core.receive({"a@sim", 1}, late);
  b.core.receive({"a@sim", 1}, current);
  CHECK(ids_of(b.table->members("g", {a_peer("a@sim", 1)})) == std::vector<std::uint64_t>{7, 8});
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
