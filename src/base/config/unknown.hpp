#pragma once

#include "base/config/document.hpp"
#include "base/config/schema.hpp"

/// The words for names that nobody declared, with the closest one that somebody did.
namespace beamline::config {

/// `unknown key web.prot; did you mean web.port?` or `unknown section [webb]; …`.
[[nodiscard]] std::string unknown_in_file(const schema& s, const std::string& prefix, const std::string& key,
                                          const node& item);
[[nodiscard]] std::string unknown_flag(const schema& s, const std::string& path);
[[nodiscard]] std::string unknown_variable(const std::vector<std::string>& known, const std::string& name);

/// A name as written, or quoted and cut if it is not a plain short word.
[[nodiscard]] std::string shown_name(std::string_view name);

/// `--set web.port=http`, on one line, cut when long, and without the value if it is a secret.
[[nodiscard]] std::string shown_flag(const std::string& path, std::string_view text, bool is_secret);

/// `did you mean port?` or `it has bind, port`: for a key that `s` lacks.
[[nodiscard]] std::string known_keys(const section_spec& s, std::string_view wrong);

}  // namespace beamline::config
