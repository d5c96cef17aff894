#pragma once

#include "base/for_each_macro.hpp"
#include "base/random.hpp"
#include "base/telemetry_value.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

namespace beamline {

/// Declares the fields of an event, in the order handlers see them; 0 to 12 fields.
///
///   struct request_done {
///     static constexpr std::string_view event_name = "web.request";
///     std::string route;
///     int status = 0;
///     duration took{};
///     BEAMLINE_EVENT(route, status, took)
///   };
///
/// Names are `<area>.<event>`. Handlers borrow an event for the length of the call, so a field may be a
/// `string_view` of something the emitter owns.
#define BEAMLINE_EVENT(...)                                                                                            \
  template <class Visitor>                                                                                             \
  void for_each_field([[maybe_unused]] Visitor&& beamline_visit_) const {                                              \
    static_assert(BEAMLINE_ARG_COUNT(__VA_ARGS__) <= 12, "an event has at most 12 fields");                            \
    BEAMLINE_FOR_EACH(BEAMLINE_EVENT_FIELD_, __VA_ARGS__)                                                              \
  }
#define BEAMLINE_EVENT_FIELD_(field) beamline_visit_(std::string_view{#field}, this->field);

template <class E>
concept telemetry_event = requires(const E& e) {
  { E::event_name } -> std::convertible_to<std::string_view>;
  e.for_each_field([](std::string_view, const auto&) {});
};

/// An event seen without knowing its type. Borrowed: valid only during the handler's call.
class event_view {
public:
  using visitor = void (*)(void* context, std::string_view key, const event_value& value);
  using walker = void (*)(const void* event, visitor visit, void* context);

  event_view(const void* event, const void* type, std::string_view name, walker walk)
      : event_{event}, type_{type}, name_{name}, walk_{walk} {}

  [[nodiscard]] std::string_view name() const { return name_; }

  /// Calls `fn(std::string_view key, const event_value& value)` for each field, in declared order.
  template <class F>
  void for_each(F&& fn) const {
    using callee = std::remove_reference_t<F>;
    walk_(
        event_,
        [](void* context, std::string_view key, const event_value& value) {
          (*static_cast<callee*>(context))(key, value);
        },
        const_cast<std::remove_const_t<callee>*>(std::addressof(fn)));
  }

  /// The field called `key`, or nothing when the event has none.
  [[nodiscard]] std::optional<event_value> get(std::string_view key) const;

  /// The event itself when it is an `E`, else null.
  template <telemetry_event E>
  [[nodiscard]] const E* as() const;

private:
  const void* event_;
  const void* type_;
  std::string_view name_;
  walker walk_;
};

namespace detail {

/// Its address tells event types apart; it holds nothing that changes.
template <class E>
inline constexpr char event_type{};

/// The bit of the interest mask that stands for events of this name.
[[nodiscard]] constexpr std::uint64_t interest_bit(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return std::uint64_t{1} << (mix64(hash) >> 58);
}

template <class E>
void walk_event(const void* event, event_view::visitor visit, void* context) {
  static_cast<const E*>(event)->for_each_field(
      [&](std::string_view key, const auto& value) { visit(context, key, to_event_value(value)); });
}

}  // namespace detail

template <telemetry_event E>
const E* event_view::as() const {
  return type_ == &detail::event_type<E> ? static_cast<const E*>(event_) : nullptr;
}

}  // namespace beamline
