#include "web/channels/channel_socket.hpp"

#include <utility>

namespace beamline::web::channels {

namespace {

constexpr auto unmatched_topic = R"({"reason":"unmatched topic"})";
constexpr auto join_crashed = R"({"reason":"join crashed"})";
constexpr auto too_many_channels = R"({"reason":"too many channels joined"})";
constexpr auto channel_crash = R"({"reason":"channel_crash"})";
constexpr auto empty_object = "{}";

frame around(frame_parts parts, json_text payload) {
  parts.head += payload.head;
  payload.tail += parts.tail;
  if (payload.shared)
    return {.head = std::move(parts.head), .body = std::move(payload.shared), .tail = std::move(payload.tail)};
  parts.head += payload.tail;
  return frame::text(std::move(parts.head));
}

frame binary_frame(bytes octets) { return {.binary = true, .head = std::move(octets), .body = nullptr, .tail = {}}; }

send send_text(std::string encoded) { return {frame::text(std::move(encoded))}; }

/// The topic is not joined here, and no join is on its way.
send unmatched(const message& m) {
  return send_text(encode_reply(std::nullopt, m.ref, m.topic, status_error, unmatched_topic));
}

}  // namespace

// ---- from the browser ----

effects channel_socket::on_text(std::string_view text) {
  auto out = effects{};
  if (is_closed_)
    return out;
  if (text.size() > opts_.limits.bytes_max)
    fail(out, close_code::too_big, "the message is longer than " + std::to_string(opts_.limits.bytes_max) + " octets");
  else if (auto m = decode_text(text, opts_.limits))
    handle(out, *std::move(m), text.size());
  else
    fail(out, close_code::internal_error, m.error().message);
  return out;
}

effects channel_socket::on_binary(std::string_view octets) {
  auto out = effects{};
  if (is_closed_)
    return out;
  if (octets.size() > opts_.limits.bytes_max)
    fail(out, close_code::too_big, "the message is longer than " + std::to_string(opts_.limits.bytes_max) + " octets");
  else if (auto m = decode_binary(octets))
    handle(out, *std::move(m), octets.size());
  else
    fail(out, close_code::internal_error, m.error().message);
  return out;
}

effects channel_socket::on_closed() {
  auto out = effects{};
  is_closed_ = true;
  for (const auto& [id, topic] : topics_)
    out.emplace_back(stop_channel{id, stop_reason::disconnected});
  topics_.clear();
  by_topic_.clear();
  return out;
}

void channel_socket::handle(effects& out, message m, std::size_t octets) {
  if (m.topic == heartbeat_topic && m.event == heartbeat_event)
    out.emplace_back(send_text(encode_reply(std::nullopt, m.ref, m.topic, status_ok, empty_object)));
  else if (m.event == join_event)
    handle_join(out, std::move(m));
  else if (m.event == leave_event)
    handle_leave(out, m);
  else
    handle_event(out, std::move(m), octets);
}

void channel_socket::handle_join(effects& out, message m) {
  if (const auto old = by_topic_.find(m.topic); old != by_topic_.end()) {
    out.emplace_back(stop_channel{old->second.id, stop_reason::rejoined});
    out.emplace_back(send_text(encode_end(old->second.join_ref, m.topic, close_event, empty_object)));
    topics_.erase(old->second.id);
    by_topic_.erase(old);
  }
  if (!opts_.has_route(m.topic)) {
    out.emplace_back(unmatched(m));
    return;
  }
  if (by_topic_.size() >= opts_.channels_max) {
    out.emplace_back(send_text(encode_reply(m.join_ref, m.ref, m.topic, status_error, too_many_channels)));
    return;
  }
  const auto id = ++last_id_;
  by_topic_.emplace(m.topic, topic_state{.id = id, .join_ref = std::move(m.join_ref), .waiting_ref = std::move(m.ref)});
  topics_.emplace(id, m.topic);
  out.emplace_back(start_channel{id, std::move(m.topic), std::move(m.payload)});
}

void channel_socket::handle_leave(effects& out, const message& m) {
  const auto at = by_topic_.find(m.topic);
  if (at == by_topic_.end()) {
    out.emplace_back(send_text(encode_reply(m.join_ref, m.ref, m.topic, status_ok, empty_object)));
    return;
  }
  const auto& channel = at->second;
  if (m.join_ref && m.join_ref != channel.join_ref)
    return;
  out.emplace_back(stop_channel{channel.id, stop_reason::left});
  out.emplace_back(send_text(encode_reply(channel.join_ref, m.ref, m.topic, status_ok, empty_object)));
  out.emplace_back(send_text(encode_end(channel.join_ref, m.topic, close_event, empty_object)));
  topics_.erase(channel.id);
  by_topic_.erase(at);
}

void channel_socket::handle_event(effects& out, message m, std::size_t octets) {
  const auto at = by_topic_.find(m.topic);
  if (at == by_topic_.end()) {
    out.emplace_back(unmatched(m));
    return;
  }
  auto& channel = at->second;
  if (m.join_ref && m.join_ref != channel.join_ref)
    return;
  if (channel.is_joined) {
    out.emplace_back(deliver{channel.id, std::move(m.event), std::move(m.ref), std::move(m.payload), octets});
    return;
  }
  channel.waiting_octets += octets;
  if (channel.waiting.size() >= opts_.waiting_events_max || channel.waiting_octets > opts_.waiting_octets_max) {
    fail(out, close_code::policy_violation, "too many events on \"" + m.topic + "\" before its join was answered");
    return;
  }
  channel.waiting.push_back({std::move(m), octets});
}

void channel_socket::fail(effects& out, std::uint16_t code, std::string reason) {
  for (auto& e : close_connection(code, std::move(reason)))
    out.push_back(std::move(e));
}

// ---- from channels ----

effects channel_socket::join_ok(channel_id id, json_text response) {
  auto out = effects{};
  const auto at = find(id);
  if (at == by_topic_.end() || at->second.is_joined)
    return out;
  auto& [topic, channel] = *at;
  out.emplace_back(
      send{around(reply_parts(channel.join_ref, channel.waiting_ref, topic, status_ok), std::move(response))});
  channel.is_joined = true;
  channel.waiting_ref.reset();
  channel.waiting_octets = 0;
  for (auto& [m, octets] : std::exchange(channel.waiting, {}))
    out.emplace_back(deliver{id, std::move(m.event), std::move(m.ref), std::move(m.payload), octets});
  return out;
}

effects channel_socket::join_error(channel_id id, json_text response) {
  auto out = effects{};
  if (const auto at = find(id); at != by_topic_.end() && !at->second.is_joined)
    refuse_join(out, at, std::move(response));
  return out;
}

void channel_socket::refuse_join(effects& out, topic_map::iterator at, json_text response) {
  const auto& [topic, channel] = *at;
  out.emplace_back(
      send{around(reply_parts(channel.join_ref, channel.waiting_ref, topic, status_error), std::move(response))});
  for (const auto& waiting : channel.waiting)
    out.emplace_back(unmatched(waiting.what));
  topics_.erase(channel.id);
  by_topic_.erase(at);
}

effects channel_socket::reply(channel_id id, std::string_view ref, std::string_view status, json_text response) {
  auto out = effects{};
  if (const auto at = find_joined(out, id); at != by_topic_.end())
    out.emplace_back(send{around(reply_parts(at->second.join_ref, ref, at->first, status), std::move(response))});
  return out;
}

effects channel_socket::reply_binary(channel_id id, std::string_view ref, std::string_view status,
                                     std::string_view data) {
  auto out = effects{};
  if (const auto at = find_joined(out, id); at != by_topic_.end())
    out.emplace_back(send{binary_frame(encode_binary_reply(at->second.join_ref, ref, at->first, status, data))});
  return out;
}

effects channel_socket::push(channel_id id, std::string_view event, json_text payload) {
  auto out = effects{};
  if (const auto at = find_joined(out, id); at != by_topic_.end())
    out.emplace_back(
        send{around(event_parts(at->second.join_ref, std::nullopt, at->first, event), std::move(payload))});
  return out;
}

effects channel_socket::push_binary(channel_id id, std::string_view event, std::string_view data) {
  auto out = effects{};
  if (const auto at = find_joined(out, id); at != by_topic_.end())
    out.emplace_back(send{binary_frame(encode_binary_push(at->second.join_ref, at->first, event, data))});
  return out;
}

effects channel_socket::broadcast(channel_id id, frame encoded) {
  auto out = effects{};
  if (const auto at = find(id); at != by_topic_.end() && at->second.is_joined)
    out.emplace_back(send{std::move(encoded)});
  return out;
}

effects channel_socket::channel_down(channel_id id, down_reason why) {
  auto out = effects{};
  const auto at = find(id);
  if (at == by_topic_.end())
    return out;
  if (!at->second.is_joined) {
    refuse_join(out, at, join_crashed);
    return out;
  }
  const auto is_crash = why == down_reason::crashed;
  out.emplace_back(send_text(encode_end(at->second.join_ref, at->first, is_crash ? error_event : close_event,
                                        is_crash ? channel_crash : empty_object)));
  topics_.erase(id);
  by_topic_.erase(at);
  return out;
}

// ---- from the server ----

effects channel_socket::close_connection(std::uint16_t code, std::string reason) {
  auto out = effects{};
  if (is_closed_)
    return out;
  out.emplace_back(close{code, std::move(reason)});
  for (auto& e : on_closed())
    out.push_back(std::move(e));
  return out;
}

channel_socket::topic_map::iterator channel_socket::find(channel_id id) {
  const auto topic = topics_.find(id);
  return topic == topics_.end() ? by_topic_.end() : by_topic_.find(topic->second);
}

/// A channel that may send. One that sends before it answered its join is ended: the client would mistake the message
/// for one of the previous join.
channel_socket::topic_map::iterator channel_socket::find_joined(effects& out, channel_id id) {
  const auto at = find(id);
  if (at == by_topic_.end() || at->second.is_joined)
    return at;
  out.emplace_back(stop_channel{id, stop_reason::misbehaved});
  refuse_join(out, at, join_crashed);
  return by_topic_.end();
}

}  // namespace beamline::web::channels
