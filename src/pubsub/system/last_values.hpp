#pragma once

#include "actors/process.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::pubsub {

/// Which of two values of a topic is the newer one: the greater version, of two nodes at the same instant the greater
/// name. Versions grow from value to value and with the clock, so a node that restarts does not begin below its past.
struct value_stamp {
  std::uint64_t version = 0;
  std::string origin;  // The node it was broadcast on.

  friend auto operator<=>(const value_stamp&, const value_stamp&) = default;
};

/// The newest value of a topic.
struct kept_value {
  message m;
  value_stamp stamp;
  std::size_t octets = 0;      // Encoded.
  std::uint64_t sequence = 0;  // Grows from value to value of its partition.
};

/// The newest values of many topics, bounded in number and octets. Not thread-safe; owned by a table partition.
class last_values {
public:
  struct limits {
    std::size_t values_max;
    std::size_t octets_max;
  };
  // So many of the oldest are looked at for one to evict.
  static constexpr std::size_t candidates_max = 64;

  explicit last_values(limits l) : limits_{l} {}

  /// Null: none is known.
  [[nodiscard]] const kept_value* find(std::string_view topic) const;
  /// False: a newer one, or this very one, is known.
  [[nodiscard]] bool is_news(std::string_view topic, const value_stamp& s) const;
  /// Keeps it instead of what was known of that topic. When that makes too many, the oldest for which `may_go` holds
  /// are evicted; if that is not enough it is itself not kept, and of its topic no value is known, but that an older
  /// one is no news, as long as there is room for that. Returns how many were evicted or not kept.
  std::size_t put(const std::string& topic, kept_value v, const std::function<bool(std::string_view)>& may_go);

  /// The first topic behind `after` with its value; null: there is none.
  [[nodiscard]] const std::pair<const std::string, kept_value>* next(std::string_view after) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The same for the same values, in whatever order they came.
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }

private:
  using value_map = std::map<std::string, kept_value, std::less<>>;

  void insert(const std::string& topic, kept_value v);
  void erase(value_map::iterator v);
  bool make_room(std::size_t octets, const std::function<bool(std::string_view)>& may_go, std::size_t& evicted);

  limits limits_;
  value_map values_;  // With an empty message: there was no room for the value.
  std::map<std::uint64_t, value_map::iterator> oldest_first_;  // By sequence.
  std::size_t octets_ = 0;
  std::size_t size_ = 0;  // Those that have their value.
  std::uint64_t digest_ = 0;
};

}  // namespace beamline::pubsub
