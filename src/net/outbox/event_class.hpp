#pragma once

#include "actors/message_codec.hpp"
#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "net/outbox/messages.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::net::outbox {

/// What happens to events of a class when the outbox is full (D204).
enum class overflow : std::uint8_t {
  refuse,       // Never dropped; a new one is refused, and whoever made it is told.
  drop_oldest,  // The oldest ones of such classes go to make room for any new one; counted.
};

/// Merges a newer event into one that still waits; the payload of both as one, or nothing: they stay two. The newer one
/// loses its own id by that.
using coalesce_function = std::function<std::optional<bytes>(const bytes& waiting, const bytes& newer)>;

/// What an application says about one type of its events.
struct event_class {
  std::string type;
  overflow when_full = overflow::refuse;
  // Called with events of one key that follow each other, and never with one that was sent already. Empty: they are
  // not merged. Must not throw.
  coalesce_function coalesce{};
  // For what counts once in each so long time: only events that were made in the same one are merged. They are aligned
  // with 1970, and the time is that in the id. Zero: time does not matter.
  duration within{};
};

/// Whether the times in these ids are in the same `slice`; always, if that is zero.
[[nodiscard]] bool are_in_one(duration slice, const uid& a, const uid& b);

/// The classes of a node's applications, by type. Events of other types are refused as invalid.
class class_table {
public:
  class_table() = default;
  /// Throws std::logic_error when a type occurs twice, or cannot be one.
  explicit class_table(std::vector<event_class> all);

  /// Null: no such class.
  [[nodiscard]] const event_class* find(std::string_view type) const;
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
  std::map<std::string, event_class, std::less<>> all_;
};

/// A coalesce function over the message that is the payload: `merge(M& waiting, const M& newer)` says whether `waiting`
/// holds both now.
///
///   event_class{.type = "blog_visit", .when_full = overflow::drop_oldest,
///               .coalesce = coalescing<visits>([](visits& w, const visits& n) { return w.add(n); })}
template <wire_message M, class F>
[[nodiscard]] coalesce_function coalescing(F merge) {
  return [merge = std::move(merge)](const bytes& waiting, const bytes& newer) -> std::optional<bytes> {
    auto old_one = decode<M>(waiting);
    auto new_one = decode<M>(newer);
    if (!old_one || !new_one || !merge(*old_one, *new_one))
      return std::nullopt;
    return encode(*old_one);
  };
}

}  // namespace beamline::net::outbox
