// The process table by itself, without a scheduler: what the thread sanitizer can look at.

#include "actors/process_table.hpp"

#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

using namespace beamline;

namespace {

node_identity_ptr here() { return std::make_shared<const node_identity>(node_identity{"a@b", 1}); }

/// Takes messages and counts what it is told.
class listener final : public caf::monitorable_actor {
public:
  explicit listener(caf::actor_config& c) : caf::monitorable_actor{c} {}
  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit*) override {
    ++messages;
    if (m->content().match_elements<down_signal>())
      ++downs;
    else if (m->content().match_elements<exit_signal>() && m->content().get_as<exit_signal>(0).is_link)
      ++exits;
  }

  process_stats stats;
  std::atomic<int> messages{0}, downs{0}, exits{0};
};

/// A process as the table sees it.
struct member {
  explicit member(process_table& table) : id{table.reserve()} {
    caf::actor_config c;
    handle =
        caf::actor_cast<caf::strong_actor_ptr>(caf::make_actor<listener, caf::actor>(1, caf::node_id{}, nullptr, c));
    table.publish(id, handle, get().stats);
  }
  listener& get() const { return *static_cast<listener*>(handle->get()); }

  std::uint64_t id;
  caf::strong_actor_ptr handle;
};

}  // namespace

TEST_CASE("a node refuses more processes than it may have") {
  process_table table{here(), 2};
  auto a = table.reserve();
  (void)table.reserve();
  CHECK_THROWS_AS((void)table.reserve(), process_limit_reached);
  table.retire(a, reason::normal());
  CHECK_NOTHROW((void)table.reserve());
}

TEST_CASE("whoever finds a process gone can take its name, on any thread") {
  process_table table{here(), 100};
  constexpr int rounds = 10'000;
  std::atomic<std::uint64_t> owner{0};
  auto successor = table.reserve();  // Before the thread starts, for the reason given below.
  std::thread ending{[&] {
    for (int i = 0; i < rounds; ++i) {
      auto id = table.reserve();
      (void)table.register_name(id, "worker");
      owner = id;
      table.retire(id, reason::normal());
      while (owner != 0)
        std::this_thread::yield();
    }
  }};
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    std::uint64_t id = 0;
    while ((id = owner) == 0)
      std::this_thread::yield();
    while (!table.exit_reason(id))
      std::this_thread::yield();
    refused += table.register_name(successor, "worker").ok() ? 0 : 1;
    table.retire(successor, reason::normal());
    successor = table.reserve();  // Before the other goes on: it must not get a slot that is still looked at.
    owner = 0;
  }
  table.retire(successor, reason::normal());
  ending.join();
  CHECK(refused == 0);
  CHECK(table.whereis("worker") == 0);
  CHECK(table.count() == 0);
}

TEST_CASE("names, slots and watches stay right when several threads use few slots") {
  process_table table{here(), 8};
  std::array<std::atomic<std::uint64_t>, 4> latest{};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < latest.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20'000; ++i) {
        auto id = table.reserve();
        latest[t] = id;
        auto other = latest[(t + 1) % latest.size()].load();  // May be gone, its slot taken by anybody.
        auto ref = table.next_ref();
        table.watch(other, ref, id);
        bool is_named = table.register_name(id, "name" + std::to_string(i % 3)).ok();
        (void)table.register_name(other, "other");  // Races with its end.
        (void)table.list(time_point{});
        table.unwatch(other, ref);
        if (table.find(other) != nullptr)
          ++wrong;  // Nobody was published.
        if (is_named && table.whereis("name" + std::to_string(i % 3)) != id)
          ++wrong;
        table.retire(id, reason::normal());
        if (table.watch(id, ref, id) || table.register_name(id, "dead").ok())
          ++wrong;
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(wrong == 0);
  CHECK(table.count() == 0);
  CHECK(table.ids().empty());
  for (const auto* name : {"name0", "name1", "name2", "other", "dead"})
    CHECK(table.whereis(name) == 0);
}

