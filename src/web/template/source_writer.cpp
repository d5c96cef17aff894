#include "web/template/compiler.hpp"
#include "web/template/cpp_writer.hpp"
#include "web/template/render_writer.hpp"

#include <memory>

namespace beamline::web::heex {

std::string generate_source(const source& from, const template_file& file, const compile_options& options) {
  auto out = cpp_writer{from, options.template_path, options.source_path};
  auto plans = std::vector<planned_unit>{};
  for (const auto& u : file.units)
    plans.push_back(plan(u));
  auto writers = std::vector<std::unique_ptr<render_writer>>{};
  for (const auto& p : plans)
    writers.push_back(std::make_unique<render_writer>(
        out, p, (p.of->what == unit::kind::view ? std::string{"view"} : p.of->name) + "_template", options.name));

  out.line("// Made from " + options.name + " by beamline_heex: change that instead.");
  out.line("#include \"" + options.header_include + "\"");
  out.blank();
  if (!file.name_space.empty())
    out.line("namespace " + file.name_space + " {");
  out.blank();
  out.line("namespace {");
  out.blank();
  for (auto& w : writers)
    w->templates();
  out.blank();
  out.line("}  // namespace");
  for (auto& w : writers) {
    out.blank();
    w->function();
  }
  if (!file.name_space.empty()) {
    out.blank();
    out.line("}  // namespace " + file.name_space);
  }
  return std::move(out).take();
}

}  // namespace beamline::web::heex
