#pragma once

#include "base/telemetry_event.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace beamline {

namespace detail {
struct telemetry_state;
}

/// A handler of its own threw; it was detached and will not be called again.
struct handler_failed {
  static constexpr std::string_view event_name = "telemetry.handler_failed";
  std::string_view event;  // The event it failed on.
  std::string_view what;   // The exception's text.
  BEAMLINE_EVENT(event, what)
};

/// The only probe of the system, one per node: code emits events, and metrics, reports, the dashboard and
/// the simulator's checkers attach handlers. Modelled on Erlang's `:telemetry`.
///
/// Thread-safe throughout. Handlers run on the emitting thread, in the order they were attached (first those
/// of the event's type, then those attached by name); they must not block. A handler is not called for events
/// emitted from within itself, so one that emits cannot recurse. A handler that throws is detached and
/// `handler_failed` is emitted.
///
/// Cost: an event nobody wants is one relaxed atomic load (two events may share a bit of the 64-bit mask;
/// then also one lookup).
class telemetry {
public:
  telemetry();
  ~telemetry();
  telemetry(const telemetry&) = delete;
  telemetry& operator=(const telemetry&) = delete;

  /// Keeps a handler attached; detaches on destruction. May outlive the telemetry object. After detaching,
  /// the handler is not running and never runs again; only a handler that detaches itself finishes its call.
  /// Detaching waits for calls that other threads are in, so a handler must not detach another handler
  /// that could at that moment be detaching it.
  class [[nodiscard]] handle {
  public:
    handle() = default;
    handle(handle&&) noexcept = default;
    handle& operator=(handle&& other) noexcept;
    ~handle() { detach(); }

    void detach() noexcept;
    /// False after `detach`, and when the handler was detached because it threw.
    [[nodiscard]] bool attached() const noexcept;

  private:
    friend class telemetry;
    struct target;
    explicit handle(std::shared_ptr<target> t) : target_{std::move(t)} {}
    std::shared_ptr<target> target_;
  };

  /// Calls `fn(const E&)` for each emitted `E`.
  template <telemetry_event E, std::invocable<const E&> F>
  handle attach(F fn) {
    return attach_typed(&detail::event_type<E>, E::event_name,
                        [fn = std::move(fn)](const void* event, const event_view&) mutable {
                          std::invoke(fn, *static_cast<const E*>(event));
                        });
  }

  /// Calls `fn(const event_view&)` for each event whose name starts with `prefix`; all events when empty.
  template <std::invocable<const event_view&> F>
  handle attach_all(F fn, std::string prefix = {}) {
    return attach_prefix(std::move(prefix),
                         [fn = std::move(fn)](const void*, const event_view& e) mutable { std::invoke(fn, e); });
  }

  /// Detaches every handler, whoever holds its handle: whoever watched this node sees nothing of it from now on.
  void detach_all();

  /// Whether anybody would see an `E` emitted now. Lets callers skip gathering what an event needs.
  template <telemetry_event E>
  [[nodiscard]] bool wants() const {
    return may_want<E>() && has_handlers(&detail::event_type<E>, E::event_name);
  }

  /// Shows the event to its handlers before returning.
  template <telemetry_event E>
  void emit(const E& event) {
    if (may_want<E>()) [[unlikely]]
      dispatch(&event, &detail::event_type<E>, E::event_name, &detail::walk_event<E>);
  }

  /// The same for events that cost something to build: `emit<E>([&] { return E{…}; })` builds only on demand.
  template <telemetry_event E, class F>
    requires std::is_invocable_r_v<E, F&>
  void emit(F&& make) {
    if (wants<E>()) [[unlikely]]
      emit(static_cast<const E&>(make()));
  }

private:
  using erased = std::function<void(const void*, const event_view&)>;

  template <class E>
  [[nodiscard]] bool may_want() const {
    return (interest_->load(std::memory_order_relaxed) & detail::interest_bit(E::event_name)) != 0;
  }
  [[nodiscard]] bool has_handlers(const void* type, std::string_view name) const;
  handle attach_typed(const void* type, std::string_view name, erased call);
  handle attach_prefix(std::string prefix, erased call);
  void dispatch(const void* event, const void* type, std::string_view name, event_view::walker walk);

  std::shared_ptr<detail::telemetry_state> state_;
  const std::atomic<std::uint64_t>* interest_;  // Inside `state_`; bit set: somebody may want such an event.
};

}  // namespace beamline
