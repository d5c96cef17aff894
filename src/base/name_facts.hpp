#pragma once

#include "base/node_name.hpp"
#include "base/node_options.hpp"
#include "base/result.hpp"
#include "base/system_facts.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace beamline {

/// What the words in braces of a node name stand for. A fact that could not be found carries the reason,
/// which becomes the error only if the pattern needs that fact.
struct name_facts {
  std::string role;
  result<std::string> machine_id = error{errc::not_found, "the machine id is not known"};
  result<std::string> private_ip = error{errc::not_found, "the private address is not known"};
};

/// The facts of this machine, where the configuration does not give them itself.
[[nodiscard]] name_facts collect_name_facts(const node_options& options, const system_facts& machine);

/// Replaces `{role}`, `{machine_id}` and `{private_ip}` and gives the canonical node name. Fails on
/// unknown or unclosed braces, on facts that are missing, and if the outcome is not a legal node name
/// (rules D1 to D3).
[[nodiscard]] result<std::string> expand_node_name(std::string_view pattern, const name_facts& facts);

/// Replaces `{name}` in `[node] data_dir` with the name half.
[[nodiscard]] result<std::filesystem::path> expand_data_dir(std::string_view pattern, const node_name& node);

}  // namespace beamline
