#include "base/html_attributes.hpp"
#include "web/template/component_checks.hpp"
#include "web/template/cpp_lexer.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/render_writer.hpp"

#include <algorithm>

// The part of render_writer that calls components and hands content to them.

namespace beamline::web::heex {

namespace {

/// True for what leaves no temporary behind that a string_view could refer to: names, literals, braces around them.
bool is_simple(std::string_view expression) {
  using kind = cpp_lexer::kind;
  if (expression.starts_with("{"))
    return true;  // Cannot be named without a type.
  return std::ranges::all_of(cpp_tokens(expression), [&](const cpp_lexer::token& t) {
    const auto c = expression[t.where.begin];
    return t.what != kind::punctuation || c == '.' || c == ':' || c == '-' || c == '>' || c == '!' || c == '*'
        || c == '&';
  });
}

const argument* find(const std::vector<argument>& list, std::string_view name) {
  const auto found = std::ranges::find(list, name, &argument::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

void render_writer::write(const call& c, const scope& s) {
  const auto attrs = fresh("a");
  out_.line("{");
  out_.indent();
  if (c.what == call::kind::nested_view) {
    out_.line("auto " + attrs + " = live::nested_view_spec{};");
    set_nested(c, attrs);
    note(c.where);
    out_.line(s.values + ".emplace_back(context.nested_view(" + attrs + "));");
  } else if (c.what == call::kind::live_component) {
    const auto* type = find(c.arguments, "module");
    const auto id = fresh("t");
    out_.at(type->value.where, type->value.text + "::attrs " + attrs + "{};");
    out_.line("auto " + id + " = std::string{};");
    for (const auto& a : c.arguments) {
      if (a.name == "id")
        set_id(a, id);
      else if (a.name != "module")
        set(a, attrs, false);
    }
    note(c.where);
    out_.line(s.values + ".emplace_back(context.component<");
    out_.at(type->value.where, type->value.text + ">(" + id + ", std::move(" + attrs + ")));");
  } else {
    out_.at(c.where, c.name + "_attrs " + attrs + "{};");
    given(c.name + "_attrs", c.arguments, &c.slots, c.where);
    for (const auto& a : c.arguments)
      set(a, attrs, true);
    const auto keeper = fresh("k");
    if (std::ranges::any_of(c.slots, [](const slot_entry& e) { return e.loop || e.condition; }))
      out_.line("auto " + keeper + " = live::kept_values{};");
    for (const auto& e : c.slots)
      slot(e, attrs, keeper);
    note(c.where);
    out_.line(s.values + ".emplace_back(");
    out_.at(c.where, c.name + "(" + attrs + ", context));");
  }
  out_.outdent();
  out_.line("}");
}

/// The C++ compiler reports what is missing at `where`.
void render_writer::given(const std::string& type, const std::vector<argument>& arguments,
                          const std::vector<slot_entry>* slots, span where) {
  auto names = std::string{};
  const auto add = [&](const std::string& name) {
    const auto literal = string_literal(name);
    if (!name.empty() && names.find(literal) == std::string::npos)
      names += (names.empty() ? "" : ", ") + literal;
  };
  for (const auto& a : arguments)
    add(a.name);
  if (slots != nullptr)
    for (const auto& e : *slots)
      add(e.slot);
  out_.at(where, "static_assert(live::check_given<" + type + ", live::names<" + names + ">>());");
}

void render_writer::set(const argument& a, const std::string& object, bool may_be_rest, const std::string& keeper) {
  if (a.what == argument::kind::spread) {
    note(a.value.where);
    return out_.wrapped(object + ".rest.merge(", a.value, ");");
  }
  auto text = std::string{a.what == argument::kind::flag ? "true" : string_literal(a.text)};
  if (a.what == argument::kind::expression) {
    note(a.value.where);
    if (is_simple(a.value.text) && is_identifier(a.name) && !(may_be_rest && is_global_attribute(a.name))) {
      // On the line of the expression, where the compiler looks for what does not fit.
      out_.line(object);
      out_.at(a.where, "." + member_name(a.name), "");
      out_.line("    =");
      out_.at(a.value.where, with_locals(a.value));
      return out_.line(";");
    }
    text = fresh("t");
    if (keeper.empty())
      out_.wrapped("auto&& " + text + " =", a.value, ";");
    else
      out_.wrapped("auto&& " + text + " = " + keeper + ".keep(", a.value, ");");
    text = "std::forward<decltype(" + text + ")>(" + text + ")";
  }
  if (!is_identifier(a.name)) {
    out_.line(object);
    return out_.at(a.where, ".rest.set(" + string_literal(a.name) + ", " + text + ");", "");
  }
  if (may_be_rest && is_global_attribute(a.name)) {
    // It has a member of that name, or it takes whatever any element may have.
    out_.line("[&](auto& o_) {");
    out_.at(a.where, "if constexpr (requires { o_." + member_name(a.name) + "; }) o_." + member_name(a.name) + " = "
                         + text + ";");
    if (html::is_script_attribute(a.name))
      out_.at(a.where,
              "static_assert(live::is_no_type<decltype(o_)>, "
                  + string_literal(a.name
                                   + " is a script, in which nothing escapes a value; use phx-click and its like, "
                                     "or a hook")
                  + ");",
              "else ");
    else
      out_.at(a.where, "o_.rest.set(" + string_literal(a.name) + ", " + text + ");", "else ");
    return out_.line("}(" + object + ");");
  }
  out_.line(object);
  out_.at(a.where, member_name(a.name) + " = " + text + ";", ".");
}

void render_writer::set_id(const argument& a, const std::string& object) {
  if (a.what != argument::kind::expression)
    return out_.line(object + " = " + string_literal(a.text) + ";");
  note(a.value.where);
  out_.wrapped(object + " = live::id_text(", a.value, ");");
}

void render_writer::set_nested(const call& c, const std::string& object) {
  for (const auto& a : c.arguments) {
    if (a.name == "view" || a.name == "id")
      set_id(a, object + "." + a.name);
    else if (a.what == argument::kind::expression) {
      note(a.value.where);
      out_.wrapped(object + (a.name == "sticky" ? ".is_sticky =" : ".session ="), a.value, ";");
    } else
      out_.line(object + (a.name == "sticky" ? ".is_sticky = true;" : ".session = " + string_literal(a.text) + ";"));
  }
}

// ---- slots ----

std::string render_writer::parameters(const pattern& p, std::string& packed) {
  if (!p.is_tuple)
    return "[[maybe_unused]] const auto& " + p.names[0].text;
  packed = fresh("e");
  return "const auto&... " + packed;
}

void render_writer::slot(const slot_entry& e, const std::string& object, const std::string& keeper) {
  if (!e.loop && !e.condition)
    return slot_content(e, object, {});
  if (e.loop) {
    // In the block of the call: what the rows refer to must live until the component is rendered.
    const auto range = fresh("r");
    note(e.loop->of.where);
    out_.wrapped("auto&& " + range + " =", e.loop->of, ";");
    loop_head(*e.loop, range, keeper);
  }
  if (e.condition) {
    note(e.condition->where);
    out_.wrapped("if (", *e.condition, ") {");
    out_.indent();
  }
  slot_content(e, object, keeper);
  for (auto open = (e.loop ? 1 : 0) + (e.condition ? 1 : 0); open > 0; --open) {
    out_.outdent();
    out_.line("}");
  }
}

void render_writer::slot_content(const slot_entry& e, const std::string& object, const std::string& keeper) {
  const auto added = fresh("s");
  auto captures = std::string{"&"};
  if (e.loop)  // The content is rendered after the loop, when its variables are gone.
    for (const auto& n : e.loop->each.names)
      captures += ", " + n.text;
  auto packed = std::string{};
  const auto takes = e.let ? parameters(*e.let, packed) : std::string{"const auto&..."};
  out_.line("[[maybe_unused]] auto& " + added + " = " + object);
  out_.at(e.where, member_name(e.slot) + ".add(", ".");
  out_.line("    [" + captures + "](" + takes + ") -> live::rendered {");
  out_.indent();
  // By itself: the component that renders it has a template of its own, and would answer for it.
  if (e.loop)
    for (const auto& n : e.loop->each.names)  // clang warns of a copy that is not used.
      out_.line("(void)" + n.text + ";");
  guarded([&] {
    if (!packed.empty())
      unpack(*e.let, "live::packed(" + packed + "...)");
    body(e.content, std::nullopt, "return ", ";");
  });
  out_.outdent();
  out_.line("});");
  if (e.slot != "inner_block" || !e.arguments.empty()) {
    given("std::remove_reference_t<decltype(" + added + ")>", e.arguments, nullptr, e.where);
    for (const auto& a : e.arguments)
      set(a, added, false, keeper);
  }
}

}  // namespace beamline::web::heex
