#pragma once

#include "pubsub/subscription.hpp"
#include "pubsub/system.hpp"
#include "pubsub/system/seen_events.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace beamline::pubsub {

/// Several topics as one subscription: an event that is broadcast to its stream and to its source arrives once.
///
///   auto both = subscription_set::make(system_of(env()), self());
///   both->add(stream_topic(3));  both->add(source_topic(7));
///
/// Told apart by broadcast_options::event_id; messages without one all arrive. Thread-safe. Ends with its last owner,
/// or with the subscriber.
class subscription_set {
public:
  // An id that came back after so many others arrives again.
  static constexpr std::size_t ids_remembered = seen_events::ids_max;

  /// `of` must outlive it. What is said of `seen` in the options does not count.
  [[nodiscard]] static std::shared_ptr<subscription_set> make(system& of, pid subscriber, subscribe_options o = {});
  subscription_set(system& of, pid subscriber, subscribe_options o);
  ~subscription_set();
  subscription_set(const subscription_set&) = delete;
  subscription_set& operator=(const subscription_set&) = delete;

  /// Adding a topic again changes nothing. Errors: those of system::subscribe.
  result<void> add(const std::string& topic);
  template <class M, topic_class Class>
  result<void> add(const topic<M, Class>& t) {
    return add(t.name());
  }
  /// One it does not have changes nothing.
  void remove(const std::string& topic);
  template <class M, topic_class Class>
  void remove(const topic<M, Class>& t) {
    remove(t.name());
  }
  [[nodiscard]] std::set<std::string> topics() const;

private:
  system& of_;
  const pid subscriber_;
  const subscribe_options options_;
  mutable std::mutex mutex_;
  std::map<std::string, subscription_ptr> topics_;
};

}  // namespace beamline::pubsub