TEST_CASE("each watch and each link is told once, whoever ends, fences and unlinks at the same time") {
  process_table table{here(), 100};
  constexpr int rounds = 1'000;
  int zombies = 0;
  for (int i = 0; i < rounds; ++i) {
    member target{table}, watcher{table}, peer{table};
    auto ref = table.next_ref();
    CHECK(table.watch(target.id, ref, watcher.id));
    CHECK(table.link(watcher.id, target.id));
    CHECK(table.register_name(target.id, "worker").ok());
    std::atomic<int> ready{0};
    std::atomic<bool> is_fenced{false}, is_linked{false};
    auto together = [&] {
      ++ready;
      while (ready < 3)
        std::this_thread::yield();
    };
    std::thread fencing{[&] {
      together();
      is_fenced = table.fence(target.id, time_point{});
    }};
    std::thread linking{[&] {
      together();
      is_linked = table.link(peer.id, target.id);
      table.unlink(target.id, watcher.id);
      (void)table.list(time_point{});
      (void)table.deliver(target.id, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, 1), nullptr);
    }};
    together();
    bool has_told = table.retire(target.id, reason::shutdown());
    fencing.join();
    linking.join();
    zombies += is_fenced ? 1 : 0;
    CHECK(has_told != is_fenced);
    CHECK(watcher.get().downs == 1);
    CHECK(watcher.get().exits <= 1);
    CHECK(peer.get().exits == (is_linked ? 1 : 0));
    CHECK(table.whereis("worker") == 0);
    CHECK((table.exit_reason(target.id) == (is_fenced ? reason::killed() : reason::shutdown())));
    CHECK_FALSE(table.info(target.id, time_point{}).has_value());
    table.retire(watcher.id, reason::normal());
    table.retire(peer.id, reason::normal());
    CHECK(table.count() == 0);
  }
  MESSAGE(zombies, " of ", rounds, " ends were zombies");
}

TEST_CASE("links made and cut by both sides at once are kept at both ends or at none") {
  process_table table{here(), 100};
  member a{table}, b{table};
  for (int i = 0; i < 1'000; ++i) {
    auto play = [&](std::uint64_t by, std::uint64_t with, int moves) {
      for (int m = 0; m < 4; ++m)
        (moves >> m & 1) != 0 ? (void)table.link(by, with) : table.unlink(by, with);
    };
    std::thread other{[&] { play(b.id, a.id, i / 16); }};
    play(a.id, b.id, i);
    other.join();
    bool is_whole = table.relations(a.id).links.size() == table.relations(b.id).links.size();
    CHECK(is_whole);
  }
  table.retire(a.id, reason::normal());
  table.retire(b.id, reason::normal());
  CHECK(table.count() == 0);
}

TEST_CASE("what is parked comes before what is sent later, and none is lost, with senders on all threads") {
  process_table table{here(), 100};
  auto& names = table.names();
  constexpr int senders = 3, each = 3'000;
  names.declare("worker", senders * each);
  std::atomic<bool> is_over{false};
  std::array<std::atomic<int>, senders> last{};  // Of each sender, the number that arrived last.
  std::atomic<int> wrong{0}, arrived{0};
  std::mutex arriving;  // Stands for the mailbox.
  auto take = [&](caf::mailbox_element& m) {
    std::lock_guard lock{arriving};
    auto [from, number] = m.content().get_as<std::pair<int, int>>(0);
    if (last[static_cast<std::size_t>(from)].exchange(number) != number - 1)
      ++wrong;
    ++arrived;
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < senders; ++t)
    threads.emplace_back([&, t] {
      for (int i = 1; i <= each; ++i) {
        auto m = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::pair{t, i});
        if (names.find_or_park("worker", m).what == name_table::fate::found)
          take(*m);
      }
    });
  std::thread owning{[&] {
    for (std::uint64_t id = 1; !is_over; ++id) {
      if (names.take("worker", id) != 0)
        ++wrong;
      std::this_thread::yield();
      names.open("worker", id, [&](caf::mailbox_element_ptr m) { take(*m); });
      std::this_thread::yield();
      names.release("worker", id);
    }
  }};
  for (auto& t : threads)
    t.join();
  is_over = true;
  owning.join();
  CHECK(names.take("worker", 1) == 0);
  names.open("worker", 1, [&](caf::mailbox_element_ptr m) { take(*m); });
  CHECK(wrong == 0);
  CHECK(arrived == senders * each);
}
