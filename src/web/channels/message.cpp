#include "web/channels/message.hpp"

#include "base/utf8.hpp"

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <utility>

namespace beamline::web::channels {

namespace {

enum class binary_kind : char { push = 0, reply = 1, broadcast = 2 };

constexpr auto elements_min = std::size_t{5};

error bad(errc code, std::string_view what) { return {code, "channel message: " + std::string{what}}; }

std::string in_quotes(std::string_view name) { return "\"" + std::string{truncate_utf8(name, 40)} + "\""; }

/// Moves a string out of `element`; null is allowed for refs only.
result<std::optional<std::string>> take_name(json& element, std::string_view what, bool may_be_null) {
  if (element.is_null() && may_be_null)
    return std::optional<std::string>{};
  auto* text = element.get_ptr<std::string*>();
  if (text == nullptr)
    return bad(errc::invalid, std::string{what} + " is a " + element.type_name() + ", expected a string"
                                  + (may_be_null ? " or null" : ""));
  if (text->size() > name_octets_max)
    return bad(errc::too_large, std::string{what} + " " + in_quotes(*text) + " has " + std::to_string(text->size())
                                    + " octets, at most " + std::to_string(name_octets_max) + " are allowed");
  return std::optional<std::string>{std::move(*text)};
}

void append_ref(std::string& out, ref_view ref) {
  if (ref)
    append_json_string(out, *ref);
  else
    out += "null";
}

bytes encode_binary(binary_kind kind, std::initializer_list<std::string_view> names, std::string_view data) {
  auto out = bytes{};
  out.reserve(1 + names.size() * (1 + 16) + data.size());
  out += static_cast<char>(kind);
  for (const auto name : names) {
    if (name.size() > name_octets_max)
      throw std::length_error{"channel message: " + in_quotes(name) + " is longer than "
                              + std::to_string(name_octets_max) + " octets and has no binary form"};
    out += static_cast<char>(static_cast<unsigned char>(name.size()));
  }
  for (const auto name : names)
    out += name;
  out += data;
  return out;
}

std::string join(frame_parts parts, std::string_view payload) {
  parts.head += payload;
  parts.head += parts.tail;
  return std::move(parts.head);
}

}  // namespace

result<message> decode_text(std::string_view text, json_limits limits) {
  auto parsed = parse_json(text, limits);
  if (!parsed)
    return parsed.error().in("channel message");
  if (!parsed->is_array() || parsed->size() < elements_min)
    return bad(errc::invalid, "expected an array of five elements: join_ref, ref, topic, event, payload");
  auto& elements = *parsed;
  auto join_ref = take_name(elements[0], "join_ref", true);
  if (!join_ref)
    return join_ref.error();
  auto ref = take_name(elements[1], "ref", true);
  if (!ref)
    return ref.error();
  auto topic = take_name(elements[2], "topic", false);
  if (!topic)
    return topic.error();
  auto event = take_name(elements[3], "event", false);
  if (!event)
    return event.error();
  return message{*std::move(join_ref), *std::move(ref), **std::move(topic), **std::move(event), std::move(elements[4])};
}

result<message> decode_binary(std::string_view octets) {
  auto in = byte_reader{octets};
  if (const auto kind = in.u8(); in.ok() && kind != static_cast<std::uint8_t>(binary_kind::push))
    in.fail(errc::invalid, "kind is " + std::to_string(kind) + ", a client sends only 0 (push)");
  auto lengths = std::array<std::size_t, 4>{};
  for (auto& length : lengths)
    length = in.u8();
  auto names = std::array<std::string, 4>{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = in.raw(lengths[i]);
    if (!is_utf8(names[i]))
      in.fail(errc::invalid, "a name is not valid UTF-8");
  }
  auto data = bytes{in.raw(in.remaining())};
  if (const auto read = in.finish(); !read)
    return read.error().in("binary channel message");
  const auto ref = [](std::string& name) {
    return name.empty() ? std::optional<std::string>{} : std::optional<std::string>{std::move(name)};
  };
  return message{ref(names[0]), ref(names[1]), std::move(names[2]), std::move(names[3]),
                 binary_payload{std::move(data)}};
}

frame_parts event_parts(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view event) {
  auto head = std::string{"["};
  append_ref(head, join_ref);
  head += ',';
  append_ref(head, ref);
  head += ',';
  append_json_string(head, topic);
  head += ',';
  append_json_string(head, event);
  head += ',';
  return {std::move(head), "]"};
}

frame_parts reply_parts(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view status) {
  auto parts = event_parts(join_ref, ref, topic, reply_event);
  parts.head += R"({"status":)";
  append_json_string(parts.head, status);
  parts.head += R"(,"response":)";
  parts.tail = "}]";
  return parts;
}

std::string encode_reply(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view status,
                         std::string_view response) {
  return join(reply_parts(join_ref, ref, topic, status), response);
}

std::string encode_push(ref_view join_ref, std::string_view topic, std::string_view event, std::string_view payload) {
  return join(event_parts(join_ref, std::nullopt, topic, event), payload);
}

std::string encode_broadcast(std::string_view topic, std::string_view event, std::string_view payload) {
  return encode_push(std::nullopt, topic, event, payload);
}

std::string encode_end(ref_view join_ref, std::string_view topic, std::string_view event, std::string_view payload) {
  return join(event_parts(join_ref, join_ref, topic, event), payload);
}

bytes encode_binary_reply(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view status,
                          std::string_view data) {
  return encode_binary(binary_kind::reply, {join_ref.value_or(""), ref.value_or(""), topic, status}, data);
}

bytes encode_binary_push(ref_view join_ref, std::string_view topic, std::string_view event, std::string_view data) {
  return encode_binary(binary_kind::push, {join_ref.value_or(""), topic, event}, data);
}

bytes encode_binary_broadcast(std::string_view topic, std::string_view event, std::string_view data) {
  return encode_binary(binary_kind::broadcast, {topic, event}, data);
}

}  // namespace beamline::web::channels
