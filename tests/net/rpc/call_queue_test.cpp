#include "net/rpc/call_queue.hpp"

#include "net/rpc/time_limit.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using answer = call_queue::answer;

TEST_CASE("as many calls run as may, as many wait, in order, and the rest is refused") {
  call_queue q{{.running_max = 2, .waiting_max = 2}};
  auto now = time_point{};
  CHECK(q.offer(1, time_point::max()) == answer::run);
  CHECK(q.offer(2, time_point::max()) == answer::run);
  CHECK(q.offer(3, time_point::max()) == answer::wait);
  CHECK(q.offer(4, time_point::max()) == answer::wait);
  CHECK(q.offer(5, time_point::max()) == answer::refused);
  CHECK(q.running() == 2);
  CHECK(q.waiting() == 2);
  CHECK(q.finished(now).next == 3);
  CHECK(q.offer(6, time_point::max()) == answer::wait);
  CHECK(q.finished(now).next == 4);
  CHECK(q.finished(now).next == 6);
  CHECK(q.finished(now).next == 0);
  CHECK(q.finished(now).next == 0);
  CHECK(q.running() == 0);
}

TEST_CASE("what has waited beyond its deadline is passed over and told apart") {
  call_queue q{{.running_max = 1, .waiting_max = 10}};
  auto begin = time_point{} + 10s;
  CHECK(q.offer(1, begin + 1s) == answer::run);
  CHECK(q.offer(2, begin + 1s) == answer::wait);
  CHECK(q.offer(3, begin + 2s) == answer::wait);
  CHECK(q.offer(4, begin + 5s) == answer::wait);
  auto turn = q.finished(begin + 2s);
  CHECK(turn.expired == std::vector<std::uint64_t>{2, 3});
  CHECK(turn.next == 4);
  CHECK(q.running() == 1);
  CHECK(q.waiting() == 0);
}

TEST_CASE("what is withdrawn while it waits never has its turn, what runs goes on") {
  call_queue q{{.running_max = 1, .waiting_max = 2}};
  CHECK(q.offer(1, time_point::max()) == answer::run);
  CHECK(q.offer(2, time_point::max()) == answer::wait);
  CHECK(q.offer(3, time_point::max()) == answer::wait);
  CHECK_FALSE(q.withdraw(1));
  CHECK(q.withdraw(2));
  CHECK_FALSE(q.withdraw(2));
  CHECK(q.offer(4, time_point::max()) == answer::wait);  // There is room for it now.
  CHECK(q.finished({}).next == 3);
  CHECK(q.finished({}).next == 4);
}

TEST_CASE("time limits are 0 to 2^32 - 1 ms, infinite, or a point in time; nothing else") {
  auto now = time_point{} + 1h;
  auto ms = [](std::int64_t n) { return std::chrono::milliseconds{n}; };
  CHECK(*time_limit{ms(0)}.from(now) == 0ms);
  CHECK(*time_limit{ms(0xffff'ffff)}.from(now) == ms(0xffff'ffff));
  CHECK(time_limit{ms(0x1'0000'0000)}.from(now).error().code == errc::invalid);
  CHECK(time_limit{ms(-1)}.from(now).error().code == errc::invalid);
  CHECK_FALSE(time_limit{std::chrono::hours{24L * 365 * 400}}.from(now).ok());
  CHECK(*time_limit::infinity().from(now) == duration::max());
  CHECK(*time_limit::until(now + 3s).from(now) == 3s);
  CHECK(*time_limit::until(now - 3s).from(now) == 0s);
  CHECK_FALSE(time_limit::until(now + ms(0x1'0000'0000)).from(now).ok());
}
