#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A number in a live page: where its place is, and what a diff says of it. Pure.
namespace beamline::bench {

/// The keys that lead to one place of a rendered page: {"3", "1"}.
using place = std::vector<std::string>;

/// The place of what stands in the element with that id, and nothing beside it, by the payload of a join's reply.
/// Throws std::runtime_error when the page has no such element.
[[nodiscard]] place place_of(std::string_view join_payload, std::string_view id);

/// What the join's reply says of that place; nothing: no number.
[[nodiscard]] std::optional<std::int64_t> number_in_join(std::string_view join_payload, const place& at);

/// The same of a diff's payload; nothing: the diff leaves the place as it was. Reads no more of it than is needed.
[[nodiscard]] std::optional<std::int64_t> number_in_diff(std::string_view diff_payload, const place& at);

}  // namespace beamline::bench
