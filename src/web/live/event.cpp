#include "web/live/event.hpp"

#include "base/utf8.hpp"

#include <utility>

namespace beamline::web::live {

namespace {

constexpr auto reserved_prefix = std::string_view{"lv:"};
constexpr auto shown_octets_max = std::size_t{40};

error bad(std::string_view what) { return {errc::invalid, "live view message: " + std::string{what}}; }

std::string in_quotes(std::string_view text) {
  return "\"" + std::string{truncate_utf8(text, shown_octets_max)} + "\"";
}

result<component_id> decode_component(const json& number) {
  const auto* id = number.get_ptr<const json::number_unsigned_t*>();
  if (id == nullptr || *id == 0)
    return bad("a cid must be a whole number from 1, it is a " + std::string{number.type_name()});
  return component_id{*id};
}

/// `_target` names a field in bracket notation; the application gets it as a path.
result<void> merge_meta(json& fields, const json& payload, std::size_t depth_max) {
  const auto* meta = find_field(payload, "meta");
  if (meta == nullptr || meta->is_null())
    return {};
  if (!meta->is_object())
    return bad("meta of a form event is a " + std::string{meta->type_name()} + ", expected an object");
  for (const auto& [key, value] : meta->items()) {
    if (key != "_target" || !value.is_string()) {
      fields[key] = value;
      continue;
    }
    auto path = split_form_key(value.get_ref<const std::string&>(), depth_max);
    if (!path)
      return path.error().in("_target of a form event");
    fields[key] = *std::move(path);
  }
  return {};
}

result<json> decode_form(const json& payload, const query_limits& limits) {
  const auto* body = find_string(payload, "value");
  if (body == nullptr)
    return bad("value of a form event must be a url-encoded string");
  auto fields = parse_form(*body, limits);
  if (!fields)
    return fields.error().in("value of a form event");
  if (const auto merged = merge_meta(*fields, payload, limits.depth_max); !merged)
    return merged.error();
  return fields;
}

result<client_message> decode_reserved(event e) {
  if (e.name != "lv:clear-flash")
    return bad("there is no event " + in_quotes(e.name) + "; names that begin with lv: are reserved");
  const auto* key = find_field(e.value, "key");
  if (key == nullptr)
    return client_message{clear_flash{std::nullopt, e.component}};
  if (!key->is_string())
    return bad("key of lv:clear-flash is a " + std::string{key->type_name()} + ", expected a string");
  return client_message{clear_flash{key->get<std::string>(), e.component}};
}

result<client_message> decode_event(json payload, const query_limits& limits) {
  const auto* type = find_string(payload, "type");
  const auto* name = find_string(payload, "event");
  if (type == nullptr || name == nullptr)
    return bad("an event needs the strings type and event");
  auto e = event{.type = *type, .name = *name, .value = nullptr, .component = std::nullopt};
  if (const auto* cid = find_field(payload, "cid"); cid != nullptr && !cid->is_null()) {
    const auto component = decode_component(*cid);
    if (!component)
      return component.error();
    e.component = *component;
  }
  if (const auto* uploads = find_field(payload, "uploads"); uploads != nullptr && !uploads->is_null()) {
    if (!uploads->is_object())
      return bad("uploads of event " + in_quotes(e.name) + " must be an object");
    e.uploads = *uploads;
  }
  if (e.type == "form") {
    auto fields = decode_form(payload, limits);
    if (!fields)
      return fields.error();
    e.value = *std::move(fields);
  } else if (const auto value = payload.find("value"); value != payload.end()) {
    e.value = std::move(*value);
  }
  if (e.name.starts_with(reserved_prefix))
    return decode_reserved(std::move(e));
  return client_message{std::move(e)};
}

template <class Message>
result<client_message> decode_components(const json& payload) {
  const auto* cids = find_array(payload, "cids");
  if (cids == nullptr)
    return bad("a list of components must be an array named cids");
  auto out = Message{};
  out.components.reserve(cids->size());
  for (const auto& cid : *cids) {
    const auto component = decode_component(cid);
    if (!component)
      return component.error();
    out.components.push_back(*component);
  }
  return client_message{std::move(out)};
}

}  // namespace

result<client_message> decode_client_message(std::string_view name, channels::message_payload payload,
                                             query_limits form_limits) {
  auto* object = std::get_if<json>(&payload);
  if (object == nullptr || !object->is_object())
    return bad("the payload of " + in_quotes(name) + " must be an object");
  if (name == "event")
    return decode_event(std::move(*object), form_limits);
  if (name == "live_patch") {
    const auto* url = find_string(*object, "url");
    if (url == nullptr)
      return bad("live_patch needs the string url");
    return client_message{live_patch{*url}};
  }
  if (name == "cids_will_destroy")
    return decode_components<components_leaving>(*object);
  if (name == "cids_destroyed")
    return decode_components<components_left>(*object);
  return bad("there is no message " + in_quotes(name));
}

}  // namespace beamline::web::live
