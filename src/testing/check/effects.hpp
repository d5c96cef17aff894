#pragma once

#include "testing/check/telemetry_checker.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace beamline::testing {

/// How often each id has had its effect, as the state of the program says: rows of a table, say.
using effect_counts = std::map<std::string, std::uint64_t>;

/// The part of `effects` that knows no event types.
class effect_ledger : public telemetry_checker {
public:
  explicit effect_ledger(std::string invariant, std::function<effect_counts(world&)> final_state)
      : telemetry_checker{std::move(invariant)}, final_state_{std::move(final_state)} {}

  void at_end(world& w) override;

  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_.size(); }
  [[nodiscard]] std::size_t applied() const noexcept { return applied_.size(); }

protected:
  struct mark {
    std::string node;
    std::string at;
  };

  void note_accepted(simulated_node& n, std::string id);
  void note_applied(simulated_node& n, std::string id);

private:
  std::function<effect_counts(world&)> final_state_;
  std::map<std::string, mark> accepted_, applied_;
};

/// Whatever was accepted takes effect, and takes effect once (I37, I38): no id is told applied twice, and at the end
/// each accepted id has been applied exactly once.
///
///   c.check<effects<outbox_accepted, like_applied>>(
///       "exactly-once", [](const outbox_accepted& e) { return std::string{e.id}; },
///       [](const like_applied& e) { return std::string{e.id}; }, [&](world&) { return rows_of(accumulator); });
///
/// A telemetry event may be lost with its node, between the commit and the event, so the last word has `final_state`, a
/// look at what is stored: how often each id stands there. Without it the events alone are judged, which is too strict
/// where nodes crash. An effect that nobody was told accepted is no break: that event may have been lost, too.
///
/// `Accepted` must be emitted when the promise is given, `Applied` after the effect is durable.
template <telemetry_event Accepted, telemetry_event Applied>
class effects final : public effect_ledger {
public:
  effects(std::string invariant, std::function<std::string(const Accepted&)> accepted_id,
          std::function<std::string(const Applied&)> applied_id,
          std::function<effect_counts(world&)> final_state = nullptr)
      : effect_ledger{std::move(invariant), std::move(final_state)},
        accepted_id_{std::move(accepted_id)},
        applied_id_{std::move(applied_id)} {}

  void on_start(simulated_node& n) override {
    this->template listen<Accepted>(n, [this, &n](const Accepted& e) { note_accepted(n, accepted_id_(e)); });
    this->template listen<Applied>(n, [this, &n](const Applied& e) { note_applied(n, applied_id_(e)); });
  }

private:
  std::function<std::string(const Accepted&)> accepted_id_;
  std::function<std::string(const Applied&)> applied_id_;
};

}  // namespace beamline::testing
