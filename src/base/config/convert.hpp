#pragma once

#include "base/config/document.hpp"
#include "base/config/key.hpp"

namespace beamline::config {

/// Told about each thing wrong inside a value: where, which part of it ("" for the whole, "[2]" or
/// ".web" for an entry), and the words that follow its name: `is "http", expected a number …`.
using report = std::function<void(position at, const std::string& part, const std::string& text)>;

/// The value of a key (of any kind but `tables`) from what a file says, or nothing after at least one
/// report.
[[nodiscard]] std::optional<value> convert(const key_spec& k, const node& from, const report& wrong);

/// What a file would have said, from the text of a variable or a flag. Lists are split at commas, maps
/// are written `web=debug,net=trace`. Text that is not of the key's kind stays text, so that `convert`
/// can complain about it.
[[nodiscard]] node from_text(const key_spec& k, std::string_view text);

/// A value as errors show it: short, on one line, never a secret.
[[nodiscard]] std::string show(const node& n, bool is_secret);

/// `is X, expected Y`.
[[nodiscard]] std::string mismatch(const key_spec& k, const node& n);

}  // namespace beamline::config
