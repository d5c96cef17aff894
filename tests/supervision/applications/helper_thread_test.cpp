#include "supervision/helper_thread.hpp"

#include <doctest/doctest.h>

#include <future>
#include <vector>

using namespace beamline::supervision;
using namespace std::chrono_literals;

TEST_CASE("a helper thread runs what it is given in order, on one thread of its own") {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  helper_thread t;
  for (int i = 0; i < 1000; ++i)
    t.run([&, i] {
      order.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  CHECK(t.await_idle(10s));
  REQUIRE(order.size() == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(std::count(threads.begin(), threads.end(), threads.front()) == 1000);
  CHECK(threads.front() != std::this_thread::get_id());
}

TEST_CASE("a helper thread that hangs is told from one that is done") {
  std::promise<void> open;
  helper_thread t;
  CHECK(t.await_idle(0s));
  t.run([&] { open.get_future().wait(); });
  CHECK_FALSE(t.await_idle(10ms));
  open.set_value();
  CHECK(t.await_idle(10s));
}

TEST_CASE("a helper thread does what is queued before it goes, and destroys what its jobs held") {
  auto held = std::make_shared<int>(1);
  int ran = 0;
  {
    helper_thread t;
    for (int i = 0; i < 10; ++i)
      t.run([held, &ran] { ++ran; });
  }
  CHECK(ran == 10);
  CHECK(held.use_count() == 1);
  helper_thread unused;
}

TEST_CASE("a helper thread that was ended runs nothing more") {
  int ran = 0;
  helper_thread t;
  t.run([&] { ++ran; });
  t.end();
  t.end();
  t.run([&] { ++ran; });
  CHECK(t.await_idle(0s));
  CHECK(ran == 1);
}
