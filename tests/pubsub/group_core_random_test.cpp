// A group_core under any sequence of events and any octets.

#include "base/random.hpp"
#include "pubsub/group_bench.hpp"
#include "pubsub/groups/limits.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::pubsub::groups;
using namespace beamline::pubsub::groups::test;

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
