#pragma once

#include "base/time.hpp"
#include "net/outbox/entry.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::net::outbox {

/// Events on the direct way to the target, while whoever made them waits for the answer. Pure.
///
/// Those that come while a batch is under way go with the next one, so however many come at once, the target is asked
/// once per round trip, and they arrive in the order they came. Their places in the queue are reserved, with room:
/// there they go when the direct way fails, before whatever came later.
class express {
public:
  struct item {
    event what;
    std::uint64_t ticket = 0;
    place at = 0;
    time_point since{};
    bool was_sent = false;
  };

  /// More than this many at a time take the long way.
  explicit express(std::size_t items_max) : items_max_{items_max} {}

  [[nodiscard]] bool is_full() const noexcept { return size() >= items_max_; }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + under_way_.size(); }
  /// Events of that key must not go another way now.
  [[nodiscard]] bool has(std::string_view key) const { return keys_.contains(key); }
  [[nodiscard]] bool is_under_way() const noexcept { return !under_way_.empty(); }

  void add(item i) {
    ++keys_[i.what.key];
    waiting_.push_back(std::move(i));
  }
  /// The next batch, the first of which has waited longest; nothing while one is under way.
  [[nodiscard]] const std::deque<item>& start(std::size_t events_max, std::uint64_t bytes_max) {
    std::uint64_t octets = 0;
    while (under_way_.size() < events_max && !waiting_.empty()) {
      octets += waiting_.front().what.payload.size();
      if (!under_way_.empty() && octets > bytes_max)
        break;
      under_way_.push_back(std::move(waiting_.front()));
      under_way_.back().was_sent = true;
      waiting_.pop_front();
    }
    return under_way_;
  }
  /// The first one of those under way ...
  [[nodiscard]] const event& front() const { return under_way_.front().what; }
  /// ... which is done.
  item take_front() {
    auto i = std::move(under_way_.front());
    under_way_.pop_front();
    forget(i);
    return i;
  }
  /// All, in order: the direct way is closed.
  std::vector<item> take_all() {
    std::vector<item> out;
    for (auto* from : {&under_way_, &waiting_}) {
      std::move(from->begin(), from->end(), std::back_inserter(out));
      from->clear();
    }
    keys_.clear();
    return out;
  }

private:
  void forget(const item& i) {
    auto key = keys_.find(i.what.key);
    if (--key->second == 0)
      keys_.erase(key);
  }

  std::size_t items_max_;
  std::deque<item> waiting_, under_way_;
  std::map<std::string, std::size_t, std::less<>> keys_;
};

}  // namespace beamline::net::outbox
