#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

namespace beamline::web::heex {

/// What a call of a component gives it. Components of other files are known to the C++ compiler only; of those in the
/// same file, and of <.live_component> and <.live_render>, everything but types is checked here.
class component_checks {
public:
  component_checks(const template_file& file, diagnostics& out) : file_{file}, out_{out} {}

  void call(const element_node& e, span where);

private:
  void attributes(const element_node& e, const unit& u, span tag);
  void slots(const element_node& e, const unit& u, span tag);
  void slot_entry(const element_node& entry, const slot_parameter& s, span tag);
  void argument(const std::optional<pattern>& let, const slot_parameter& s, const std::string& component);
  void live_component(const element_node& e, span tag);
  void live_render(const element_node& e, span tag);
  void script(const std::string& component, const attribute& a);
  void needs(const element_node& e, span tag, std::string_view name);

  const template_file& file_;
  diagnostics& out_;
};

/// What of a component's content is its slot `inner_block`: all but entries of slots, comments and space around them.
[[nodiscard]] bool is_inner_block(const node& n);

}  // namespace beamline::web::heex
