#include "supervision/helper_thread.hpp"

namespace beamline::supervision {

helper_thread::~helper_thread() { end(); }

void helper_thread::end() {
  {
    std::lock_guard lock{mutex_};
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void helper_thread::run(std::function<void()> job) {
  {
    std::lock_guard lock{mutex_};
    if (is_ending_)
      return;
    jobs_.push_back(std::move(job));
    if (!thread_.joinable())
      thread_ = std::thread{[this] { work(); }};
  }
  changed_.notify_all();
}

void helper_thread::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return !jobs_.empty() || is_ending_; });
    if (jobs_.empty())
      return;
    auto job = std::move(jobs_.front());
    lock.unlock();
    job();
    job = {};  // What it holds goes on this thread, and before anybody is told.
    lock.lock();
    jobs_.pop_front();
    changed_.notify_all();
  }
}

bool helper_thread::await_idle(duration limit) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, limit, [this] { return jobs_.empty(); });
}

}  // namespace beamline::supervision
