#pragma once

#include "apps/accumulator/apply.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace beamline::accumulator {

/// One thing to be done to the tables, and who waits for it.
struct pending_write {
  std::variant<incoming, moderate_comment> what;
  std::function<void(const result<effect>&)> done;  // Once.

  /// What it costs, in statements, about.
  [[nodiscard]] std::size_t weight() const;
};
using write_ptr = std::shared_ptr<pending_write>;

/// Decides what is committed together, and when. Pure; belongs to one process.
///
///   push ...   begin(now) -> one transaction for all of them -> finished(...) -> push, begin ...
///
/// One commit at a time, and no two begin within `interval`: what comes meanwhile shares the next one, in its order. A
/// commit that fails because of one event in it (invalid, exists, ...) would fail for ever, so its events are then
/// tried alone. With any other failure the store is in trouble: they fail and so does all that waits behind them, so
/// that nothing overtakes what is sent again.
class commit_line {
public:
  struct options {
    duration interval = std::chrono::milliseconds{5};
    // One commit takes so much weight, or a single write that weighs more; the rest waits for the next.
    std::size_t weight_max = 4000;
  };
  explicit commit_line(options o) : options_{o} {}

  void push(write_ptr w) { waiting_.push_back(std::move(w)); }
  /// Waiting, or under way.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + group_.size(); }

  /// What to commit now; nothing: not yet (see `pause`), or one is under way.
  [[nodiscard]] std::vector<write_ptr> begin(time_point now);
  /// How long until `begin` gives something; nothing: not before something else happens.
  [[nodiscard]] std::optional<duration> pause(time_point now) const;

  /// The commit that was begun is over. Returns the writes that are over with it, in their order.
  [[nodiscard]] std::vector<write_ptr> finished(const result<void>& how);

private:
  options options_;
  std::deque<write_ptr> waiting_;
  std::vector<write_ptr> group_;  // Under way.
  std::size_t alone_ = 0;         // So many at the front are committed one by one.
  std::optional<time_point> begun_at_;
};

/// Whether an error is about this write and no other, so that trying again cannot help.
[[nodiscard]] bool is_own_fault(errc code) noexcept;

}  // namespace beamline::accumulator
