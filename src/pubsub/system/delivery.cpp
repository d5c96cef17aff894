#include "pubsub/system/delivery.hpp"

#include "actors/process_access.hpp"
#include "actors/process_table.hpp"
#include "actors/reason_codec.hpp"
#include "pubsub/events.hpp"
#include "pubsub/system/seen_events.hpp"

#include <algorithm>
#include <utility>

namespace beamline::pubsub::detail {

namespace {

thread_local refusals* innermost = nullptr;

class delivering {
public:
  delivering(core& of, process& in, const delivery_job& j) : of_{of}, in_{in}, job_{j}, refused_{of} {}

  void run() {
    const auto& to = *job_.round.to;
    if (job_.by != nullptr)
      by_dispatcher(to);
    else
      to_each(to);
    to_signalled(to);
    of_.counting().deliveries += delivered_;
    of_.counting().duplicates += duplicates_;
    of_.counting().signals_merged += merged_;
  }

private:
  [[nodiscard]] bool is_left_out(const pid& who) const { return job_.but && who.id() == job_.but.id(); }

  [[nodiscard]] bool is_repetition(const subscription& one) {
    const auto& seen = one.options().seen;
    if (seen == nullptr || job_.event_id.empty() || seen->is_first(job_.event_id))
      return false;
    ++duplicates_;
    return true;
  }

  void missed(const subscription_ptr& one) {
    if (const auto& seen = one->options().seen; seen != nullptr && !job_.event_id.empty())
      seen->forget(job_.event_id);
    of_.overflowed(one);
  }

  void to_each(const audience& to) {
    for (const auto& one : to.each) {
      if (is_left_out(one->subscriber()) || is_repetition(*one))
        continue;
      if (job_.kind == topic_class::last_value)
        one->in_order(job_.round.sequence, [&] { in_.cast(one->subscriber(), job_.m); });
      else
        in_.cast(one->subscriber(), job_.m);
      ++delivered_;
      if (refused_.take())
        missed(one);
    }
  }

  void to_signalled(const audience& to) {
    for (const auto& one : to.signalled) {
      if (is_left_out(one->subscriber()) || is_repetition(*one))
        continue;
      if (!one->offer(job_.m, job_.round.sequence, job_.kind)) {
        ++merged_;
        continue;
      }
      in_.cast(one->subscriber(), signalled{one});
      ++delivered_;
      if (refused_.take())
        of_.overflowed(one);
    }
  }

  void by_dispatcher(const audience& to) {
    if (!job_.but && !to.has_sets)
      return dispatch(to, to.entries);
    std::vector<entry> rest;
    for (std::size_t i = 0; i < to.each.size(); ++i)
      if (!is_left_out(to.each[i]->subscriber()) && !is_repetition(*to.each[i]))
        rest.push_back(to.entries[i]);
    dispatch(to, rest);
  }

  void dispatch(const audience& to, std::span<const entry> entries) {
    if (entries.empty())
      return;
    try {
      job_.by->dispatch(in_.self(), entries, job_.but, *to.topic, job_.m);
    } catch (...) {
      ++of_.counting().dispatch_failures;
      auto what = to_string(reason_from_exception(std::current_exception()));
      of_.env().events().emit(dispatch_failed{of_.about().name, *to.topic, job_.dispatcher_name, what});
      of_.env().log().error(
          "pubsub", "a dispatcher threw",
          {{"system", of_.about().name}, {"topic", *to.topic}, {"dispatcher", job_.dispatcher_name}, {"what", what}});
    }
    delivered_ += entries.size();
    for (auto process : refused_.take_all())
      if (auto one = std::find_if(to.each.begin(), to.each.end(),
                                  [&](const auto& s) { return s->subscriber().id() == process; });
          one != to.each.end())
        missed(*one);
  }

  core& of_;
  process_access in_;
  const delivery_job& job_;
  refusals refused_;
  std::uint64_t delivered_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t merged_ = 0;
};

}  // namespace

refusals::refusals(const core& of) : of_{of}, outer_{std::exchange(innermost, this)} {}
refusals::~refusals() { innermost = outer_; }

void refusals::note(const core& of, std::uint64_t process) {
  if (innermost != nullptr && &innermost->of_ == &of)
    innermost->processes_.push_back(process);
}

void deliver(core& of, process& in, const delivery_job& job) {
  if (job.round.to != nullptr)
    delivering{of, in, job}.run();
}

void deliver_current(core& of, const subscription_ptr& to, const topic_partition::current_value& v) {
  if (v.m.empty())
    return;
  refusals refused{of};
  auto& processes = of.env().processes();
  auto id = to->subscriber().id();
  if (to->options().how == delivery::each)
    to->in_order(v.sequence, [&] { processes.tell(id, v.m); });
  else if (to->offer(v.m, v.sequence, topic_class::last_value))
    processes.tell(id, signalled{to});
  ++of.counting().deliveries;
  if (refused.take())
    of.overflowed(to);
}

bool wake_again(core& of, process& in, const subscription_ptr& to) {
  if (!to->is_to_look())
    return true;
  refusals refused{of};
  process_access{in}.cast(to->subscriber(), signalled{to});
  return !refused.take();
}

}  // namespace beamline::pubsub::detail
