#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

#include <optional>
#include <string>

namespace beamline::web::heex {

/// How files are called in what is generated.
struct compile_options {
  std::string header_include;  // How the source includes the header: "views/blog_show.heex.hpp".
  std::string name;            // What people see when an expression throws: "src/views/blog_show.heex".
  std::string template_path;   // For #line: where C++ compilers find the template.
  std::string source_path;     // For #line: where they find the generated source.
};

struct generated_code {
  std::string header;
  std::string source;
};

/// Compiles one template. Nothing if there are errors, which are in `out` then; warnings may be there in any case.
[[nodiscard]] std::optional<generated_code> compile(const source& from, const compile_options& options,
                                                    diagnostics& out);

/// The C++ of a checked template whose space is normalised.
[[nodiscard]] std::string generate_header(const source& from, const template_file& file,
                                          const compile_options& options);
[[nodiscard]] std::string generate_source(const source& from, const template_file& file,
                                          const compile_options& options);

}  // namespace beamline::web::heex
