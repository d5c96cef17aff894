#include "pubsub/system/core.hpp"

#include "actors/events.hpp"
#include "actors/message_contract.hpp"
#include "actors/peers.hpp"
#include "actors/process_table.hpp"
#include "pubsub/events.hpp"
#include "pubsub/system/delivery.hpp"
#include "supervision/partition_table.hpp"

#include <algorithm>
#include <utility>

namespace beamline::pubsub::detail {

namespace {

// A node has one worker thread per so many of which it has one partition.
constexpr std::size_t workers_per_partition = 4;

const broadcast_options no_options{};

// What a clock says is above every version that was seen, so it may be above version_max, by some broadcasts. More than
// this no node has said.
constexpr std::uint64_t wire_version_max = version_max * 2 - 1;

}  // namespace

core::core(environment& env, peer_board& peers, system_options o)
    : env_{env},
      peers_{peers},
      options_{settled(std::move(o))},
      service_{broadcast_service(options_.name)},
      table_{options_.partitions, {options_.last_values_max, options_.last_values_octets_max}},
      shed_handle_{env.events().attach<message_shed>([this](const message_shed& e) { refusals::note(*this, e.id); })} {}

system_options core::settled(system_options o) const {
  if (o.partitions == 0)
    o.partitions = std::max<std::size_t>(1, env_.get<supervision::partition_directory>().partitions_default()
                                                / workers_per_partition);
  return o;
}

std::optional<error> core::objection_to(std::string_view topic) const {
  if (topic.empty() || topic.size() > topic_octets_max)
    return error{errc::invalid, "a topic has 1 to " + std::to_string(topic_octets_max) + " octets, this one has "
                                    + std::to_string(topic.size())};
  if (!is_running_.load(std::memory_order_relaxed))
    return error{errc::unavailable, "PubSub system \"" + options_.name + "\" does not run on " + node_name()};
  return std::nullopt;
}

// -- subscribers ------------------------------------------------------------------------------------------

result<subscription_ptr> core::subscribe(const pid& who, const std::string& topic, subscribe_options o) {
  if (auto wrong = objection_to(topic))
    return *std::move(wrong);
  if (!who || who.is_named() || !who.is_on(*env_.self()))
    return error{errc::invalid, "who subscribes to \"" + topic + "\" is a process of this node by its id, not "
                                    + (who ? to_string(who) : std::string{"nobody"})};
  if (counts_.subscriptions.fetch_add(1) >= options_.subscriptions_max) {
    --counts_.subscriptions;
    env_.log().write(limit_log_, log_level::error, "pubsub", "subscription refused: there are too many",
                     {{"system", options_.name}, {"topic", topic}, {"limit", options_.subscriptions_max}});
    return error{errc::busy, "PubSub system \"" + options_.name + "\" has " + std::to_string(options_.subscriptions_max)
                                 + " subscriptions already; end some, or raise subscriptions_max"};
  }
  subscription_ptr one;
  auto current = table_.of(topic).add(topic, [&](std::shared_ptr<const std::string> name) {
    return one = std::make_shared<subscription>(++last_subscription_, std::move(name), who, std::move(o));
  });
  deliver_current(*this, one, current);
  return one;
}

std::size_t core::unsubscribe(const pid& who, std::string_view topic) {
  auto gone = who.is_on(*env_.self()) ? table_.of(topic).remove(who.id(), topic) : 0;
  counts_.subscriptions -= gone;
  return gone;
}

std::size_t core::unsubscribe(const subscription_ptr& one) {
  auto gone = table_.of(one->topic()).remove(*one);
  counts_.subscriptions -= gone;
  return gone;
}

void core::forget(std::size_t partition, std::uint64_t process) {
  counts_.subscriptions -= table_.at(partition).remove_all_of(process);
}

void core::overflowed(const subscription_ptr& one) {
  auto total = ++counts_.overflows;
  auto is_over = one->options().when_full == overflow::disconnect;
  std::string_view policy = is_over ? "disconnect" : "drop";
  auto id = one->subscriber().id();
  env_.events().emit(subscriber_overflow{options_.name, one->topic(), id, policy, total});
  env_.log().write(overflow_log_, log_level::warn, "pubsub", "a subscriber's mailbox is full",
                   {{"system", options_.name},
                    {"topic", one->topic()},
                    {"subscriber", to_string(one->subscriber())},
                    {"policy", policy}});
  if (is_over && unsubscribe(one) > 0)
    env_.processes().exit(id, {{},
                               reason::custom("its mailbox was full at a message of the topic \"" + one->topic()
                                              + "\", to which it subscribed with overflow::disconnect")});
  else if (!is_over && one->options().how == delivery::signal)
    table_.of(one->topic()).owe(one);
}

// -- broadcasts -------------------------------------------------------------------------------------------

result<void> core::broadcast(process& from, const std::string& topic, topic_class kind, message m,
                             const broadcast_options& o) {
  return send_out(from, reach::everywhere, {}, topic, {.kind = kind, .m = std::move(m), .options = o});
}

result<void> core::broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                                  const broadcast_options& o) {
  return send_out(from, reach::everywhere, {}, topic,
                  {.kind = kind, .m = std::move(m), .options = o, .but = from.self().id()});
}

