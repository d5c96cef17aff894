#include "web/template/compiler.hpp"

#include "web/template/checks.hpp"
#include "web/template/parser.hpp"
#include "web/template/whitespace.hpp"

namespace beamline::web::heex {

std::optional<generated_code> compile(const source& from, const compile_options& options, diagnostics& out) {
  auto file = parse(from, out);
  check(file, out);
  if (out.has_errors())
    return std::nullopt;
  normalise_space(file, comment_handling::drop);
  return generated_code{generate_header(from, file, options), generate_source(from, file, options)};
}

}  // namespace beamline::web::heex
