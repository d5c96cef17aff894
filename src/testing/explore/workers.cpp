#include "testing/explore/workers.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace beamline::testing {

namespace {

// A thread that is so many results per thread ahead of the one that is still missing waits for it.
constexpr std::uint64_t ahead_max = 64;

/// What the threads share.
class work {
public:
  work(std::uint64_t count, unsigned threads, const std::function<run_result(std::uint64_t)>& make,
       const std::function<bool(std::uint64_t, run_result)>& take)
      : count_{count}, window_{ahead_max * threads}, make_{make}, take_{take} {}

  void help() noexcept {
    try {
      while (auto i = next())
        hand_in(*i, make_(*i));
    } catch (...) {
      std::lock_guard lock{mutex_};
      thrown_ = std::current_exception();
      is_over_ = true;
      moved_.notify_all();
    }
  }

  void rethrow() {
    if (thrown_)
      std::rethrow_exception(thrown_);
  }

private:
  std::optional<std::uint64_t> next() {
    std::unique_lock lock{mutex_};
    moved_.wait(lock, [&] { return is_over_ || begun_ == count_ || begun_ < taken_ + window_; });
    if (is_over_ || begun_ == count_)
      return std::nullopt;
    return begun_++;
  }

  void hand_in(std::uint64_t i, run_result r) {
    std::lock_guard lock{mutex_};
    waiting_.emplace(i, std::move(r));
    while (!is_over_ && !waiting_.empty() && waiting_.begin()->first == taken_) {
      auto first = waiting_.extract(waiting_.begin());
      is_over_ = !take_(first.key(), std::move(first.mapped()));
      ++taken_;
    }
    moved_.notify_all();
  }

  const std::uint64_t count_, window_;
  const std::function<run_result(std::uint64_t)>& make_;
  const std::function<bool(std::uint64_t, run_result)>& take_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::uint64_t begun_ = 0, taken_ = 0;
  std::map<std::uint64_t, run_result> waiting_;  // Made before those that come first; at most window_.
  bool is_over_ = false;
  std::exception_ptr thrown_;
};

}  // namespace

void work_in_order(std::uint64_t count, unsigned threads, const std::function<run_result(std::uint64_t)>& make,
                   const std::function<bool(std::uint64_t, run_result)>& take) {
  threads = static_cast<unsigned>(std::min<std::uint64_t>(std::max(threads, 1U), std::max<std::uint64_t>(count, 1)));
  work shared{count, threads, make, take};
  std::vector<std::thread> helpers;
  for (unsigned i = 1; i < threads; ++i)
    helpers.emplace_back([&] { shared.help(); });
  shared.help();
  for (auto& h : helpers)
    h.join();
  shared.rethrow();
}

void shuffle_heap(std::uint64_t seed) {
  // The sizes that actors, messages and nodes of containers have; enough of each to fill the allocator's lists.
  constexpr std::size_t size_min = 32, size_max = 2048, size_step = 16, blocks = 24;
  seeded_random random{seed};
  for (auto size = size_min; size <= size_max; size += size_step) {
    std::vector<std::unique_ptr<char[]>> all;
    for (std::size_t i = 0; i < blocks; ++i)
      all.push_back(std::make_unique<char[]>(size));
    while (!all.empty()) {
      std::swap(all[random.below(all.size())], all.back());
      all.pop_back();
    }
  }
}

}  // namespace beamline::testing
