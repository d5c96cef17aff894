#pragma once

#include <memory>

namespace beamline::pubsub {

namespace detail {
class directory_parts;
}

/// The PubSub systems that run on a node, by name: a part of the node, made before it starts, and gone after its
/// processes. Thread-safe.
///
///   pubsub::directory systems;  node.env().provide(systems);
class directory {
public:
  directory();
  ~directory();
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  [[nodiscard]] detail::directory_parts& parts() const noexcept { return *parts_; }

private:
  std::shared_ptr<detail::directory_parts> parts_;
};

}  // namespace beamline::pubsub
