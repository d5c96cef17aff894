#include "net/tcp/net_thread.hpp"

#include "base/time.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using namespace beamline;

TEST_CASE("what is posted runs on the net thread, in order, whoever posts") {
  net::net_thread loop;
  auto seen = std::vector<int>{};
  auto is_there = true;
  for (auto i = 0; i < 1000; ++i)
    loop.post([&, i] {
      seen.push_back(i);
      is_there = is_there && loop.is_here();
    });
  loop.run([] {});
  CHECK(seen.size() == 1000);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(is_there);
  CHECK_FALSE(loop.is_here());
}

TEST_CASE("an event that posts lets others run first") {
  net::net_thread loop;
  auto seen = std::vector<std::string>{};
  loop.run([&] {
    loop.post([&] {
      seen.emplace_back("first");
      loop.post([&] { seen.emplace_back("third"); });
    });
    loop.post([&] { seen.emplace_back("second"); });
  });
  loop.run([] {});
  loop.run([] {});
  CHECK(seen == std::vector<std::string>{"first", "second", "third"});
}

TEST_CASE("stop runs what was posted before it, and what comes later is destroyed unrun") {
  net::net_thread loop;
  std::atomic<int> ran{0};
  for (auto i = 0; i < 100; ++i)
    loop.post([&] { ++ran; });
  loop.stop();
  CHECK(ran == 100);
  auto held = std::make_shared<int>(1);
  loop.post([&ran, held] { ++ran; });
  CHECK(held.use_count() == 1);
  CHECK(ran == 100);
  loop.stop();
  auto here = std::thread::id{};
  loop.run([&] { here = std::this_thread::get_id(); });
  CHECK(here == std::this_thread::get_id());
}

TEST_CASE("many threads may post at once, and nothing is lost") {
  net::net_thread loop;
  auto count = 0;
  {
    auto threads = std::vector<std::jthread>{};
    for (auto t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (auto i = 0; i < 10'000; ++i)
          loop.post([&] { ++count; });
      });
  }
  loop.run([] {});
  CHECK(count == 40'000);
}
