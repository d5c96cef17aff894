#include "base/json.hpp"
#include "supervision/tree.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace beamline;
using namespace beamline::supervision;

namespace {

constexpr std::uint64_t id_of(std::uint64_t slot) { return (std::uint64_t{1} << 24) | slot; }

process_info make(std::uint64_t slot, std::uint64_t parent, std::string label, std::uint64_t position = 0) {
  process_info p;
  p.id = id_of(slot);
  p.parent = parent == 0 ? 0 : id_of(parent);
  p.born = slot;
  p.label = std::move(label);
  p.kind = "beamline::app::" + (p.label.empty() ? std::string{"thing"} : p.label);
  p.position = position;
  p.state = process_state::idle;
  p.age = 41s;
  return p;
}

supervisor_board::snapshot board(std::uint64_t slot, std::size_t used = 0) {
  supervisor_board::snapshot s;
  s.supervisor = pid{std::make_shared<const node_identity>(node_identity{"one@sim", 1}), id_of(slot)};
  s.restarts_in_period = used;
  return s;
}

std::string labels(const tree_node& n) {
  std::string out;
  for (const auto& c : n.children)
    out += (out.empty() ? "" : " ") + c.facts.label + (c.children.empty() ? "" : "(" + labels(c) + ")");
  if (n.children_left_out > 0)
    out += " +" + std::to_string(n.children_left_out);
  return out;
}

}  // namespace

TEST_CASE("children stand under their parents, in start order, whatever the order of the list") {
  std::vector<process_info> list{make(1, 0, "top"),   make(2, 1, "b", 2),  make(3, 1, "a", 1),
                                 make(4, 2, "b1", 1), make(5, 2, "b2", 2), make(6, 0, "other")};
  std::minstd_rand random{7};
  for (int i = 0; i < 20; ++i) {
    std::shuffle(list.begin(), list.end(), random);
    auto t = build_tree("one@sim", list, {});
    CHECK(t.what == tree_node::role::node);
    CHECK(labels(t) == "top(a b(b1 b2)) other");
    CHECK(t.processes == 6);
  }
}

TEST_CASE("a tree may begin at any process") {
  std::vector<process_info> list{make(1, 0, "top"), make(2, 1, "b"), make(3, 2, "b1")};
  auto t = build_tree("one@sim", list, {}, {.root = id_of(2)});
  CHECK(t.facts.label == "b");
  CHECK(labels(t) == "b1");
  CHECK(t.gone_parent == 0);
  auto nobody = build_tree("one@sim", list, {}, {.root = id_of(99)});
  CHECK(nobody.children.empty());
}

TEST_CASE("whose parent has ended stands at the top and says so") {
  auto t = build_tree("one@sim", {make(3, 2, "orphan")}, {});
  REQUIRE(t.children.size() == 1);
  CHECK(t.children[0].gone_parent == id_of(2));
  CHECK(tree_text(t).find("its parent <2.1> has ended") != std::string::npos);
}

TEST_CASE("slots without a process stand in their place") {
  auto b = board(1);
  b.empty_slots = {
      {.id = "stock", .kind = "app::stock", .state = slot_state::stopped, .incarnation = 1, .position = 2}};
  auto t = build_tree("one@sim", {make(1, 0, "shop"), make(2, 1, "cart", 1), make(3, 1, "till", 3)}, {b});
  CHECK(labels(t) == "shop(cart stock till)");
  CHECK(t.children[0].children[1].what == tree_node::role::slot);
  SUBCASE("a slot that got a process meanwhile is shown once") {
    auto again = build_tree("one@sim", {make(1, 0, "shop"), make(2, 1, "cart", 1), make(5, 1, "stock", 2)}, {b});
    CHECK(labels(again) == "shop(cart stock)");
    CHECK(again.children[0].children[1].what == tree_node::role::process);
  }
  SUBCASE("a board whose supervisor has ended is left out") {
    CHECK(labels(build_tree("one@sim", {make(2, 0, "cart")}, {b})) == "cart");
  }
}

