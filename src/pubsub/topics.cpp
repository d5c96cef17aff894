#include "pubsub/topics.hpp"

#include "pubsub/events.hpp"

namespace beamline::pubsub {

namespace detail {

/// A broadcast between nodes.
struct wire_broadcast {
  std::string topic;
  bytes payload;
  BEAMLINE_MESSAGE(wire_broadcast, "broadcast", 1, topic, payload)
};

}  // namespace detail

namespace {

using detail::wire_broadcast;

constexpr std::string_view service = "broadcast";

call_error bad_argument(const std::string& text) {
  return {call_error::kind::crashed, reason::custom("badarg: " + text)};
}

bool is_topic(const std::string& topic) { return !topic.empty() && topic.size() <= topic_bytes_max; }
std::string not_a_topic() { return "a topic has 1 to " + std::to_string(topic_bytes_max) + " bytes"; }

}  // namespace

behavior topics::init() {
  if (auto named = register_as("broadcast"); !named)
    throw std::logic_error{"topics: " + named.error().message};
  env().peers().register_service(std::string{service}, self());
  return handlers([this](const subscribe& m) { return handle_subscribe(m); },
                  [this](const unsubscribe& m) { handle_unsubscribe(m); },
                  [this](const publish& m) { return handle_publish(m); },
                  [this](const peer_message& m) { handle_message(m); });
}

topics::deferred topics::handle_subscribe(const subscribe& m) {
  auto answer = promise<void>();
  // The limit leaves room for watches: there are never more of them than subscriptions.
  static_assert(subscriptions_max < process::pending_max);
  if (!is_topic(m.topic)) {
    answer.fail(bad_argument(not_a_topic()));
  } else if (!m.subscriber || !m.subscriber.is_on(*env().self())) {
    answer.fail(bad_argument("a subscriber lives on this node; subscribe on its own"));
  } else if (topics_.contains(m.topic) && topics_.at(m.topic).contains(m.subscriber)) {
    answer.set();
  } else if (subscriptions_ >= subscriptions_max) {
    env().log().write(drop_log_, log_level::error, "broadcast", "subscription refused: there are too many",
                      {{"topic", m.topic}, {"limit", subscriptions_max}});
    answer.fail(call_error{call_error::kind::busy, {}});
  } else {
    auto [s, is_new] = subscribers_.try_emplace(m.subscriber);
    if (is_new)
      s->second.watch = watch(m.subscriber, [this, who = m.subscriber](const reason&) { forget(who); });
    s->second.topics.insert(m.topic);
    topics_[m.topic].insert(m.subscriber);
    ++subscriptions_;
    answer.set();
  }
  return answer;
}

void topics::handle_unsubscribe(const unsubscribe& m) {
  auto s = subscribers_.find(m.subscriber);
  if (s == subscribers_.end() || s->second.topics.erase(m.topic) == 0)
    return;
  remove(m.subscriber, m.topic);
  if (s->second.topics.empty()) {
    unwatch(s->second.watch);
    subscribers_.erase(s);
  }
}

void topics::forget(const pid& who) {
  auto s = subscribers_.extract(who);
  for (const auto& topic : s.mapped().topics)
    remove(who, topic);
}

void topics::remove(const pid& who, const std::string& topic) {
  auto t = topics_.find(topic);
  t->second.erase(who);
  if (t->second.empty())
    topics_.erase(t);
  --subscriptions_;
}

topics::deferred topics::handle_publish(const publish& m) {
  auto answer = promise<void>();
  std::string wrong;
  if (!is_topic(m.topic))
    wrong = not_a_topic();
  else if (m.payload.size() > broadcast_payload_bytes_max)
    wrong = "a broadcast of " + std::to_string(m.payload.size()) + " bytes to " + m.topic + " is over the limit of "
          + std::to_string(broadcast_payload_bytes_max);
  if (!wrong.empty()) {
    env().log().write(drop_log_, log_level::error, "broadcast", "broadcast refused", {{"why", wrong}});
    answer.fail(bad_argument(wrong));
    return answer;
  }
  tell_peers(m.topic, m.payload);
  tell_local(m.topic, m.payload);
  answer.set();
  return answer;
}

void topics::handle_message(const peer_message& m) {
  if (auto b = decode<wire_broadcast>(m.payload))
    tell_local(std::move(b->topic), std::move(b->payload));
  else
    env().log().warn("broadcast", "a broadcast that cannot be read was dropped",
                     {{"peer", m.from.name}, {"why", b.error()}});
}

void topics::tell_local(std::string topic, bytes payload) {
  auto t = topics_.find(topic);
  if (t == topics_.end())
    return;
  const auto shared = share(broadcast_message{std::move(topic), std::make_shared<const bytes>(std::move(payload))});
  for (const auto& p : t->second)
    cast(p, shared);
}

void topics::tell_peers(const std::string& topic, const bytes& payload) {
  auto linked = env().peers().list();
  if (linked.empty())
    return;
  auto encoded = encode(wire_broadcast{topic, payload});
  for (const auto& peer : linked) {
    auto sent = env().peers().send(peer.identity.name, lane::broadcast, service, encoded);
    if (sent)
      continue;
    ++dropped_;
    env().events().emit(broadcast_dropped{topic, peer.identity.name, sent.error().message, dropped_});
    env().log().write(drop_log_, log_level::warn, "broadcast", "broadcast not taken by the link",
                      {{"peer", peer.identity.name}, {"topic", topic}, {"why", sent.error()}});
  }
}

}  // namespace beamline::pubsub
