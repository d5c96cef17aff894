#include "actors/timer_thread.hpp"

#include <algorithm>

namespace beamline {

namespace {

// Waking up once more than needed does no harm.
constexpr duration wait_max = std::chrono::hours{1};

}  // namespace

timer_thread::timer_thread(const clock& time) : clock_{time}, thread_{[this] { run(); }} {}

timer_thread::~timer_thread() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

timer_id timer_thread::arm(time_point at, std::function<void()> fire) {
  std::unique_lock lock{mutex_};
  timer_id id{at, ++last_};
  auto [entry, inserted] = pending_.emplace(id, std::move(fire));
  bool is_first = entry == pending_.begin();
  lock.unlock();
  if (is_first)
    wake_.notify_one();
  return id;
}

void timer_thread::cancel(timer_id id) {
  std::function<void()> dropped;  // Destroyed outside the lock: it may own anything.
  std::lock_guard lock{mutex_};
  if (auto i = pending_.find(id); i != pending_.end()) {
    dropped = std::move(i->second);
    pending_.erase(i);
  }
}

void timer_thread::settle() {
  std::unique_lock lock{mutex_};
  auto next = fires_ + 1;
  fired_.wait(lock, [&] { return !is_firing_ || fires_ >= next; });
}

void timer_thread::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (pending_.empty()) {
      wake_.wait(lock);
      continue;
    }
    auto first = pending_.begin();
    auto wait = first->first.at - clock_.now();
    if (wait > duration::zero()) {
      // The standard library adds the wait to a clock of its own, which must not overflow.
      wake_.wait_for(lock, std::min(wait, wait_max));
      continue;
    }
    auto fire = std::move(first->second);
    pending_.erase(first);
    is_firing_ = true;
    lock.unlock();
    fire();
    fire = nullptr;
    lock.lock();
    is_firing_ = false;
    ++fires_;
    fired_.notify_all();
  }
}

}  // namespace beamline
