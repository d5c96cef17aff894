#pragma once

#include <mutex>

namespace beamline::program {

/// A part of the node that comes and goes with its supervisor, for those who look at it from outside. Thread-safe: it
/// does not go while somebody looks.
template <class T>
class current {
public:
  void set(T& part) {
    std::lock_guard lock{mutex_};
    part_ = &part;
  }
  void clear() {
    std::lock_guard lock{mutex_};
    part_ = nullptr;
  }
  /// Calls `look(part)`, which must not block; not at all when there is none.
  template <class F>
  void with(F look) const {
    std::lock_guard lock{mutex_};
    if (part_ != nullptr)
      look(*part_);
  }

private:
  mutable std::mutex mutex_;
  T* part_ = nullptr;
};

}  // namespace beamline::program
