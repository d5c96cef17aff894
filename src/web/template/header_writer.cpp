#include "web/template/compiler.hpp"
#include "web/template/cpp_lexer.hpp"
#include "web/template/cpp_writer.hpp"

namespace beamline::web::heex {

namespace {

/// The declarations of one template.
class header_writer {
public:
  header_writer(const source& from, const compile_options& options)
      : out_{from, options.template_path, options.header_include}, name_{options.name} {}

  std::string file(const template_file& f);

private:
  void view(const unit& u);
  void component(const unit& u);
  void member(const parameter& p);
  void slot(const slot_parameter& s);
  void required(const std::vector<parameter>& parameters, const std::vector<slot_parameter>& slots,
                const std::string& tag);

  cpp_writer out_;
  std::string name_;
};

/// Members cannot be references: they are held as `live::borrowed`.
std::string held_type(std::string_view type) {
  auto inner = std::string{trim(type)};
  if (!inner.ends_with("&"))
    return inner;
  inner.pop_back();
  return "live::borrowed<" + inner + ">";
}

void header_writer::member(const parameter& p) {
  const auto type = held_type(p.type.text);
  if (type.size() == p.type.text.size())
    out_.at(p.type.where, type);
  else
    out_.at(p.type.where, type.substr(15), "live::borrowed<");
  if (!p.initial)
    return out_.line("  " + member_name(p.name) + "{};");
  out_.line("  " + member_name(p.name) + " =");
  out_.at(p.initial->where, p.initial->text);
  out_.line(";");
}

void header_writer::slot(const slot_parameter& s) {
  const auto entry = s.name + "_attrs";
  if (!s.attributes.empty()) {
    out_.line("/// What each <:" + s.name + "> is given.");
    out_.line("struct " + entry + " {");
    out_.indent();
    for (const auto& p : s.attributes)
      member(p);
    required(s.attributes, {}, "<:" + s.name + ">");
    out_.outdent();
    out_.line("};");
  }
  auto types = std::string{s.attributes.empty() ? "live::no_attrs" : entry};
  for (const auto& a : s.arguments)
    types += ", " + a.text;
  out_.at(s.where, "live::slot<" + types + "> " + member_name(s.name) + "{};");
}

/// A function that does not compile unless everything is given; callers name it, so the error is at their place.
void header_writer::required(const std::vector<parameter>& parameters, const std::vector<slot_parameter>& slots,
                             const std::string& tag) {
  out_.line("template <class Given>");
  out_.line("static constexpr bool check() {");
  out_.indent();
  const auto check = [&](const std::string& name, span where, const std::string& message) {
    out_.at(where, "static_assert(Given::has(" + string_literal(name) + "), " + string_literal(message) + ");");
  };
  for (const auto& p : parameters)
    if (!p.initial && p.name != "rest")
      check(p.name, p.where, tag + " needs the attribute " + p.name);
  for (const auto& s : slots)
    if (s.is_required)
      check(s.name, s.where,
            s.name == "inner_block" ? tag + " needs content" : tag + " needs an entry of the slot <:" + s.name + ">");
  out_.line("return true;");
  out_.outdent();
  out_.line("}");
}

void header_writer::component(const unit& u) {
  out_.line("/// What <." + u.name + "> is given.");
  out_.line("struct " + u.name + "_attrs {");
  out_.indent();
  for (const auto& p : u.parameters)
    member(p);
  for (const auto& s : u.slots)
    slot(s);
  required(u.parameters, u.slots, "<." + u.name + ">");
  out_.outdent();
  out_.line("};");
  out_.line("[[nodiscard]] live::rendered " + u.name + "(const " + u.name
            + "_attrs& assigns, live::render_context& context);");
  out_.blank();
}

void header_writer::view(const unit& u) {
  out_.line("/// What a " + u.name + " shows for these assigns.");
  out_.line("[[nodiscard]] live::rendered render_template(const");
  out_.at(u.name_where, u.name + "::assigns& assigns,");
  out_.line("    live::render_context& context);");
  out_.blank();
}

std::string header_writer::file(const template_file& f) {
  out_.line("// Made from " + name_ + " by beamline_heex: change that instead.");
  out_.line("#pragma once");
  out_.blank();
  out_.line("#include \"web/live/template.hpp\"");
  for (const auto& item : f.head)
    if (const auto* i = std::get_if<include_item>(&item))
      out_.at(i->where, "#include " + i->path);
  out_.blank();
  if (!f.name_space.empty())
    out_.line("namespace " + f.name_space + " {");
  out_.blank();
  out_.line("namespace live = ::beamline::web::live;");
  out_.blank();
  for (const auto& u : f.units)
    u.what == unit::kind::view ? view(u) : component(u);
  if (!f.name_space.empty())
    out_.line("}  // namespace " + f.name_space);
  return std::move(out_).take();
}

}  // namespace

std::string generate_header(const source& from, const template_file& file, const compile_options& options) {
  return header_writer{from, options}.file(file);
}

}  // namespace beamline::web::heex
