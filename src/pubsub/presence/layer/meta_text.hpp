#pragma once

#include <string>
#include <string_view>

namespace beamline::presence::layer {

/// The value of one field of an object, as it stands in the text; empty: the object has no such field. Reads `object`
/// once and builds nothing: for every change of every entry, where a parser would cost ten times as much.
///
/// `object` is JSON as `dump_json` writes it, `quoted_field` the name as a JSON string ("\"ip\"", see `json_string`).
/// Fields of inner objects do not count. Of text that is no object nothing is found.
[[nodiscard]] std::string_view field_text(std::string_view object, std::string_view quoted_field);

/// What `phx_ref` says, without its quotes. Throws std::logic_error, with the text, when there is none: metas are made
/// by the tracker, which gives each of them one (D166).
[[nodiscard]] std::string ref_of(std::string_view meta);

}  // namespace beamline::presence::layer
