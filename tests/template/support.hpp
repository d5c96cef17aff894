#pragma once

#include "web/template/compiler.hpp"
#include "web/template/parser.hpp"
#include "web/template/whitespace.hpp"

#include <optional>
#include <string>
#include <utility>

namespace beamline::testing {

/// What the compiler says about a template called `t.heex`.
inline std::string errors_of(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  (void)web::heex::compile(from, {"t.heex.hpp", "t.heex", "t.heex", "t.heex.cpp"}, out);
  return out.text();
}

/// Header and source of a template without errors.
inline std::optional<web::heex::generated_code> code_of(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  return web::heex::compile(from, {"t.heex.hpp", "t.heex", "t.heex", "t.heex.cpp"}, out);
}

/// The tree as it is rendered, and whether there were errors.
inline std::pair<std::string, bool> tree_of(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  auto file = web::heex::parse(from, out);
  web::heex::normalise_space(file, web::heex::comment_handling::drop);
  return {web::heex::dump(file), out.has_errors()};
}

}  // namespace beamline::testing