TEST_CASE("a zombie stands before its successor, and keeps the empty slot beside it") {
  auto z = make(2, 1, "cart", 1);
  z.state = process_state::zombie;
  auto t = build_tree("one@sim", {make(1, 0, "shop"), z, make(3, 1, "cart", 1)}, {board(1)});
  REQUIRE(t.children[0].children.size() == 2);
  CHECK(t.children[0].children[0].facts.state == process_state::zombie);
  CHECK(t.zombies == 1);
  auto b = board(1);
  b.empty_slots = {
      {.id = "cart", .kind = "app::cart", .state = slot_state::restarting, .incarnation = 2, .position = 1}};
  CHECK(labels(build_tree("one@sim", {make(1, 0, "shop"), z}, {b})) == "shop(cart cart)");
}

TEST_CASE("many children are cut, those in trouble are not") {
  std::vector<process_info> list{make(1, 0, "pool")};
  for (std::uint64_t i = 0; i < 10'000; ++i)
    list.push_back(make(2 + i, 1, "w" + std::to_string(i), i));
  list[5'001].current = "app::query";
  list[5'001].current_age = 12'300ms;
  list[9'001].depth = 5'000;
  auto t = build_tree("one@sim", list, {}, {.children_shown_max = 4});
  CHECK(labels(t) == "pool(w0 w1 w5000 w9000 +9996)");
  CHECK(t.children[0].left_out == 9'996);
  CHECK(t.children[0].left_out_in_trouble == 0);
  CHECK(tree_text(t).find("... 9,996 more\n") != std::string::npos);
  SUBCASE("more in trouble than may be shown are counted") {
    auto few = build_tree("one@sim", list, {}, {.children_shown_max = 1});
    CHECK(labels(few) == "pool(w5000 +9999)");
    CHECK(few.children[0].left_out_in_trouble == 1);
    CHECK(tree_text(few).find("... 9,999 more, 1 in trouble") != std::string::npos);
  }
}

TEST_CASE("trouble deep below keeps the way to it in sight") {
  std::vector<process_info> list{make(1, 0, "pool")};
  for (std::uint64_t i = 0; i < 100; ++i)
    list.push_back(make(2 + i, 1, "s" + std::to_string(i), i));
  list.push_back(make(500, 91, "deep"));
  list.back().current = "app::query";
  list.back().current_age = 2s;
  CHECK(labels(build_tree("one@sim", list, {}, {.children_shown_max = 2})) == "pool(s0 s89(deep) +98)");
}

TEST_CASE("depth and size are bounded, and what is left out is counted") {
  std::vector<process_info> chain;
  for (std::uint64_t i = 1; i <= 1'000; ++i)
    chain.push_back(make(i, i - 1, "p" + std::to_string(i)));
  auto t = build_tree("one@sim", chain, {}, {.depth_max = 3});
  CHECK(labels(t) == "p1(p2(p3))");
  const auto& last = t.children[0].children[0].children[0];
  CHECK(last.children_left_out == 1);
  CHECK(last.left_out == 997);
  CHECK(tree_text(t).find("... 1 more with 996 below") != std::string::npos);

  std::vector<process_info> wide;
  for (std::uint64_t i = 1; i <= 100; ++i)
    wide.push_back(make(i, 0, "p"));
  auto w = build_tree("one@sim", wide, {}, {.children_shown_max = 1'000, .nodes_max = 10});
  CHECK(w.children.size() == 10);
  CHECK(w.children_left_out == 90);
}

TEST_CASE("a tree is read by people") {
  auto b = board(1, 2);
  b.flags = {.strategy = strategy::one_for_one, .intensity = 3, .period = 5s};
  b.empty_slots = {
      {.id = "stock", .kind = "app::stock", .state = slot_state::restarting, .incarnation = 3, .position = 2}};
  auto cart = make(2, 1, "cart", 1);
  cart.state = process_state::running;
  cart.current = "beamline::app::query";
  cart.current_age = 12'300ms;
  cart.incarnation = 2;
  cart.depth = 1'234;
  auto till = make(3, 1, "till", 3);
  till.state = process_state::zombie;
  till.current = "beamline::app::pay";
  till.current_age = 65s;
  till.zombie_for = 4s;
  auto text = tree_text(build_tree("one@sim", {make(1, 0, "shop"), cart, till, make(4, 3, "")}, {b}));
  CHECK(text == R"(one@sim: 4 processes, 1 zombie
└─ shop              <1.1>  app::shop   idle        mailbox 0      life 1  age 41s     one_for_one 2/3 in 5s (half used)
   ├─ cart           <2.1>  app::cart   running     mailbox 1,234  life 2  age 41s     in app::query for 12.3s
   ├─ stock          -      app::stock  restarting                 life 3
   └─ till           <3.1>  app::till   ZOMBIE      mailbox 0      life 1  age 41s     in app::pay for 1m05s, killed 4s ago
      └─ app::thing  <4.1>  app::thing  idle        mailbox 0      life 1  age 41s
)");
}

TEST_CASE("names of foreign origin cannot break the picture") {
  auto evil = make(1, 0, "a\n\x1b[2Jb");
  auto text = tree_text(build_tree("one@sim", {evil, make(2, 0, std::string(5'000, 'x'))}, {}));
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 600);
}

TEST_CASE("the tree as JSON holds the same") {
  auto b = board(1, 1);
  b.flags = {.strategy = strategy::rest_for_one, .intensity = 1, .period = 5s};
  b.empty_slots = {
      {.id = "stock", .kind = "app::stock", .state = slot_state::stopped, .incarnation = 3, .position = 2}};
  auto j = tree_json(build_tree("one@sim", {make(1, 0, "shop"), make(2, 1, "cart", 1), make(3, 1, "x", 3)}, {b},
                                {.children_shown_max = 2}));
  CHECK(j["node"] == "one@sim");
  CHECK(j["processes"] == 3);
  const auto& shop = j["children"][0];
  CHECK(shop["pid"] == "<1.1>");
  CHECK(shop["supervisor"]["strategy"] == "rest_for_one");
  CHECK(shop["supervisor"]["restarts_in_period"] == 1);
  CHECK(shop["supervisor"]["is_budget_half_used"] == true);
  CHECK(shop["is_in_trouble"] == true);
  CHECK(shop["children"][0]["label"] == "cart");
  CHECK(shop["children"][0]["age_ms"] == 41'000.0);
  CHECK(shop["children"][1]["is_slot"] == true);
  CHECK(shop["children"][1]["state"] == "stopped");
  CHECK(shop["left_out"]["children"] == 1);
}

TEST_CASE("a budget is half used before it is gone") {
  supervisor_facts s{.intensity = 3, .period = 5s};
  CHECK_FALSE(s.is_budget_half_used());
  s.restarts_in_period = 1;
  CHECK_FALSE(s.is_budget_half_used());
  s.restarts_in_period = 2;
  CHECK(s.is_budget_half_used());
  s = {.intensity = 0, .period = 5s};
  CHECK_FALSE(s.is_budget_half_used());
  s.is_stopping = true;
  s.zombies = 1;
  CHECK(facts_text(s) == "one_for_one 0/0 in 5s, 1 zombie, stopping");
}

TEST_CASE("a hundred thousand processes make a tree") {
  std::vector<process_info> list{make(1, 0, "pool")};
  for (std::uint64_t i = 0; i < 100'000; ++i)
    list.push_back(make(2 + i, 1 + i / 10, "w", i));
  auto t = build_tree("one@sim", std::move(list), {});
  CHECK(t.processes == 100'001);
  CHECK(tree_text(t).size() < 2'000'000);
}
