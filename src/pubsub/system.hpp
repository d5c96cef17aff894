#pragma once

// PubSub as Phoenix means it: topics, and whoever is subscribed to them, on every linked node that runs a system of
// that name.
//
//   pubsub::directory systems;  node.env().provide(systems);     once per node; and a supervision::partition_directory
//   ... pubsub::child_system({.name = "main"}) ...                                            in its tree
//
//   auto& main = pubsub::system_of(env());
//   main.subscribe(self(), stats_of_blog("hello"));           handlers([this](const stats_updated& m) {...})
//   main.broadcast(*this, stats_of_blog("hello"), stats_updated{...});
//
// What holds: subscribing takes effect before the call returns (D107); per sender and subscriber messages arrive in the
// order they were sent, over all topics (I18); a subscription gives one message per broadcast, two give two (D106);
// nothing is kept for who is away (D119), but the newest of a `last_value` topic. A peer is sent one message per
// broadcast, however many subscribe there.

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "actors/process.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/subscription.hpp"
#include "pubsub/system/entry.hpp"
#include "pubsub/topic.hpp"
#include "supervision/child_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace beamline::pubsub {

inline constexpr std::string_view default_system = "main";
inline constexpr std::size_t system_name_octets_max = 64;
// A larger message is refused (`too_large`, D122), for local subscribers, too: who is told must not depend on where it
// listens.
inline constexpr std::size_t broadcast_octets_max = (1U << 20) - 1024;
// A longer event id is refused as `invalid`.
inline constexpr std::size_t event_id_octets_max = 128;
// A wake-up that a full mailbox refused is sent again so often, until it is taken.
inline constexpr duration signal_retry = std::chrono::milliseconds{100};

struct system_options {
  std::string name{default_system};
  // Parts of the table of subscribers, each with a process that removes the dead (D118). 0: one per four workers of the
  // node, at least 1.
  std::size_t partitions = 0;
  // Processes that pass on what peers send; one of them gets all of a sender (D115). Need not agree between nodes.
  std::size_t pool_size = 1;
  // One more subscription is refused with `busy`.
  std::size_t subscriptions_max = 500'000;
  // More last values, or more octets of them, evict the oldest of topics nobody here subscribes to; with none such the
  // new one is not kept. Counted. Both are shared out evenly to the partitions.
  std::size_t last_values_max = 65'536;
  std::size_t last_values_octets_max = 64U << 20;
  // Ways to hand a message to the subscribers besides the default, by the name that travels (D121).
  std::map<std::string, std::shared_ptr<const dispatcher>, std::less<>> dispatchers{};

  friend bool operator==(const system_options&, const system_options&) = default;
};

/// Argument errors: the message names the field, the value and what is allowed (PS11).
[[nodiscard]] result<void> check_system_options(const system_options& o);

/// About one broadcast.
struct broadcast_options {
  // Subscription sets drop a second message of the same id. Empty: none.
  std::string event_id{};
  // Of system_options::dispatchers; empty: the default. A node that does not know it uses the default, counted.
  std::string dispatcher{};
  // Of a last_value topic: says itself which value is newer, as a number that a database counted does; then all
  // broadcasts to the topic must, and two nodes may broadcast to it at the same time. 0: the clock says it.
  std::uint64_t version = 0;
};

// A greater version is refused as `invalid`: there would be none above it.
inline constexpr std::uint64_t version_max = 1ULL << 62;

/// One PubSub system of a node. Thread-safe; found with `system_of`. The object, and who is subscribed, outlive all of
/// its processes: a reference is valid as long as the directory, and a supervisor that is restarted takes it up again.
///
/// Errors of all that take a topic: `invalid` (the name is empty or longer than topic_octets_max), `unavailable` (its
/// supervisor does not run). Messages are those of the node's message_contract, else `unsupported`; only local
/// broadcasts may be of any type.
///
/// A last_value topic keeps what `broadcast` and `broadcast_from` said, whoever did: the value of the greatest version,
/// and versions grow with the clock. What arrives late, older than what is known, is told to nobody. Local and direct
/// broadcasts are told and not kept.
class system {
public:
  virtual ~system() = default;

  [[nodiscard]] virtual const system_options& about() const noexcept = 0;
  /// The node's name, for `direct_broadcast` (D120).
  [[nodiscard]] virtual const std::string& node_name() const noexcept = 0;

  // -- subscribers ------------------------------------------------------------------------------------

  /// `who` lives on this node. Of a last_value topic it is cast the current value at once, if there is one. Errors
  /// besides: `busy` (subscriptions_max), `invalid` (a process of another node). A dead one is removed at once.
  virtual result<subscription_ptr> subscribe(const pid& who, const std::string& topic, subscribe_options o = {}) = 0;
  /// Takes all subscriptions of `who` to the topic; how many there were (D106). What was cast before stays in the
  /// mailbox; nothing broadcast after the return reaches it (I20).
  virtual std::size_t unsubscribe(const pid& who, std::string_view topic) = 0;
  /// Takes that one; 0: it had ended.
  virtual std::size_t unsubscribe(const subscription_ptr& one) = 0;

