#pragma once

// Who is subscribed to what on one node, in partitions by topic. Thread-safe, and it outlives all processes: a
// partition process only watches the subscribers of its partition and removes the dead.
//
//   subscriber's turn ── add, remove ──>  partition  ── wake ──> partition process: take_changes, watch, unwatch
//   broadcaster's turn ── begin ──> an immutable audience, shared until somebody comes or goes

#include "actors/process.hpp"
#include "pubsub/subscription.hpp"
#include "pubsub/system/last_values.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace beamline::pubsub {

/// All who are subscribed to a topic, in the order they came.
struct audience {
  std::shared_ptr<const std::string> topic;
  std::vector<subscription_ptr> each;
  std::vector<entry> entries;  // The same, for dispatchers.
  std::vector<subscription_ptr> signalled;
  bool has_sets = false;  // Among `each` or `signalled` is one of a set.
};
using audience_ptr = std::shared_ptr<const audience>;

/// One partition.
class topic_partition {
public:
  explicit topic_partition(last_values::limits l) : values_{l} {}

  // -- subscribers ------------------------------------------------------------------------------------

  struct current_value {
    message m;  // Empty: there is none.
    std::uint64_t sequence = 0;
  };
  /// `make(topic)` makes the subscription, with the shared text of its topic. The value is what it has missed.
  current_value add(const std::string& topic,
                    const std::function<subscription_ptr(std::shared_ptr<const std::string>)>& make);
  std::size_t remove(std::uint64_t process, std::string_view topic);
  std::size_t remove(const subscription& one);
  std::size_t remove_all_of(std::uint64_t process);
  [[nodiscard]] std::size_t subscribers(std::string_view topic) const;
  [[nodiscard]] std::size_t topics() const;

  // -- broadcasts -------------------------------------------------------------------------------------

  struct round {
    audience_ptr to;             // Null: nobody is subscribed.
    std::uint64_t sequence = 0;  // Of this message among those of the partition.
  };
  [[nodiscard]] round begin(std::string_view topic);
  /// The same for a last value, which is kept. Nothing: one at least as new is known. `evicted` is raised.
  [[nodiscard]] std::optional<round> begin_with(const std::string& topic, kept_value v, std::size_t& evicted);

  // -- last values ------------------------------------------------------------------------------------

  [[nodiscard]] message value(std::string_view topic) const;
  struct digest {
    std::size_t count = 0;
    std::uint64_t hash = 0;
  };
  [[nodiscard]] digest values_digest() const;
  /// Of the first topic behind `after`; nothing: that was the last.
  [[nodiscard]] std::optional<std::pair<std::string, kept_value>> value_after(std::string_view after) const;

  // -- for the partition process -----------------------------------------------------------------------

  /// `wake` is called from any thread when there are changes, and not again before they were taken. Returns all
  /// processes that are subscribed.
  [[nodiscard]] std::vector<std::uint64_t> attach(std::function<void()> wake);
  /// It ends: `wake` is not called any more.
  void detach();
  struct changes {
    std::vector<std::pair<std::uint64_t, bool>> processes;  // Whether it is to be watched.
    bool is_owing = false;
  };
  [[nodiscard]] changes take_changes();
  /// A wake-up met a full mailbox: it is owed until it is settled, or the subscription ends.
  void owe(const subscription_ptr& one);
  [[nodiscard]] std::vector<subscription_ptr> owed() const;
  /// False: it is not owed any more. To be called before it is woken: who is refused meanwhile is owed anew.
  [[nodiscard]] bool settle(const subscription& one);

private:
  struct topic_entry {
    std::shared_ptr<const std::string> name;
    std::map<std::uint64_t, subscription_ptr> all;
    audience_ptr shown;  // Null: to be made.
  };
  using topic_map = std::map<std::string_view, topic_entry>;                           // The keys are the shared names.
  using index = std::set<std::tuple<std::uint64_t, std::string_view, std::uint64_t>>;  // Process, topic, subscription.

  [[nodiscard]] round begin_locked(std::string_view topic);
  std::size_t erase(index::iterator from, index::iterator to);
  [[nodiscard]] index::iterator first_of(std::uint64_t process) const {
    return by_process_.lower_bound({process, {}, 0});
  }
  [[nodiscard]] bool has(std::uint64_t process) const;
  /// To be called unlocked: it is time to tell the partition process; may be empty.
  [[nodiscard]] std::function<void()> note_change(std::uint64_t process);
  [[nodiscard]] std::function<void()> wake_once();

  mutable std::mutex mutex_;
  topic_map topics_;
  index by_process_;
  last_values values_;
  std::uint64_t sequence_ = 0;
  std::set<std::uint64_t> changed_;
  std::map<std::uint64_t, subscription_ptr> owed_;  // By subscription.
  std::function<void()> wake_;
  bool is_woken_ = false;
};

/// All partitions.
class topic_table {
public:
  topic_table(std::size_t partitions, last_values::limits l);

  [[nodiscard]] std::size_t size() const noexcept { return partitions_.size(); }
  [[nodiscard]] topic_partition& at(std::size_t index) const { return *partitions_.at(index); }
  [[nodiscard]] topic_partition& of(std::string_view topic) const;

private:
  std::vector<std::unique_ptr<topic_partition>> partitions_;
};

}  // namespace beamline::pubsub
