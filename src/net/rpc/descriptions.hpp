#pragma once

// What a node says of its procedures: the built-in procedure `rpc.procedures`, for tools (json_call.hpp).

#include "actors/message_codec.hpp"
#include "actors/message_contract.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beamline::net::rpc {

struct procedure;

/// The request: one name, or empty for all. Answered with `procedure_list`.
struct describe_procedures {
  std::string only;
  BEAMLINE_MESSAGE(describe_procedures, "rpc.procedures", 1, only)
};

struct field_description {
  std::string name;
  std::string type;  // message_contract.hpp
  BEAMLINE_MESSAGE(field_description, "rpc.field", 1, name, type)
};
struct message_description {
  std::string name;
  std::uint32_t version = 0;
  std::vector<field_description> fields;
  BEAMLINE_MESSAGE(message_description, "rpc.message", 1, name, version, fields)
};
struct procedure_description {
  std::string name;
  std::string request;  // The message; empty: not known, its arguments are octets.
  std::string reply;    // A type; empty: octets.
  BEAMLINE_MESSAGE(procedure_description, "rpc.procedure", 1, name, request, reply)
};
struct procedure_list {
  std::vector<procedure_description> procedures;  // By name.
  std::vector<message_description> messages;      // All that are in them, by name.
  BEAMLINE_MESSAGE(procedure_list, "rpc.procedure_list", 1, procedures, messages)
};

using procedure_map = std::map<std::string, std::shared_ptr<const procedure>>;
[[nodiscard]] procedure_list describe(const procedure_map& all, const std::string& only);

/// `blog.stats` of `optional<list<blog.stats>>`.
[[nodiscard]] std::string_view innermost_type(std::string_view type);

}  // namespace beamline::net::rpc