result<void> core::local_broadcast(process& from, const std::string& topic, topic_class kind, message m,
                                   const broadcast_options& o) {
  return send_out(from, reach::here, {}, topic, {.kind = kind, .m = std::move(m), .options = o});
}

result<void> core::local_broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                                        const broadcast_options& o) {
  return send_out(from, reach::here, {}, topic,
                  {.kind = kind, .m = std::move(m), .options = o, .but = from.self().id()});
}

result<void> core::direct_broadcast(process& from, std::string_view node, const std::string& topic, topic_class kind,
                                    message m, const broadcast_options& o) {
  return send_out(from, reach::one_peer, node, topic, {.kind = kind, .m = std::move(m), .options = o});
}

result<void> core::send_out(process& from, reach where, std::string_view node, const std::string& topic, outgoing o) {
  if (auto wrong = objection_to(topic))
    return *std::move(wrong);
  if (o.options.event_id.size() > event_id_octets_max)
    return error{errc::invalid, "an event id has at most " + std::to_string(event_id_octets_max)
                                    + " octets, this one has " + std::to_string(o.options.event_id.size())};
  if (o.options.version > version_max)
    return error{errc::invalid, "version is " + std::to_string(o.options.version) + ", expected at most "
                                    + std::to_string(version_max)};
  if (from.is_fenced())
    return {};  // As everything that it sends.
  bytes wire;
  if (where != reach::here) {
    auto encoded = env_.contract().encode(o.m);
    if (!encoded)
      return encoded.error().in("broadcast to \"" + topic + "\"");
    o.octets = encoded->octets.size();
    if (o.octets > broadcast_octets_max)
      return error{errc::too_large, "a broadcast of " + std::to_string(o.octets) + " octets to \"" + topic
                                        + "\" is over the limit of " + std::to_string(broadcast_octets_max)};
    if (where == reach::everywhere && o.kind == topic_class::last_value)
      o.version = o.options.version > 0 ? o.options.version : next_version();
    auto linked = env_.peers().list();
    if (!linked.empty())
      wire = encode(wire_broadcast{from.self().id(), topic, static_cast<std::uint32_t>(o.kind), o.version,
                                   o.options.dispatcher, o.options.event_id, std::string{encoded->name},
                                   std::move(encoded->octets)});
    for (const auto& peer : linked)
      if (where == reach::everywhere || peer.identity.name == node)
        tell_peer(peer.identity.name, topic, wire);
  }
  ++counts_.broadcasts;
  if (where != reach::one_peer || node == node_name())
    tell_here(from, topic, o, node_name());
  return {};
}

void core::tell_peer(const std::string& node, const std::string& topic, const bytes& encoded) {
  if (peers_.lacks(node, options_.name))
    return;
  auto sent = env_.peers().send(node, lane::broadcast, service_, encoded);
  if (sent)
    return;
  auto total = ++counts_.peer_drops;
  env_.events().emit(broadcast_dropped{topic, node, sent.error().message, total});
  env_.log().write(drop_log_, log_level::warn, "pubsub", "broadcast not taken by the link",
                   {{"system", options_.name}, {"peer", node}, {"topic", topic}, {"why", sent.error()}});
}

void core::tell_here(process& in, const std::string& topic, const outgoing& o, const std::string& origin) {
  std::optional<topic_partition::round> round;
  if (o.version == 0) {
    round = table_.of(topic).begin(topic);
  } else {
    std::size_t evicted = 0;
    round = table_.of(topic).begin_with(topic, {o.m, {o.version, origin}, o.octets, 0}, evicted);
    if (evicted > 0) {
      counts_.values_evicted += evicted;
      env_.events().emit(values_evicted{options_.name, evicted});
      env_.log().write(evict_log_, log_level::warn, "pubsub", "there are too many last values, some are not kept",
                       {{"system", options_.name},
                        {"values_max", options_.last_values_max},
                        {"octets_max", options_.last_values_octets_max}});
    }
    if (!round) {
      counts_.stale += o.is_reminder ? 0 : 1;
      return;
    }
  }
  deliver(*this, in,
          {*round, o.m, o.kind, o.options.event_id, o.but == 0 ? pid{} : in.self(),
           o.options.dispatcher.empty() ? nullptr : find_dispatcher(o.options.dispatcher), o.options.dispatcher});
}

