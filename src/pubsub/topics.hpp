#pragma once

// Topics: each node's one broadcast process tells its local subscribers and passes the message on to every linked peer,
// once per peer.
//
//   cast(broadcast_on(env()), subscribe{"stats:blog:hello", self()});
//   cast(broadcast_on(env()), publish{"stats:blog:hello", encode(m)});        or publish_of(topic, m)
//   handlers([this](const broadcast_message& m) { ... *m.payload ... })
//
// At most once, in order per publisher. A peer that is away misses it; one whose lane is full, too, counted. The lane
// is `broadcast`: it drops its oldest, and never delays calls, memberships or ticks.

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/bytes.hpp"
#include "base/log.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace beamline::pubsub {

// (topic, subscriber) pairs of one node; one more is refused with `busy`.
inline constexpr std::size_t subscriptions_max = 500'000;
inline constexpr std::size_t topic_bytes_max = 255;
// A larger one is refused (D122), for local subscribers, too: who is told must not depend on where it listens.
inline constexpr std::size_t broadcast_payload_bytes_max = (1U << 20) - 1024;

/// From now on `subscriber` is cast the messages of `topic`. Twice is as once; the dead are forgotten. May be
/// cast or called; a call answers when it is done, or fails: `busy`, or `crashed` with `badarg: ...`.
struct subscribe {
  std::string topic;
  pid subscriber;
};

/// After a call of this was answered, nothing more is sent; what was sent before may still be in the mailbox.
struct unsubscribe {
  std::string topic;
  pid subscriber;
};

/// May be cast or called; a call answers when it was sent to everybody, or fails with `badarg: ...`.
struct publish {
  std::string topic;
  bytes payload;
};

/// What subscribers are cast. The payload is shared by all of them.
struct broadcast_message {
  std::string topic;
  std::shared_ptr<const bytes> payload;
};

/// The one broadcast process of a node, registered as "broadcast". Spawn after `use_peers`.
class topics final : public process {
public:
  using process::process;
  behavior init() override;

private:
  struct subscriber {
    watch_ref watch;
    std::set<std::string> topics;
  };

  deferred handle_subscribe(const subscribe& m);
  void handle_unsubscribe(const unsubscribe& m);
  deferred handle_publish(const publish& m);
  void handle_message(const peer_message& m);

  void remove(const pid& who, const std::string& topic);
  void forget(const pid& who);
  void tell_local(std::string topic, bytes payload);
  void tell_peers(const std::string& topic, const bytes& payload);

  std::map<std::string, std::set<pid>> topics_;  // In a defined order: it is seen from outside.
  std::map<pid, subscriber> subscribers_;
  std::size_t subscriptions_ = 0;
  std::uint64_t dropped_ = 0;
  once_per drop_log_{10s};
};

/// Whoever is registered as "broadcast" on this node.
[[nodiscard]] inline pid broadcast_on(const environment& env) { return {env.self(), std::string{"broadcast"}}; }

/// `cast(broadcast_on(env()), publish_of(topic, like_changed{...}))`; the receiver decodes `*m.payload`.
template <wire_message Message>
[[nodiscard]] publish publish_of(std::string topic, const Message& m) {
  return {std::move(topic), encode(m)};
}

}  // namespace beamline::pubsub
