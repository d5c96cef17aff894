#pragma once

#include "actors/node.hpp"
#include "supervision/nursery.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace beamline::web::channels {

/// Starts the processes of browsers: as temporary children of a dynamic supervisor, or as nobody's. Thread-safe.
class spawner {
public:
  spawner(node& home, std::optional<supervision::nursery> parent) : home_{home}, parent_{std::move(parent)} {}

  /// Throws std::runtime_error when there is no room for one more: the node's limit, or the supervisor's.
  template <class P, class... Args>
  pid spawn(Args&&... args) const {
    if (!parent_)
      return home_.spawn<P>(std::forward<Args>(args)...);
    auto started = parent_->spawn<P>(std::forward<Args>(args)...);
    if (!started)
      throw std::runtime_error{supervision::to_string(started.error())};
    return *started;
  }

private:
  node& home_;
  std::optional<supervision::nursery> parent_;
};

}  // namespace beamline::web::channels
