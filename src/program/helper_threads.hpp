#pragma once

#include "base/time.hpp"
#include "supervision/helper_thread.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beamline::program {

/// The threads on which the components of a node are made and ended; they outlive their supervisors. Used by the thread
/// that starts and ends the node.
class helper_threads {
public:
  /// One more; `name` is what it is called when it hangs.
  [[nodiscard]] std::shared_ptr<supervision::helper_thread> add(std::string name) {
    threads_.emplace_back(std::move(name), std::make_shared<supervision::helper_thread>());
    return threads_.back().second;
  }

  /// Waits until all are at rest, for `limit` at most; the names of those that are not.
  [[nodiscard]] std::vector<std::string> await_idle(duration limit, const clock& time) const {
    auto deadline = time.now() + limit;
    std::vector<std::string> busy;
    for (const auto& [name, thread] : threads_)
      if (!thread->await_idle(std::max(duration{0}, deadline - time.now())))
        busy.push_back(name);
    return busy;
  }
  /// Once they are at rest; before the node is destroyed.
  void end() {
    for (const auto& [name, thread] : threads_)
      thread->end();
  }

private:
  std::vector<std::pair<std::string, std::shared_ptr<supervision::helper_thread>>> threads_;
};

}  // namespace beamline::program
