#include "fuzz/targets.hpp"
#include "web/template/compiler.hpp"
#include "web/template/formatter.hpp"
#include "web/template/parser.hpp"
#include "web/template/whitespace.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace beamline::fuzz {

namespace {

using namespace web::heex;

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_template: not so: %s\n", what);
  std::abort();
}

std::string tree_of(const source& from) {
  auto out = diagnostics{from};
  auto file = parse(from, out);
  must(!out.has_errors(), "what was formatted can be read");
  normalise_space(file, comment_handling::drop);
  return dump(file);
}

}  // namespace

/// A template: it is compiled or there are errors, all within it; if it can be read, formatting keeps its meaning.
int fuzz_template(const std::uint8_t* data, std::size_t size) {
  const auto from = source{"t.heex", {reinterpret_cast<const char*>(data), size}};
  auto out = diagnostics{from};
  const auto made = compile(from, {"t.heex.hpp", "t.heex", "t.heex", "t.heex.cpp"}, out);
  must(made.has_value() != out.has_errors(), "there is code or there are errors");
  for (const auto& i : out.items()) {
    must(i.where.begin <= i.where.end && i.where.end <= size, "an error is somewhere in the template");
    must(!i.message.empty(), "an error says what it is");
  }
  must(out.items().size() <= diagnostics::errors_max + diagnostics::warnings_max, "errors are bounded");
  must(out.has_errors() == !out.items().empty() || !out.has_errors(), "errors are shown");
  auto format_out = diagnostics{from};
  const auto once = format(from, format_out);
  if (!once)
    return 0;
  const auto formatted = source{"t.heex", *once};
  must(tree_of(formatted) == tree_of(from), "formatting keeps the meaning");
  return 0;
}

}  // namespace beamline::fuzz
