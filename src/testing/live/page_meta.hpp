#pragma once

#include "base/json.hpp"
#include "testing/live/dom.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace beamline::testing {

/// Whether an attribute holds JS commands rather than the name of an event.
[[nodiscard]] inline bool has_commands(std::string_view attribute) { return attribute.starts_with('['); }

/// A component's number as it stands in attributes; nothing for other texts.
[[nodiscard]] std::optional<std::uint64_t> component_number(std::string_view text);

/// What an element sends with its events: `phx-value-*`, its own value, and what a command gives, in this order over
/// `meta`.
[[nodiscard]] json meta_of(const dom_node& n, json meta, const json& more);

/// The field of an object; null if it is not there.
[[nodiscard]] const json& field_or_null(const json& object, std::string_view name);

}  // namespace beamline::testing
