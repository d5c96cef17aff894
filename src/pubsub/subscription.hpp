#pragma once

#include "actors/prompt_sends.hpp"
#include "pubsub/system/entry.hpp"
#include "pubsub/topic.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace beamline::pubsub {

/// One subscription, as its subscriber holds it. It need not: it ends with `unsubscribe` and with its process.
/// Thread-safe.
class subscription {
public:
  subscription(std::uint64_t id, std::shared_ptr<const std::string> topic, pid subscriber, subscribe_options o)
      : id_{id}, topic_{std::move(topic)}, subscriber_{std::move(subscriber)}, options_{std::move(o)} {}

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const std::string& topic() const noexcept { return *topic_; }
  [[nodiscard]] const pid& subscriber() const noexcept { return subscriber_; }

  /// For delivery::signal: from now on the next message wakes again. Returns the newest message of a last_value topic,
  /// of a fire_and_forget one the newest that came since the last `take`; empty: none. Never misses the last one: what
  /// comes after `take` read it wakes again.
  [[nodiscard]] message take();
  /// The same as an `M`; nothing as well when it is another message.
  template <wire_message M>
  [[nodiscard]] std::optional<M> take_as() {
    auto m = take();
    return m.match_elements<M>() ? std::optional<M>{m.get_as<M>(0)} : std::nullopt;
  }

  // -- for the system ---------------------------------------------------------------------------------

  [[nodiscard]] const subscribe_options& options() const noexcept { return options_; }

  /// Keeps `m` as the newest, if it is: `sequence` grows per topic. True: its subscriber is to be woken.
  [[nodiscard]] bool offer(const message& m, std::uint64_t sequence, topic_class kind);
  /// It was woken and has not looked yet.
  [[nodiscard]] bool is_to_look() const;
  /// Calls `tell` unless something newer was told already; others wait meanwhile. For last values.
  template <class F>
  void in_order(std::uint64_t sequence, F tell) {
    std::lock_guard lock{mutex_};
    if (sequence <= sequence_)
      return;
    sequence_ = sequence;
    prompt_sends at_once;
    tell();
  }

private:
  const std::uint64_t id_;
  const std::shared_ptr<const std::string> topic_;
  const pid subscriber_;
  const subscribe_options options_;

  mutable std::mutex mutex_;
  std::uint64_t sequence_ = 0;  // Of the newest that it was told of.
  message newest_;              // With delivery::signal.
  bool is_kept_ = false;        // By `take`.
  bool is_woken_ = false;       // And has not looked yet.
};

}  // namespace beamline::pubsub