const dispatcher* core::find_dispatcher(const std::string& name) {
  auto d = options_.dispatchers.find(name);
  if (d != options_.dispatchers.end())
    return d->second.get();
  ++counts_.unknown_dispatchers;
  return nullptr;
}

// -- what peers say ---------------------------------------------------------------------------------------

void core::receive(process& in, const std::string& node, const wire_broadcast& b) {
  if (objection_to(b.topic) || b.version > wire_version_max || b.event_id.size() > event_id_octets_max)
    return drop_remote(node, "unreadable",
                       "a topic of " + std::to_string(b.topic.size()) + " octets, version " + std::to_string(b.version)
                           + ", an event id of " + std::to_string(b.event_id.size()) + " octets");
  auto m = env_.contract().decode(b.name, b.octets);
  if (!m)
    return drop_remote(node, "unreadable", m.error().message);
  ++counts_.received;
  note_version(b.version);
  // A class that a later release adds is told and not kept.
  auto kind = b.kind == static_cast<std::uint32_t>(topic_class::last_value) ? topic_class::last_value
                                                                            : topic_class::fire_and_forget;
  const broadcast_options options{b.event_id, b.dispatcher};
  tell_here(in, b.topic,
            {.kind = kind,
             .m = *std::move(m),
             .options = options,
             .octets = b.octets.size(),
             .version = kind == topic_class::last_value ? b.version : 0},
            node);
}

void core::learn(process& in, const std::string& node, const wire_value& v) {
  if (objection_to(v.topic) || v.version == 0 || v.version > wire_version_max)
    return drop_remote(node, "unreadable",
                       "a last value of a topic of " + std::to_string(v.topic.size()) + " octets, version "
                           + std::to_string(v.version));
  auto m = env_.contract().decode(v.name, v.octets);
  if (!m)
    return drop_remote(node, "unreadable", m.error().message);
  note_version(v.version);
  tell_here(in, v.topic,
            {.kind = topic_class::last_value,
             .m = *std::move(m),
             .options = no_options,
             .octets = v.octets.size(),
             .version = v.version,
             .is_reminder = true},
            v.origin);
}

void core::drop_remote(const std::string& node, std::string_view why, std::string_view detail) {
  ++(why == "unreadable" ? counts_.unreadable : counts_.worker_drops);
  env_.events().emit(remote_dropped{options_.name, node, why, detail});
  env_.log().write(remote_log_, log_level::warn, "pubsub", "what a peer broadcast was dropped",
                   {{"system", options_.name}, {"peer", node}, {"why", why}, {"detail", detail}});
}

// -- versions ---------------------------------------------------------------------------------------------

std::uint64_t core::next_version() {
  auto now = env_.time().wall_now().time_since_epoch().count();
  auto clock = now > 0 ? static_cast<std::uint64_t>(now) : 0;
  auto seen = newest_version_.load(std::memory_order_relaxed);
  std::uint64_t mine = 0;
  do {
    mine = std::max(seen + 1, clock);
  } while (!newest_version_.compare_exchange_weak(seen, mine, std::memory_order_relaxed));
  return mine;
}

void core::note_version(std::uint64_t v) {
  auto seen = newest_version_.load(std::memory_order_relaxed);
  while (seen < v && !newest_version_.compare_exchange_weak(seen, v, std::memory_order_relaxed)) {}
}

// -- figures ----------------------------------------------------------------------------------------------

system::counters core::count() const {
  counters c;
  for (std::size_t i = 0; i < table_.size(); ++i) {
    c.topics += table_.at(i).topics();
    c.last_values += table_.at(i).values_digest().count;
  }
  c.subscriptions = counts_.subscriptions;
  c.broadcasts = counts_.broadcasts;
  c.received = counts_.received;
  c.deliveries = counts_.deliveries;
  c.signals_merged = counts_.signals_merged;
  c.overflows = counts_.overflows;
  c.duplicates = counts_.duplicates;
  c.stale = counts_.stale;
  c.peer_drops = counts_.peer_drops;
  c.worker_drops = counts_.worker_drops;
  c.unreadable = counts_.unreadable;
  c.unknown_dispatchers = counts_.unknown_dispatchers;
  c.dispatch_failures = counts_.dispatch_failures;
  c.values_evicted = counts_.values_evicted;
  return c;
}

}  // namespace beamline::pubsub::detail
