#pragma once

#include "base/time.hpp"
#include "store/database.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace beamline::store::test {

/// A thing that happens once, waited for without sleeping.
class gate {
public:
  void open() {
    auto lock = std::lock_guard{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }
  void wait() {
    auto lock = std::unique_lock{mutex_};
    REQUIRE(changed_.wait_for(lock, 30s, [&] { return is_open_; }));
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

/// Outcomes in the order they were given, from any thread.
class outcomes {
public:
  database::completion next(int id) {
    return [this, id](result<void> r) {
      auto lock = std::lock_guard{mutex_};
      ids_.push_back(id);
      codes_.push_back(r ? "ok" : std::string{to_string(r.error().code)});
      threads_.push_back(std::this_thread::get_id());
      changed_.notify_all();
    };
  }
  void wait_for(std::size_t count) {
    auto lock = std::unique_lock{mutex_};
    REQUIRE(changed_.wait_for(lock, 30s, [&] { return ids_.size() >= count; }));
  }
  std::vector<int> ids() {
    auto lock = std::lock_guard{mutex_};
    return ids_;
  }
  std::vector<std::string> codes() {
    auto lock = std::lock_guard{mutex_};
    return codes_;
  }
  std::vector<std::thread::id> threads() {
    auto lock = std::lock_guard{mutex_};
    return threads_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> ids_;
  std::vector<std::string> codes_;
  std::vector<std::thread::id> threads_;
};

/// Keeps the writer busy until the gate that is returned opens; returns when it is.
inline std::shared_ptr<gate> block_writer(database& db) {
  auto begun = std::make_shared<gate>();
  auto release = std::make_shared<gate>();
  db.transact(
      [begun, release](transaction&) -> result<void> {
        begun->open();
        release->wait();
        return {};
      },
      [](result<void>) {});
  begun->wait();
  return release;
}

}  // namespace beamline::store::test
