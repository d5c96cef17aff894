#include "support.hpp"

#include <optional>

using namespace beamline;
using namespace beamline::supervision;

namespace {

/// Holds its guard until it is told to give it back.
struct holder {
  std::optional<lock_guard> guard;
};

/// Lets `p` ask for the lock, keep it in `to`, and note that.
void take(house& h, const pid& p, const std::string& key, holder& to, std::vector<std::string>& order,
          const std::string& name) {
  h.in(p, [&, key, name](process& me) {
    CHECK(h.reg.lock(key, me, [&to, &order, name](lock_guard g) {
      order.push_back(name);
      to.guard = std::move(g);
    }));
  });
}

std::size_t locks(const house& h) {
  std::size_t all = 0;
  for (const auto& p : h.reg.partitions())
    all += p.locks;
  return all;
}

}  // namespace

TEST_CASE("L01 locks of different keys are held side by side") {
  auto count = one_or_eight();
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(count)};
    holder a, b;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    take(h, p, "a", a, order, "p");
    take(h, q, "b", b, order, "q");
    w.run();
    CHECK(a.guard);
    CHECK(b.guard);
    CHECK(locks(h) == 2);
  });
}

TEST_CASE("L02 a lock is held by one, and passed on in the order it was asked for") {
  auto count = one_or_eight();
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(count)};
    holder a, b, c;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    auto r = h.spawn_member();
    take(h, p, "key", a, order, "p");
    take(h, q, "key", b, order, "q");
    take(h, r, "key", c, order, "r");
    w.run();
    CHECK(order == std::vector<std::string>{"p"});
    a.guard.reset();
    w.run();
    CHECK(order == std::vector<std::string>{"p", "q"});
    auto copy = *b.guard;
    b.guard.reset();
    w.run();
    CHECK(order.size() == 2);  // The copy holds it.
    copy.release();
    w.run();
    CHECK(order == std::vector<std::string>{"p", "q", "r"});
    c.guard.reset();
    w.run();
    CHECK(locks(h) == 0);
    CHECK(h.owners() == 0);
  });
}

TEST_CASE("a lock whose guard is not kept is given back when its function returns") {
  world w;
  house h{w, unique_options(1)};
  auto p = h.spawn_member();
  std::vector<int> order;
  h.in(p, [&](process& me) {
    for (int i = 0; i < 3; ++i)
      CHECK(h.reg.lock("key", me, [&order, i](const lock_guard&) { order.push_back(i); }));
  });
  w.run();
  CHECK(order == std::vector<int>{0, 1, 2});
  CHECK(locks(h) == 0);
}

TEST_CASE("L03 a holder that throws passes its lock on") {
  auto count = one_or_eight();
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(count)};
    holder b;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    h.in(p, [&](process& me) {
      CHECK(h.reg.lock("key", me, [&](const lock_guard&) {
        order.push_back("p");
        throw std::runtime_error{"oops"};
      }));
    });
    take(h, q, "key", b, order, "q");
    w.run();
    CHECK_FALSE(h.n.is_alive(p));
    CHECK(order == std::vector<std::string>{"p", "q"});
    CHECK(h.owners() == 1);
  });
}

TEST_CASE("a holder that is killed passes its lock on, also when its guard lives on") {
  auto count = one_or_eight();
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(count)};
    holder a, b;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    take(h, p, "key", a, order, "p");
    take(h, q, "key", b, order, "q");
    w.run();
    h.n.kill(p);
    w.run();
    CHECK(order == std::vector<std::string>{"p", "q"});
    a.guard.reset();  // Too late to mean anything.
    w.run();
    CHECK(b.guard);
    CHECK(locks(h) == 1);
  });
}

TEST_CASE("L04 waiters that have ended are passed over") {
  auto count = one_or_eight();
  for_each_seed(50, [&](world& w) {
    house h{w, unique_options(count)};
    holder a, b, c;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    auto r = h.spawn_member();
    take(h, p, "key", a, order, "p");
    take(h, q, "key", b, order, "q");
    take(h, r, "key", c, order, "r");
    h.n.kill(q);
    if (w.seed() % 2 == 0)
      w.run();  // Cleaned up, or not yet.
    REQUIRE(w.run_until([&] { return !h.n.is_alive(q) && a.guard.has_value(); }));
    a.guard.reset();
    w.run();
    CHECK(order == std::vector<std::string>{"p", "r"});
    CHECK(locks(h) == 1);
  });
}

TEST_CASE("ten thousand waiters that died at once are passed over without trouble") {
  world w;
  house h{w, unique_options(1)};
  holder a, last;
  std::vector<std::string> order;
  auto p = h.spawn_member();
  take(h, p, "key", a, order, "p");
  w.run();
  std::vector<pid> waiters;
  for (int i = 0; i < 200; ++i)
    waiters.push_back(h.spawn_member());
  for (const auto& q : waiters)
    h.n.cast(q, perform{[&](process& me) {
               for (int i = 0; i < 50; ++i)
                 CHECK(h.reg.lock("key", me, [](const lock_guard&) { FAIL("it is dead"); }));
             }});
  w.run();
  auto r = h.spawn_member();
  take(h, r, "key", last, order, "r");
  CHECK(locks(h) == 10'002);
  for (const auto& q : waiters)
    h.n.kill(q);
  REQUIRE(w.run_until(
      [&] { return std::none_of(waiters.begin(), waiters.end(), [&](const pid& q) { return h.n.is_alive(q); }); }));
  a.guard.reset();
  w.run();
  CHECK(order == std::vector<std::string>{"p", "r"});
  CHECK(locks(h) == 1);
}

TEST_CASE("more locks than a partition may have are refused") {
  world w;
  auto options = unique_options(1);
  options.locks_max = 2;
  house h{w, options};
  holder a, b;
  std::vector<std::string> order;
  auto p = h.spawn_member();
  take(h, p, "key", a, order, "p");
  take(h, p, "other", b, order, "p");
  h.in(p, [&](process& me) {
    auto done = h.reg.lock("third", me, [](const lock_guard&) {});
    REQUIRE_FALSE(done);
    CHECK(done.error().what == registration_error::kind::full);
  });
}

TEST_CASE("who holds or waits for a lock goes down with its partition, and the lock is free again") {
  for_each_seed(20, [&](world& w) {
    house h{w, unique_options(1)};
    holder a, b, c;
    std::vector<std::string> order;
    auto p = h.spawn_member();
    auto q = h.spawn_member();
    auto r = h.spawn_member();
    take(h, p, "key", a, order, "p");
    take(h, q, "key", b, order, "q");
    w.run();
    h.n.kill(h.reg.partitions()[0].process);
    w.run();
    CHECK_FALSE(h.n.is_alive(p));
    CHECK_FALSE(h.n.is_alive(q));
    take(h, r, "key", c, order, "r");
    w.run();
    CHECK(order == std::vector<std::string>{"p", "r"});
    a.guard.reset();
    CHECK(locks(h) == 1);
  });
}
