// The data of a partition under several threads, without actors: the thread sanitizer understands all of it.
#include "supervision/registry/shard.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace beamline;
using namespace beamline::supervision;

namespace {

using shard = supervision::detail::shard<int, int>;
using entry = registry_entry<int, int>;

struct parts {
  node_identity_ptr node = std::make_shared<const node_identity>(node_identity{"threads@127.0.0.1", 1});
  process_table processes{node, 1000};
  std::shared_ptr<shard> data =
      std::make_shared<shard>(processes, registry_options{.name = "names", .entries_max = 1000, .locks_max = 1000});
  std::atomic<std::uint64_t> numbers{0};

  registration add(std::uint64_t owner, int key, int value) {
    return data->add(std::make_shared<const entry>(entry{key, pid{node, owner}, value, ++numbers}));
  }
};

}  // namespace

TEST_CASE("threads that add, remove, ask and clean up leave a partition whole") {
  parts p;
  auto server = p.processes.reserve();
  CHECK(p.data->open(server).empty());
  std::atomic<int> working{4};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        auto owner = p.processes.reserve();  // A short life.
        for (int key = 0; key < 4; ++key)
          if (p.add(owner, key, t) && key % 2 == 0) {
            shard::entries mine;
            p.data->read([&](const auto& table) { table.append_owned(key, owner, mine); });
            if (round % 3 == 0)
              p.data->remove(mine);
          }
        p.processes.retire(owner, reason::normal());
        p.data->forget(owner);
      }
      --working;
    });
  threads.emplace_back([&] {
    std::uint64_t seen = 0;
    while (working > 0) {
      for (int key = 0; key < 4; ++key)
        seen += p.data->first(key) ? 1 : 0;
      seen += p.data->info(p.node).owners + p.data->take_changes(16).size();
    }
    CHECK(seen < ~std::uint64_t{0});
  });
  for (auto& t : threads)
    t.join();
  auto left = p.data->info(p.node);
  CHECK(left.entries == 0);
  CHECK(left.owners == 0);
  auto last = p.processes.reserve();
  CHECK(p.add(last, 1, 1));
  CHECK(p.data->close(server) == std::vector<std::uint64_t>{last});
  CHECK_FALSE(p.add(last, 2, 2));
}

TEST_CASE("threads that queue up for locks and give up leave none behind") {
  parts p;
  auto server = p.processes.reserve();
  CHECK(p.data->open(server).empty());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        auto owner = p.processes.reserve();
        for (int key = 0; key < 3; ++key) {
          // Nobody is behind that id: the lock comes back at once, or when it is this one's turn.
          auto done = p.data->queue_up(
              key, {++p.numbers, owner, std::make_shared<std::function<void(lock_guard)>>([](const lock_guard&) {})});
          CHECK(done);
        }
        p.processes.retire(owner, reason::normal());
        p.data->forget(owner);
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(p.data->info(p.node).locks == 0);
  CHECK(p.data->info(p.node).owners == 0);
}
