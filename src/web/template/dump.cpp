#include "web/template/ast.hpp"

namespace beamline::web::heex {

namespace {

/// Writes the tree down, each level two spaces further in.
class dumper {
public:
  void file(const template_file& f);
  std::string take() { return std::move(out_); }

private:
  void line(std::string_view what, std::string_view text = {}) {
    out_.append(2 * depth_, ' ');
    out_ += what;
    if (!text.empty()) {
      out_ += ' ';
      for (const auto c : text)
        c == '\n' ? out_ += "\\n" : out_ += c;
    }
    out_ += '\n';
  }
  void one_unit(const unit& u);
  void one(const node& n);
  void element(const element_node& e);
  void content(const nodes& list) {
    ++depth_;
    for (const auto& n : list)
      one(n);
    --depth_;
  }
  static std::string name_of(const pattern& p);

  std::string out_;
  std::size_t depth_ = 0;
};

std::string dumper::name_of(const pattern& p) {
  auto out = std::string{p.is_tuple ? "{" : ""};
  for (const auto& n : p.names)
    out += (out.size() > 1 ? "," : "") + n.text;
  return out + (p.is_tuple ? "}" : "");
}

void dumper::element(const element_node& e) {
  constexpr const char* kinds[] = {"element", "component", "slot"};
  line(kinds[static_cast<int>(e.what)], e.name);
  ++depth_;
  if (e.loop)
    line("for", name_of(e.loop->each) + " <- " + e.loop->of.text);
  if (e.condition)
    line("if", e.condition->text);
  if (e.key)
    line("key", e.key->text);
  if (e.let)
    line("let", name_of(*e.let));
  for (const auto& a : e.attributes) {
    switch (a.what) {
      case attribute::kind::flag: line("flag", a.name); break;
      case attribute::kind::literal: line("attribute", a.name + "=\"" + a.text + "\""); break;
      case attribute::kind::expression: line("attribute", a.name + "={" + a.value.text + "}"); break;
      case attribute::kind::spread: line("spread", a.value.text); break;
    }
  }
  --depth_;
  content(e.children);
}

void dumper::one(const node& n) {
  if (const auto* t = n.as<text_node>())
    line("text", "'" + t->text + "'");
  else if (const auto* m = n.as<markup_node>())
    line("markup", m->text);
  else if (const auto* c = n.as<comment_node>())
    line("comment", c->text);
  else if (const auto* v = n.as<value_node>())
    line("value", v->value.text);
  else if (const auto* e = n.as<element_node>())
    element(*e);
  else if (const auto* f = n.as<for_node>()) {
    line("for", name_of(f->loop.each) + " <- " + f->loop.of.text + (f->key ? ", key: " + f->key->text : ""));
    content(f->children);
  } else if (const auto* b = n.as<if_node>())
    for (const auto& branch : b->branches) {
      line(&branch == b->branches.data() ? "if" : "else", branch.condition ? branch.condition->text : "");
      content(branch.children);
    }
}

void dumper::one_unit(const unit& u) {
  line(u.what == unit::kind::view ? "view" : "component", u.name);
  ++depth_;
  const auto parameter_line = [&](const parameter& p) {
    line("parameter", p.name + ": " + p.type.text + (p.initial ? " = " + p.initial->text : ""));
  };
  for (const auto& p : u.parameters)
    parameter_line(p);
  for (const auto& s : u.slots) {
    auto types = std::string{};
    for (const auto& a : s.arguments)
      types += (types.empty() ? "" : ", ") + a.text;
    line("slot", s.name + "(" + types + ")" + (s.is_required ? " required" : ""));
    ++depth_;
    for (const auto& p : s.attributes)
      parameter_line(p);
    --depth_;
  }
  --depth_;
  content(u.children);
}

void dumper::file(const template_file& f) {
  for (const auto& item : f.head)
    if (const auto* i = std::get_if<include_item>(&item))
      line("include", i->path);
  line("namespace", f.name_space);
  for (const auto& u : f.units)
    one_unit(u);
}

}  // namespace

std::string dump(const template_file& file) {
  auto d = dumper{};
  d.file(file);
  return d.take();
}

}  // namespace beamline::web::heex
