#include "web/channels/broadcast.hpp"

#include "web/channels/fast_lane.hpp"

#include <memory>
#include <utility>

namespace beamline::web {

void add_channels_to(pubsub::system_options& o) {
  o.dispatchers.insert_or_assign(std::string{channels::dispatcher_name},
                                 std::make_shared<const channels::channel_dispatcher>());
}

void add_channel_messages(message_contract& c) { c.add<channels::channel_broadcast>(); }

result<void> broadcast_to_channels(process& from, const std::string& topic, const std::string& event,
                                   const channels::message_payload& payload, std::string_view pubsub) {
  auto m = channels::make_broadcast(event, payload);
  if (!m)
    return m.error();
  return pubsub::system_of(from.env(), pubsub)
      .broadcast(from, topic, pubsub::topic_class::fire_and_forget, share(*std::move(m)),
                 {.dispatcher = std::string{channels::dispatcher_name}});
}

result<void> disconnect_socket(process& from, const std::string& socket_id, std::string_view pubsub) {
  return broadcast_to_channels(from, socket_id, std::string{channels::disconnect_event}, json::object(), pubsub);
}

}  // namespace beamline::web

namespace beamline::web::channels {

std::string objection_to_event(std::string_view name) {
  if (name.empty())
    return "an event needs a name";
  if (name.size() > name_octets_max)
    return "the event's name has " + std::to_string(name.size()) + " octets, at most " + std::to_string(name_octets_max)
         + " are allowed";
  if (name.starts_with("phx_"))
    return "an event cannot be called \"" + std::string{name} + "\": names that begin with phx_ are the protocol's own";
  return {};
}

result<channel_broadcast> make_broadcast(const std::string& event, const message_payload& payload) {
  if (auto objection = objection_to_event(event); !objection.empty())
    return error{errc::invalid, std::move(objection)};
  if (const auto* octets = std::get_if<binary_payload>(&payload))
    return channel_broadcast{event, octets->data, true};
  return channel_broadcast{event, dump_json(std::get<json>(payload)), false};
}

client_event event_of(const channel_broadcast& m) { return {m.event, m.payload, m.is_binary}; }

client_event event_of(const presence::presence_diff& m) { return {presence_diff_event, *m.text, false}; }

std::optional<client_event> event_of(const beamline::message& m) {
  if (m.match_elements<presence::presence_diff>())
    return event_of(m.get_as<presence::presence_diff>(0));
  if (m.match_elements<channel_broadcast>())
    return event_of(m.get_as<channel_broadcast>(0));
  return std::nullopt;
}

frame encode(std::string_view topic, const client_event& e) {
  auto octets =
      e.is_binary ? encode_binary_broadcast(topic, e.event, e.data) : encode_broadcast(topic, e.event, e.data);
  return {
      .binary = e.is_binary, .head = {}, .body = std::make_shared<const std::string>(std::move(octets)), .tail = {}};
}

}  // namespace beamline::web::channels
