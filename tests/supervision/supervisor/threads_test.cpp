#include "actors/real_node.hpp"
#include "supervision/events.hpp"
#include "supervision/supervisor.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <memory>

// On real threads: what virtual time cannot show.

namespace beamline::supervision {

namespace {

using subjects::real_node;

struct ping {};
struct die {};
struct spin {};

struct shared_state {
  std::atomic<bool> released{false};
  std::atomic<bool> is_spinning{false};
  std::atomic<int> zombies{0}, reaped{0}, lives{0}, most{0};
};

class worker final : public process {
public:
  worker(process_context& c, std::shared_ptr<shared_state> s) : process{c}, state_{std::move(s)} {
    auto lives = ++state_->lives;
    for (auto most = state_->most.load(); most < lives && !state_->most.compare_exchange_weak(most, lives);) {}
  }
  ~worker() override { --state_->lives; }
  behavior init() override {
    return handlers([](const ping&) { return 1; }, [](const die&) { throw std::runtime_error{"boom"}; },
                    [this](const spin&) {
                      state_->is_spinning = true;
                      while (!state_->released)
                        std::this_thread::yield();
                    });
  }

private:
  std::shared_ptr<shared_state> state_;
};

template <class R, class M>
R ask(real_node& r, const pid& to, M m) {
  return std::get<R>(r.n.call_sync<R>(to, std::move(m), 30s));
}

pid child_pid(real_node& r, const pid& sup) {
  auto a = ask<answer<child_info>>(r, sup, which_child{.id = "z"});
  REQUIRE(a.ok());
  return a->who;
}

}  // namespace

TEST_CASE("X42 a child that spins in a handler on a real thread becomes a zombie and is reaped when it returns") {
  real_node r;
  auto state = std::make_shared<shared_state>();
  auto handle = r.events.attach<supervisor_reported>([state](const supervisor_reported& e) {
    if (e.what == report::kind::zombie)
      ++state->zombies;
    if (e.what == report::kind::zombie_reaped)
      ++state->reaped;
  });
  auto spec =
      child<worker>("z", state)
          .with({.shutdown = duration{20ms}, .name = "z", .kill_grace = duration{20ms}, .has_own_thread = true});
  auto sup = r.n.spawn<supervisor>(supervisor_spec{.flags = {}, .children = {spec}});
  REQUIRE(r.n.await_init(sup, 30s));
  auto z = child_pid(r, sup);
  r.n.cast(z, spin{});
  REQUIRE(r.wait_until([&] { return state->is_spinning.load(); }));

  CHECK(ask<change_answer>(r, sup, terminate_child{.id = "z"}).ok());
  CHECK(state->zombies == 1);
  CHECK(ask<zombie_list>(r, sup, which_zombies{}).size() == 1);
  CHECK_FALSE(r.n.whereis("z"));
  CHECK(ask<start_answer>(r, sup, restart_child{"z"}).ok());
  CHECK(ask<int>(r, r.n.whereis("z"), ping{}) == 1);

  state->released = true;
  CHECK(r.wait_until([&] { return state->reaped == 1; }));
  CHECK(ask<zombie_list>(r, sup, which_zombies{}).empty());
  CHECK(r.n.shutdown(30s).is_clean());
}

TEST_CASE("a child that crashes again and again never overlaps with its successor, and all is counted") {
  real_node r;
  auto state = std::make_shared<shared_state>();
  auto flags = supervisor_flags{.intensity = 100'000, .period = std::chrono::hours{1}};
  auto sup = r.n.spawn<supervisor>(supervisor_spec{.flags = flags, .children = {child<worker>("z", state)}});
  REQUIRE(r.n.await_init(sup, 30s));
  for (int i = 0; i < 300; ++i) {
    auto z = child_pid(r, sup);
    r.n.cast(z, die{});
    REQUIRE(r.wait_until([&] {
      auto a = ask<answer<child_info>>(r, sup, which_child{.id = "z"});
      return a->state == slot_state::running && a->who != z;
    }));
  }
  CHECK(state->most == 1);
  CHECK(ask<supervisor_status>(r, sup, get_status{}).restarts == 300);
  CHECK(r.n.shutdown(30s).is_clean());
  CHECK(state->lives == 0);
}

TEST_CASE("10,000 children start and stop in order on real threads") {
  real_node r;
  auto state = std::make_shared<shared_state>();
  std::vector<child_spec> many;
  for (int i = 0; i < 10'000; ++i)
    many.push_back(child<worker>("child_" + std::to_string(i), state));
  auto sup = r.n.spawn<supervisor>(supervisor_spec{.flags = {}, .children = std::move(many)});
  // Queries are answered while it starts.
  REQUIRE(r.wait_until([&] { return ask<child_counts>(r, sup, count_children{}).active == 10'000; }));
  CHECK(state->lives == 10'000);
  CHECK_FALSE(r.n.stop_sync(sup, reason::shutdown(), 60s).has_value());
  CHECK(r.wait_until([&] { return state->lives == 0; }));
  CHECK(r.n.shutdown(30s).is_clean());
}

}  // namespace beamline::supervision
