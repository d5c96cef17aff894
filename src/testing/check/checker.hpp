#pragma once

#include "testing/observer.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::testing {

class world;

/// A broken invariant: which, and the evidence.
struct violation {
  std::string invariant;  // Short and fixed: shrinking keeps to it. "exactly-once", "nodedown-before-nodeup".
  std::string evidence;   // Who, what, when: in words.
};

/// Something that must hold in every run. A small class over events: it watches (see observer) and says `fail` the
/// moment it is broken; what can only be judged when all is quiet is judged in `at_end`.
///
///   class likes_never_drop final : public checker {
///   public:
///     likes_never_drop() : checker{"likes never drop"} {}
///     void on_start(simulated_node& n) override {
///       handles_.push_back(n.events().attach<liked>([this](const liked& e) {
///         if (e.total < last_[std::string{e.slug}]) fail("…");
///       }));
///     }
class checker : public observer {
public:
  explicit checker(std::string invariant) : invariant_{std::move(invariant)} {}

  [[nodiscard]] const std::string& invariant() const noexcept { return invariant_; }
  /// The first break; later ones are consequences and are not kept.
  [[nodiscard]] const std::optional<violation>& broken() const noexcept { return broken_; }

  /// The run is over, load has stopped, everything is healed, the time to settle has passed, the nodes still run.
  virtual void at_end(world&) {}

protected:
  void fail(std::string evidence) {
    if (!broken_)
      broken_ = violation{invariant_, std::move(evidence)};
  }

private:
  std::string invariant_;
  std::optional<violation> broken_;
};

using checkers = std::vector<std::unique_ptr<checker>>;

}  // namespace beamline::testing
