#pragma once

// What a presence knows on one node, beside its processes: who is there, what of it subscribers have been told, who
// watches counts. The shards of the tracker write it in their own turns, the publisher reads it in its; so nothing
// waits in a mailbox that could overflow, and nothing is lost with a publisher that crashes: the next one finds all
// that is not published, goes on with it, and no subscriber sees a gap.

#include "pubsub/presence/crdt/state.hpp"
#include "pubsub/presence/layer/count_watches.hpp"
#include "pubsub/presence/layer/metas_memory.hpp"
#include "pubsub/presence/layer/topic_ledger.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::presence::layer {

/// Thread-safe. Shards may always write; everything else belongs to whoever has adopted it last, one at a time.
class ledger {
public:
  /// In a shard's turn. True: the publisher does not know yet that there is something, and is to be woken.
  bool note(const diff& d);
  /// The same for a tracker in mode `count`, of which only the topics say something: that a count has changed.
  bool note_counts(const diff& d);

  // -- of the publisher -----------------------------------------------------------------------------------

  /// What only its owner may see.
  struct books {
    std::map<std::string, topic_ledger, std::less<>> topics;
    count_watches watches;
    // Topics with something to tell that nobody has taken out of here yet.
    std::set<std::string, std::less<>> noted;
    // Of those whose count is watched, until the publisher has looked at them.
    std::set<std::string, std::less<>> recounted;
    std::uint64_t made = 0;

    topic_ledger& at(const std::string& topic) { return topics.try_emplace(topic, ++made << 32U).first->second; }
    /// Null: nobody is there, and nothing is to be told.
    topic_ledger* find(std::string_view topic) {
      auto t = topics.find(topic);
      return t == topics.end() ? nullptr : &t->second;
    }
    /// True: its count is watched, and the publisher does not know yet that it may have changed.
    bool recount(const std::string& topic) { return watches.has(topic) && recounted.insert(topic).second; }
    void forget_if_idle(std::string_view topic) {
      if (auto t = topics.find(topic); t != topics.end() && t->second.is_idle())
        topics.erase(t);
    }
  };

  /// From now on only who has this number may use it. What was in flight is pending again, and all topics with
  /// something to tell count as noted.
  std::uint64_t adopt();
  /// Calls `fn(books&)`. Short: shards wait meanwhile. Throws std::runtime_error for who was superseded: a publisher
  /// that was given up as a zombie, and has come back.
  template <class Fn>
  decltype(auto) use(std::uint64_t owner, Fn&& fn) {
    std::lock_guard lock{mutex_};
    require_owner(owner);
    return std::forward<Fn>(fn)(books_);
  }

  /// For the next owner: what handle_metas was told so far, if the one before could give it back.
  void keep(std::uint64_t owner, metas_memory m);
  [[nodiscard]] std::optional<metas_memory> take_kept(std::uint64_t owner);

private:
  void require_owner(std::uint64_t owner) const;

  std::mutex mutex_;
  books books_;
  std::optional<metas_memory> kept_;
  std::uint64_t owner_ = 0;
};

}  // namespace beamline::presence::layer
