#pragma once

#include "supervision/tasks/stream_coordinator.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <optional>

namespace beamline::supervision::detail {

/// The owner's side of one stream, with the types left out. Used in the owner's turns only; kept by the owner's watch
/// of the coordinator, while that one holds weak references.
class stream_owner : public std::enable_shared_from_this<stream_owner> {
public:
  using end_function = std::function<void(const std::optional<task_error>&)>;

  stream_owner(process& owner, const stream_options& o, bool is_linked, end_function on_end)
      : owner_{owner}, options_{o}, is_linked_{is_linked}, on_end_{std::move(on_end)} {}
  virtual ~stream_owner() = default;
  stream_owner(const stream_owner&) = delete;
  stream_owner& operator=(const stream_owner&) = delete;

  /// Spawns the coordinator. To be called once, when it is owned by a shared_ptr.
  void begin(const pid& supervisor);
  /// Ends after that many items, counted from the first.
  void take(std::size_t items_max);
  void stop();

protected:
  /// The next input made ready to be run; nothing at the end.
  virtual std::shared_ptr<task_plan> next() = 0;
  virtual void on_item(std::uint64_t index, raw_outcome o) = 0;

  [[nodiscard]] const stream_options& options() const noexcept { return options_; }
  [[nodiscard]] bool is_linked() const noexcept { return is_linked_; }
  [[nodiscard]] process& owner() const noexcept { return owner_.self(); }

private:
  stream_reports reports();
  void pull(std::size_t n);
  void item(std::uint64_t index, raw_outcome o);
  void failed(const reason& why);
  void ended(const std::optional<task_error>& why);

  process_access owner_;
  stream_options options_;
  bool is_linked_;
  end_function on_end_;
  pid coordinator_;
  process::watch_ref watch_ = 0;
  std::size_t delivered_ = 0;
  std::size_t items_max_ = std::numeric_limits<std::size_t>::max();
  bool is_stopped_ = false;
  bool is_over_ = false;
};

}  // namespace beamline::supervision::detail
