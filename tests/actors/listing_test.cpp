#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

TEST_CASE("a stale pid reaches nobody, even when its slot is used again") {
  world w;
  auto& n = w.start_node();
  std::set<pid> all;
  auto first = n.spawn<counter>();
  n.kill(first);
  w.run();
  for (int i = 0; i < 2000; ++i) {
    auto p = n.spawn<counter>();
    CHECK(all.insert(p).second);
    n.kill(p);
    w.run();
  }
  CHECK_FALSE(n.is_alive(first));
  n.cast(first, add{1});
  w.run();
  CHECK(n.processes().count() == 0);
}

TEST_CASE("children know their parent, and a list shows what a process does without asking it") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  pid child;
  in(w, n, parent, [&](subject& self) { child = self.spawn<counter>(); });
  n.cast(child, add{1});
  bool is_found = false;
  for (const auto& p : n.processes().list(w.now()))
    if (p.id == child.id()) {
      is_found = true;
      CHECK(p.parent == parent.id());
      CHECK(p.kind.find("counter") != std::string::npos);
      CHECK(p.depth == 1);
    }
  CHECK(is_found);
}

TEST_CASE("what reaches a dead process late is not counted for the next one in its slot") {
  world w;
  auto& n = w.start_node();
  auto first = n.spawn<counter>();
  auto handle = n.processes().find(first.id());
  n.kill(first);
  w.run();
  auto second = n.spawn<counter>();
  w.run();
  REQUIRE((first.id() & 0xffffff) == (second.id() & 0xffffff));
  handle->get()->enqueue(nullptr, caf::make_message_id(), share(add{1}), nullptr);
  CHECK(n.processes().info(second.id(), w.now())->depth == 0);
  handle = nullptr;
}

TEST_CASE("relations name the ancestors of a process, its links, its watchers and whom it watches") {
  world w;
  auto& n = w.start_node();
  auto top = n.spawn<subject>();
  auto other = n.spawn<subject>();
  pid middle, leaf;
  in(w, n, top, [&](subject& self) { middle = self.spawn<subject>(); });
  in(w, n, middle, [&](subject& self) { leaf = self.spawn<subject>(); });
  in(w, n, leaf, [&](subject& self) {
    self.link(other);
    self.watch(top, [](const reason&) {});
    self.watch(other, [](const reason&) {});
  });
  in(w, n, other, [&](subject& self) {
    auto given_up = self.watch(leaf, [](const reason&) {});
    self.watch(leaf, [](const reason&) {});
    self.unwatch(given_up);
  });
  auto r = n.processes().relations(leaf.id());
  CHECK(r.ancestors == std::vector{middle.id(), top.id()});
  CHECK(r.links == std::vector{other.id()});
  CHECK(r.watched_by == std::vector{other.id()});
  CHECK(r.watches == std::vector{top.id(), other.id()});
  CHECK(n.processes().relations(other.id()).links == std::vector{leaf.id()});
  auto info = n.processes().info(leaf.id(), w.now());
  REQUIRE(info.has_value());
  CHECK(info->links == 1);
  CHECK(info->watchers == 1);
  CHECK(info->pending == 2);

  n.kill(leaf);
  w.run();
  CHECK(n.processes().relations(leaf.id()).ancestors.empty());
  CHECK(n.processes().relations(other.id()).links.empty());
  CHECK(n.processes().relations(top.id()).watched_by.empty());
  CHECK_FALSE(n.processes().info(leaf.id(), w.now()).has_value());
}

TEST_CASE("info of a process says what it was born with, what it waits for and what it handled last") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  auto silent = n.spawn<counter>();
  pid child;
  in(w, n, parent, [&](subject& self) {
    child = self.spawn_as<subject>(birth{.name = "worker", .label = "the worker", .incarnation = 3, .position = 5});
  });
  in(w, n, child, [&](subject& self) {
    self.trap_exits([](const exit_signal&) {});
    self.call<long>(silent, get_later{}, 1h).then([](long) {}, [](const call_error&) {});
  });
  auto info = n.processes().info(child.id(), w.now());
  REQUIRE(info.has_value());
  CHECK(info->name == "worker");
  CHECK(info->label == "the worker");
  CHECK(info->incarnation == 3);
  CHECK(info->position == 5);
  CHECK(info->parent == parent.id());
  CHECK(info->state == process_state::waiting);
  CHECK(info->calls == 1);
  CHECK(info->traps_exits);
  CHECK(info->current.empty());
  CHECK(info->last.find("perform") != std::string::npos);
  CHECK(info->age > duration::zero());
  CHECK(info->memory_bytes > sizeof(subject));
}