  template <class M, topic_class Class>
  result<subscription_ptr> subscribe(const pid& who, const topic<M, Class>& t, subscribe_options o = {}) {
    return subscribe(who, t.name(), std::move(o));
  }
  template <class M, topic_class Class>
  std::size_t unsubscribe(const pid& who, const topic<M, Class>& t) {
    return unsubscribe(who, std::string_view{t.name()});
  }

  // -- broadcasts: `from` is the process in whose turn they are made -------------------------------------

  /// To all peers, then here (D109). With an error nobody here is told. That a peer's lane is full is no error: its
  /// oldest broadcasts go, which the link counts and tells by the event net.lane_overflow (`dropped_oldest`); that a
  /// link goes down at that moment is none either, and told by broadcast.dropped.
  virtual result<void> broadcast(process& from, const std::string& topic, topic_class kind, message m,
                                 const broadcast_options& o = {}) = 0;
  /// The same, but for the sender's own subscriptions here (D110).
  virtual result<void> broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                                      const broadcast_options& o = {}) = 0;
  virtual result<void> local_broadcast(process& from, const std::string& topic, topic_class kind, message m,
                                       const broadcast_options& o = {}) = 0;
  virtual result<void> local_broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                                            const broadcast_options& o = {}) = 0;
  /// To one node, this one as well; to an unknown one it is lost without an error (D111).
  virtual result<void> direct_broadcast(process& from, std::string_view node, const std::string& topic,
                                        topic_class kind, message m, const broadcast_options& o = {}) = 0;

  template <class M, topic_class Class>
  result<void> broadcast(process& from, const topic<M, Class>& t, std::type_identity_t<M> m,
                         const broadcast_options& o = {}) {
    return broadcast(from, t.name(), Class, share(std::move(m)), o);
  }
  template <class M, topic_class Class>
  result<void> broadcast_from(process& from, const topic<M, Class>& t, std::type_identity_t<M> m,
                              const broadcast_options& o = {}) {
    return broadcast_from(from, t.name(), Class, share(std::move(m)), o);
  }
  template <class M, topic_class Class>
  result<void> local_broadcast(process& from, const topic<M, Class>& t, std::type_identity_t<M> m,
                               const broadcast_options& o = {}) {
    return local_broadcast(from, t.name(), Class, share(std::move(m)), o);
  }
  template <class M, topic_class Class>
  result<void> local_broadcast_from(process& from, const topic<M, Class>& t, std::type_identity_t<M> m,
                                    const broadcast_options& o = {}) {
    return local_broadcast_from(from, t.name(), Class, share(std::move(m)), o);
  }
  template <class M, topic_class Class>
  result<void> direct_broadcast(process& from, std::string_view node, const topic<M, Class>& t,
                                std::type_identity_t<M> m, const broadcast_options& o = {}) {
    return direct_broadcast(from, node, t.name(), Class, share(std::move(m)), o);
  }

  // -- to look at -----------------------------------------------------------------------------------------

  /// The newest of a last_value topic known here; an empty message: none.
  [[nodiscard]] virtual message last_value(std::string_view topic) const = 0;
  [[nodiscard]] virtual std::size_t subscribers(std::string_view topic) const = 0;

  struct counters {
    std::uint64_t subscriptions = 0;
    std::uint64_t topics = 0;
    std::uint64_t last_values = 0;
    std::uint64_t broadcasts = 0;           // Made here.
    std::uint64_t received = 0;             // Of peers.
    std::uint64_t deliveries = 0;           // Messages cast to subscribers, wake-ups included, or given to dispatchers.
    std::uint64_t signals_merged = 0;       // Wake-ups that were not needed: one was pending.
    std::uint64_t overflows = 0;            // Messages that full mailboxes of subscribers refused.
    std::uint64_t duplicates = 0;           // Dropped by subscription sets.
    std::uint64_t stale = 0;                // Last values that came later than a newer one.
    std::uint64_t peer_drops = 0;           // Messages that a peer's link did not take: it was going down.
    std::uint64_t worker_drops = 0;         // Messages of peers that a full or absent worker refused.
    std::uint64_t unreadable = 0;           // Of peers: not decodable, or of a type this node has not.
    std::uint64_t unknown_dispatchers = 0;  // Messages that the default dispatcher handed out instead.
    std::uint64_t dispatch_failures = 0;    // Dispatchers that threw (D114).
    std::uint64_t values_evicted = 0;       // Last values that were forgotten or not kept.
  };
  [[nodiscard]] virtual counters count() const = 0;
};

/// Throws std::logic_error when the node has no directory or no such system runs: the program is wired wrongly.
[[nodiscard]] system& system_of(const environment& env, std::string_view name = default_system);
/// Null instead.
[[nodiscard]] system* find_system(const environment& env, std::string_view name = default_system);

/// The system as a child, with the id `pubsub:<name>`: a supervisor of its partition supervisors. Throws
/// std::invalid_argument, see check_system_options. Its start is refused when such a system runs on the node already,
/// and when one ran with other options: they hold for the life of a node.
[[nodiscard]] supervision::child_spec child_system(system_options o);

}  // namespace beamline::pubsub
