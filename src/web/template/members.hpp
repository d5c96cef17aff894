#pragma once

#include "web/template/ast.hpp"

#include <set>
#include <string>
#include <vector>

/// Which members of the assigns an expression reads: the `@name`s in it. Everything else that an expression uses
/// (variables of loops, functions) comes from those or does not change.
namespace beamline::web::heex {

using member_set = std::set<std::string, std::less<>>;

struct member_use {
  std::string name;  // `@streams.items` is the member `items`.
  span where;        // With the @.
  bool is_stream = false;
};

/// In their order, in the code only: not in its texts and comments.
[[nodiscard]] std::vector<member_use> members_of(const code& c);

void add_members(member_set& to, const code& c);

/// The code with `_name` for each `@name`: as long as before, so columns stay right.
[[nodiscard]] std::string with_locals(const code& c);

/// `@flash` and `@myself`, which come from the render context.
[[nodiscard]] bool is_context_member(std::string_view name);

}  // namespace beamline::web::heex
