#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/url.hpp"
#include "web/channels/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a live view's client says after it has joined. Every value is the visitor's and may be forged: names select
/// handlers by lookup, never otherwise.
namespace beamline::web::live {

/// Number of a component within its view; counts from 1.
using component_id = std::uint64_t;

/// Something the visitor did, or a hook of the page sent.
struct event {
  std::string type;  // click, keydown, keyup, focus, blur, hook, js, form, ...
  std::string name;  // As written in the template; never begins with `lv:`.
  /// For a form its fields (`a[b]=1` is `{"a":{"b":"1"}}`) with `meta` merged over them, where `_target` is a list: the
  /// path of the changed field. Otherwise what the client sent; a button always has `"value":""` in it.
  json value;
  std::optional<component_id> component;  // Addressed to this component, else to the view.
  json uploads = json::object();          // Files chosen in the form, by upload ref.
};

/// The visitor dismissed a flash message: that of `key`, or all.
struct clear_flash {
  std::optional<std::string> key;
  std::optional<component_id> component;
};

/// The URL has changed within the view.
struct live_patch {
  std::string url;
};

/// Components left the page: first announced, then confirmed.
struct components_leaving {
  std::vector<component_id> components;
};
struct components_left {
  std::vector<component_id> components;
};

using client_message = std::variant<event, clear_flash, live_patch, components_leaving, components_left>;

/// Decodes a message on a view's topic. An error means that this client does not follow the protocol: the view is
/// crashed (`phx_error`, no reply) and the connection stays. `form_limits` bound what a form may contain.
[[nodiscard]] result<client_message> decode_client_message(std::string_view name, channels::message_payload payload,
                                                           query_limits form_limits = {});

}  // namespace beamline::web::live
