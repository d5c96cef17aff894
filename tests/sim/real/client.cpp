#include "sim/real/client.hpp"

#include "actors/process_access.hpp"
#include "sim/real/events.hpp"
#include "sim/real/house.hpp"
#include "supervision/api.hpp"
#include "supervision/tasks/task.hpp"

namespace beamline::house {

using namespace supervision;

behavior client::init() {
  tick();
  return handlers([](const nudge&) {});
}

void client::tick() {
  if (!*gate_)
    return;
  auto what = env().random().below(10);
  if (what < 5)
    use_worker();
  else if (what == 5)
    use_api();
  else if (what == 6)
    use_pool();
  else if (what < 9)
    use_task();
  else
    use_registry();
  auto pause = env().random().below(4'000);
  run_after(std::chrono::microseconds{500 + pause}, [this] { tick(); });
}

void client::use_worker() {
  auto who = worker_names()[env().random().below(worker_names().size())];
  auto within = std::chrono::milliseconds{1 + env().random().below(40)};
  auto to = env().random().below(2) == 0 ? named(who) : names_.whereis(who);
  call<int>(to, work{++number_}, within).then([](int) {}, [](const call_error&) {});
  cast(to, nudge{});
}

/// Takes a child away for a while: `restart_child` follows, whatever came of it.
void client::use_api() {
  call<change_answer>(named("one"), terminate_child{.id = "one.b"}, 50ms)
      .then([](const change_answer&) {}, [](const call_error&) {});
  call<start_answer>(named("one"), restart_child{.id = "one.b"}, 50ms)
      .then([](const start_answer&) {}, [](const call_error&) {});
}

void client::use_pool() {
  auto label = "job " + std::to_string(++number_) + " of " + to_string(self());
  auto job = child<worker>(label, names_, label, temper{.throws = 30});
  job.restart = env().random().below(2) == 0 ? restart_type::transient : restart_type::temporary;
  call<start_answer>(named("pool"), start_child{std::move(job)}, 50ms)
      .then(
          [this](const start_answer& a) {
            if (!a)
              return;
            cast(a->who, work{++number_});
            cast(a->who, nudge{});
            stop_process(a->who, reason::shutdown(), 20ms, [](const std::optional<call_error>&) {});
          },
          [](const call_error&) {});
}

void client::use_task() {
  auto mine = ++number_;
  env().events().emit(task_begun{self().id(), mine});
  auto told = [this, mine](const auto&) { env().events().emit(task_told{self().id(), mine}); };
  auto mood = env().random().below(4);
  async_nolink(*this, named("tasks"), [mood, mine](task_context& c) -> std::uint64_t {
    if (mood == 0)
      throw std::runtime_error{"task failed"};
    if (mood == 1)
      process_access{c}.stop(reason::custom("changed its mind"));
    return mine;
  }).await(std::chrono::milliseconds{1 + env().random().below(20)}, told, told);
}

void client::use_registry() {
  auto key = "client " + std::to_string(env().random().below(3));
  if (!names_.register_as(*this, key))
    (void)names_.unregister(*this, key);
  // Refused while the registry starts anew; then there is no lock to give back.
  (void)names_.lock("the lock", *this, [this](lock_guard held) { run_after(1ms, [held] {}); });
}

}  // namespace beamline::house
