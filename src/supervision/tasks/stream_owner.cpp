#include "supervision/tasks/stream_owner.hpp"

namespace beamline::supervision::detail {

void stream_owner::begin(const pid& supervisor) {
  birth how;
  how.label = options_.task.label + " stream";
  coordinator_ = owner_.spawn_as<stream_coordinator>(std::move(how), owner().self(), supervisor, options_, reports());
  // Somebody killed it: its tasks are told to go, but nobody waits for them any more.
  watch_ = owner_.watch(coordinator_, [me = shared_from_this()](const reason& why) {
    me->ended(task_error{task_error::kind::ended, why});
  });
}

stream_reports stream_owner::reports() {
  auto in_turn = [this](auto fn) {
    return owner_.resume_with([weak = weak_from_this(), fn](const auto&... args) {
      if (auto me = weak.lock(); me && !me->is_over_)
        fn(*me, args...);
    });
  };
  return {.pull = in_turn([](stream_owner& me, std::size_t n) { me.pull(n); }),
          .item = in_turn([](stream_owner& me, std::uint64_t i, const raw_outcome& o) { me.item(i, o); }),
          .failed = in_turn([](stream_owner& me, const reason& why) { me.failed(why); }),
          .ended = in_turn([](stream_owner& me, const std::optional<task_error>& why) { me.ended(why); })};
}

void stream_owner::pull(std::size_t n) {
  for (; n > 0 && !is_stopped_; --n) {
    auto plan = next();
    if (!plan) {
      owner_.cast(coordinator_, no_more_items{});
      return;
    }
    owner_.cast(coordinator_, run_item{std::move(plan)});
  }
}

void stream_owner::item(std::uint64_t index, raw_outcome o) {
  if (is_stopped_)
    return;
  ++delivered_;
  on_item(index, std::move(o));
  if (delivered_ >= items_max_)
    stop();
}

void stream_owner::take(std::size_t items_max) {
  items_max_ = items_max;
  if (delivered_ >= items_max_)
    stop();
}

void stream_owner::stop() {
  if (is_stopped_)
    return;
  is_stopped_ = true;
  owner_.cast(coordinator_, stop_stream{});
}

void stream_owner::failed(const reason& why) {
  // What the link of a task would do to it (S131); the coordinator sees it end and clears up.
  if (is_linked_ && !why.is_normal() && !owner_.traps_exits())
    owner_.stop(why);
}

void stream_owner::ended(const std::optional<task_error>& why) {
  is_over_ = is_stopped_ = true;
  auto keep = shared_from_this();
  owner_.unwatch(watch_);
  if (why && why->what == task_error::kind::timeout)
    owner_.stop(as_exit_reason(*why, options_.task.label));
  else
    on_end_(why);
}

}  // namespace beamline::supervision::detail
