#include "store/inline_database.hpp"

#include <deque>
#include <utility>

namespace beamline::store {

namespace {

/// A group that was run and not answered yet.
struct finished_group {
  std::vector<job> jobs;
  std::vector<result<void>> outcomes;
};

/// A queue and what came out of it.
struct lane {
  explicit lane(job_queue::limits l) : queue{l} {}
  job_queue queue;
  bool has_step = false;  // The executor holds the step that runs the next group.
  std::deque<finished_group> unanswered;
};

executor::step step_of(job::kind what) {
  switch (what) {
    case job::kind::transact: return executor::step::transact;
    case job::kind::read: return executor::step::read;
    case job::kind::migrate: return executor::step::migrate;
    case job::kind::back_up: break;  // Never queued here.
  }
  return executor::step::transact;
}

}  // namespace

struct inline_database::state : std::enable_shared_from_this<state> {
  state(std::unique_ptr<core> c, job_queue::limits limits, executor& e, telemetry& events, const clock& time)
      : on{std::move(c)}, steps{e}, runner{events, time}, writing{limits}, reading{limits} {}

  void submit(lane& l, job j) {
    if (is_closed)
      return runner.refuse_closed(std::move(j));
    if (l.queue.is_full())
      return runner.refuse_full(std::move(j), l.queue.size());
    l.queue.push(std::move(j));
    plan(l);
  }

  void plan(lane& l) {
    if (l.has_step || l.queue.empty())
      return;
    l.has_step = true;
    post(step_of(l.queue.next()), [&l](state& self) {
      l.has_step = false;
      self.run_group(l);
      self.plan(l);
    });
  }

  void run_group(lane& l) {
    if (l.queue.empty())
      return;
    auto jobs = l.queue.take();
    auto outcomes = runner.run(*on, jobs, l.queue.size());
    l.unanswered.push_back({std::move(jobs), std::move(outcomes)});
    post(executor::step::complete, [&l](state& self) { self.answer(l); });
  }

  void answer(lane& l) {
    if (l.unanswered.empty())
      return;
    auto group = std::move(l.unanswered.front());
    l.unanswered.pop_front();
    runner.complete(group.jobs, group.outcomes);
  }

  /// A step does nothing once the object is gone. `f` may refer to members of this.
  template <class F>
  void post(executor::step what, F f) {
    steps.post(what, [weak = weak_from_this(), f] {
      if (auto self = weak.lock())
        f(*self);
    });
  }

  void drain(lane& l) {
    while (!l.unanswered.empty() || !l.queue.empty()) {
      while (!l.unanswered.empty())
        answer(l);
      run_group(l);
    }
  }

  std::unique_ptr<core> on;
  executor& steps;
  job_runner runner;
  lane writing;
  lane reading;
  bool is_closed = false;
};

inline_database::inline_database(connections c, job_queue::limits limits, executor& steps, telemetry& events,
                                 const clock& time)
    : state_{std::make_shared<state>(std::move(c.writer), limits, steps, events, time)} {}

inline_database::~inline_database() = default;

void inline_database::do_transact(work fn, completion done) {
  state_->submit(state_->writing, {job::kind::transact, std::move(fn), {}, {}, std::move(done)});
}

void inline_database::do_read(work fn, completion done) {
  state_->submit(state_->reading, {job::kind::read, std::move(fn), {}, {}, std::move(done)});
}

void inline_database::do_migrate(std::string app, std::vector<migration> known, completion done) {
  state_->submit(state_->writing, {job::kind::migrate, {}, std::move(app), std::move(known), std::move(done)});
}

result<void> inline_database::close(duration) {
  state_->is_closed = true;
  state_->drain(state_->writing);
  state_->drain(state_->reading);
  state_->on.reset();
  return {};
}

}  // namespace beamline::store
