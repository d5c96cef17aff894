#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace beamline::supervision {

/// Decides what a stream of tasks does next: how many inputs to ask for, and which finished items to deliver (S131).
/// Items are known by their place in the input, 0, 1, 2, ...
///
/// Owned by one coordinator; not thread-safe. `max_concurrency` bounds what runs and what was asked for together, so it
/// never has an input that it may not start. Memory is bounded by `max_concurrency + buffered_max` numbers.
class stream_window {
public:
  struct options {
    std::size_t max_concurrency;
    bool ordered;
    // Ordered: with this many finished behind an unfinished one nothing more is asked for.
    std::size_t buffered_max;
  };
  using index = std::uint64_t;

  explicit stream_window(options o) : options_{o} {}

  /// How many more inputs to ask for now; they count as asked for from here on.
  [[nodiscard]] std::size_t ask();
  /// An input came, and is started under the number returned.
  [[nodiscard]] index start();
  /// There are no more; what was asked for will not come.
  void end_input();
  /// That item has finished; returns those to be delivered now, in this order.
  [[nodiscard]] std::vector<index> finish(index i);

  /// No input is left, nothing runs, everything was handed out.
  [[nodiscard]] bool is_complete() const noexcept { return is_input_over_ && running_ == 0 && finished_.empty(); }
  [[nodiscard]] std::size_t running() const noexcept { return running_; }
  [[nodiscard]] std::size_t buffered() const noexcept { return finished_.size(); }

private:
  options options_;
  std::size_t asked_ = 0;
  std::size_t running_ = 0;
  index next_ = 0;            // To be started.
  index head_ = 0;            // Ordered: to be delivered.
  std::set<index> finished_;  // Ordered: behind the head.
  bool is_input_over_ = false;
};

}  // namespace beamline::supervision
