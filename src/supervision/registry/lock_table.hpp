#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace beamline::supervision {

/// Holds a lock of a registry for as long as a copy of it lives; the copies are one. It may leave the function that
/// was given it and live in a member of the process. May be released from any thread.
class lock_guard {
public:
  explicit lock_guard(std::function<void()> give_back) : held_{std::make_shared<held>(std::move(give_back))} {}

  /// At once, whoever has copies.
  void release() const { held_->release(); }

private:
  struct held {
    explicit held(std::function<void()> fn) : give_back{std::move(fn)} {}
    ~held() { release(); }
    held(const held&) = delete;
    held& operator=(const held&) = delete;
    void release() {
      if (!is_released.exchange(true))
        give_back();
    }
    std::function<void()> give_back;
    std::atomic<bool> is_released{false};
  };

  std::shared_ptr<held> held_;
};

namespace detail {

/// Who waits for which lock, in order; the first of each key holds it. Plain data structure: not thread-safe.
template <class Key>
class lock_table {
public:
  using function = std::function<void(lock_guard)>;

  struct ticket {
    std::uint64_t number = 0;  // Unique.
    std::uint64_t owner = 0;
    std::shared_ptr<function> run;
  };
  /// A ticket that has come to hold the lock of that key.
  struct grant {
    Key key;
    ticket to;
  };

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool owns(std::uint64_t owner) const { return owners_.contains(owner); }
  void append_owners(std::vector<std::uint64_t>& out) const {
    for (const auto& [owner, keys] : owners_)
      out.push_back(owner);
  }

  /// Who holds it; nothing when nobody does.
  [[nodiscard]] std::optional<std::uint64_t> holder(const Key& key) const {
    auto i = queues_.find(key);
    return i == queues_.end() ? std::nullopt : std::optional{i->second.front().owner};
  }

  /// Queues up; true when nobody was before it: it holds the lock.
  bool add(const Key& key, ticket t) {
    auto& q = queues_[key];
    ++owners_[t.owner][key];
    q.push_back(std::move(t));
    ++size_;
    return q.size() == 1;
  }

  /// The holder with that number is done. Its ticket goes to `done`, the next holder is returned; nothing happens when
  /// it does not hold it (any more).
  std::optional<grant> release(const Key& key, std::uint64_t number, std::vector<ticket>& done) {
    auto i = queues_.find(key);
    if (i == queues_.end() || i->second.front().number != number)
      return std::nullopt;
    take(i->second.begin(), i->first, i->second, done);
    return next_of(i);
  }

  /// Holds and waits for nothing any more. Those who hold a lock now because of that are added to `next`.
  void remove_owner(std::uint64_t owner, std::vector<ticket>& done, std::vector<grant>& next) {
    auto o = owners_.extract(owner);
    if (o.empty())
      return;
    for (const auto& [key, count] : o.mapped()) {
      auto i = queues_.find(key);
      auto& q = i->second;
      auto held = q.front().owner == owner;
      for (auto t = q.begin(); t != q.end();) {
        if (t->owner == owner) {
          done.push_back(std::move(*t));
          t = q.erase(t);
          --size_;
        } else {
          ++t;
        }
      }
      if (auto g = next_of(i); g && held)
        next.push_back(std::move(*g));
    }
    // In the order they came, not in that of a hash table.
    std::sort(next.begin(), next.end(), [](const grant& a, const grant& b) { return a.to.number < b.to.number; });
  }

private:
  using queue = std::deque<ticket>;

  void take(typename queue::iterator at, const Key& key, queue& q, std::vector<ticket>& done) {
    auto o = owners_.find(at->owner);
    if (auto k = o->second.find(key); --k->second == 0)
      o->second.erase(k);
    if (o->second.empty())
      owners_.erase(o);
    done.push_back(std::move(*at));
    q.erase(at);
    --size_;
  }

  std::optional<grant> next_of(typename std::unordered_map<Key, queue>::iterator i) {
    if (!i->second.empty())
      return grant{i->first, i->second.front()};
    queues_.erase(i);
    return std::nullopt;
  }

  std::unordered_map<Key, queue> queues_;                                 // None is empty.
  std::map<std::uint64_t, std::unordered_map<Key, std::size_t>> owners_;  // How many tickets of which key.
  std::size_t size_ = 0;
};

}  // namespace detail

}  // namespace beamline::supervision
