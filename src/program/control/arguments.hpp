#pragma once

#include "base/json_fwd.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace beamline::program::control {

struct request;

/// One argument of a verb. Words after the verb on the command line fill the arguments in the order of declaration.
struct argument {
  enum class type { text, integer, number, boolean, any };

  std::string name;
  std::string help{};
  type as = type::text;
  bool is_required = false;
};

/// An argument that must be given.
[[nodiscard]] argument needs(std::string name, std::string help, argument::type as = argument::type::text);
/// An argument that may be given.
[[nodiscard]] argument takes(std::string name, std::string help, argument::type as = argument::type::text);

/// "info NAME [DEPTH]"
[[nodiscard]] std::string usage(const std::string& verb, const std::vector<argument>& declared);

/// The request's named and positional arguments as one object that has the declared names and types only, and all that
/// are required. `invalid` names the argument, what was given and what is expected.
[[nodiscard]] result<json> bind_arguments(const std::vector<argument>& declared, const request& from);

}  // namespace beamline::program::control
