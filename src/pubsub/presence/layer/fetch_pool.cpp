#include "pubsub/presence/layer/fetch_pool.hpp"

#include "pubsub/presence/layer/presence_json.hpp"
#include "supervision/tasks/task.hpp"

#include <utility>

namespace beamline::presence::layer {

namespace {

using answer = std::vector<presence_map>;

/// What a task works on; its own, as it runs on another thread than the publisher.
struct work {
  fetch_function fetch;
  std::string topic;
  answer asked;
  answer fetched{};
};

void fetch_next(supervision::task_context& in, const std::shared_ptr<work>& w,
                const supervision::task_promise<answer>& p) {
  const auto i = w->fetched.size();
  if (i == w->asked.size()) {
    p.set(std::move(w->fetched));
    return;
  }
  // Whoever keeps the answer for later keeps nothing else alive: the work goes with its task, which holds it.
  w->fetch(in, w->topic, w->asked[i], [&in, weak = std::weak_ptr{w}, p, i](presence_map got) {
    auto mine = weak.lock();
    // Once: an answer that is given twice does not pass for that of the next.
    if (!mine || mine->fetched.size() != i || mine->asked.size() == i)
      return;
    mine->fetched.push_back(std::move(got));
    fetch_next(in, mine, p);
  });
}

}  // namespace

void fetch_pool::run(std::string topic, std::vector<presence_map> asked, done_function done) {
  auto j =
      std::make_shared<job>(job{std::move(topic), std::move(asked), std::move(done), owner_.now() + options_.time});
  if (running_ < running_max) {
    start(j);
  } else if (waiting_.size() >= waiting_max) {
    fail(j, std::to_string(waiting_max) + " fetches wait already; make fetch faster, or batch longer");
  } else {
    waiting_.push_back(j);
    j->timer = owner_.run_after(options_.time, [this, j] {
      std::erase(waiting_, j);
      fail(j, "it did not get its turn within fetch_time");
    });
  }
}

void fetch_pool::start(const job_ptr& j) {
  ++running_;
  auto w = std::make_shared<work>(work{options_.fetch, j->topic, j->asked});
  auto t = supervision::async_nolink<answer>(
      owner_.self(), options_.tasks,
      [w](supervision::task_context& in, supervision::task_promise<answer> p) { fetch_next(in, w, p); },
      {.label = "fetch " + j->topic,
       .shutdown = supervision::shutdown_policy::brutal_kill(),
       .has_own_thread = options_.is_blocking});
  t.yield(j->end - owner_.now(), [this, j, t](std::optional<supervision::task_outcome<answer>> o) {
    if (!o) {
      t.shutdown(supervision::shutdown_policy::brutal_kill(), [this](auto&&) { free_slot(); });
      fail(j, "it took longer than fetch_time");
      return;
    }
    free_slot();
    if (o->ok())
      finish(j, std::move(**o));
    else
      fail(j, to_string(o->error()));
  });
}

void fetch_pool::free_slot() {
  --running_;
  if (waiting_.empty())
    return;
  auto j = std::move(waiting_.front());
  waiting_.pop_front();
  owner_.cancel(j->timer);
  start(j);
}

void fetch_pool::fail(const job_ptr& j, const std::string& why) { j->done(std::move(j->asked), why); }

void fetch_pool::finish(const job_ptr& j, std::vector<presence_map> fetched) {
  bool is_intact = true;
  for (std::size_t i = 0; i < fetched.size(); ++i)
    fetched[i] = keep_promises(j->asked[i], std::move(fetched[i]), is_intact);
  j->done(std::move(fetched), is_intact ? std::string{} : "it changed keys or phx_refs, which it must keep");
}

}  // namespace beamline::presence::layer
