#include "web/template/render_writer.hpp"

#include "web/template/cpp_lexer.hpp"
#include "web/template/text_expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace beamline::web::heex {

namespace {

/// What says which members changed since the last render that was sent.
const std::string view_changes = "c0_";

/// A member as the view has it, beside its value.
std::string raw_member(std::size_t index) { return "m" + std::to_string(index) + "_"; }

}  // namespace

// ---- templates ----

void render_writer::templates_of(const fragment& f) {
  // Inner ones first, so that they are numbered as they are written.
  for (const auto& v : f.values) {
    if (const auto* c = v.as<choice>()) {
      for (const auto& b : c->branches)
        templates_of(b.content);
    } else if (const auto* r = v.as<repetition>())
      templates_of(r->row);
    else if (const auto* k = v.as<call>())
      for (const auto& s : k->slots)
        templates_of(s.content);
  }
  const auto name = prefix_ + std::to_string(template_names_.size() + 1) + "_";
  template_names_.emplace_back(&f, name);
  out_.line("const live::statics " + name + "{std::vector<std::string>{");
  out_.indent();
  for (const auto& p : f.parts)
    out_.line(string_literal(p) + ",");
  out_.outdent();
  out_.line(f.is_single_root ? "}, live::root_element::single};" : "}};");
}

const std::string& render_writer::name_of(const fragment& f) const {
  return std::ranges::find(template_names_, &f, &std::pair<const fragment*, std::string>::first)->second;
}

// ---- the function ----

void render_writer::function() {
  const auto is_view = unit_.of->what == unit::kind::view;
  out_.line(is_view ? "live::rendered render_template([[maybe_unused]] const"
                    : "live::rendered " + unit_.of->name + "([[maybe_unused]] const");
  if (is_view)
    out_.at(unit_.of->name_where, unit_.of->name + "::assigns& assigns,");
  else
    out_.line("    " + unit_.of->name + "_attrs& assigns,");
  out_.line("    [[maybe_unused]] live::render_context& context) {");
  out_.indent();
  out_.line("using namespace live::components;");
  out_.line("[[maybe_unused]] unsigned line_ = 1, column_ = 1;");
  guarded([&] {
    bind_members();
    body(unit_.content, is_view ? std::optional{view_changes} : std::nullopt, "return ", ";");
  });
  out_.outdent();
  out_.line("}");
}

/// What throws in there says where.
void render_writer::guarded(const std::function<void()>& write) {
  out_.line("try {");
  out_.indent();
  write();
  out_.outdent();
  out_.line("} catch (...) {");
  out_.line("  live::rethrow_at(" + string_literal(shown_name_) + ", line_, column_);");
  out_.line("}");
}

/// `const auto& _title` for each `@title`, and what of them changed.
void render_writer::bind_members() {
  auto tracked = std::string{};
  auto index = std::size_t{0};
  for (const auto& m : unit_.members) {
    const auto raw = raw_member(index++);
    if (is_context_member(m.name) && !m.is_stream) {
      tracked += m.name == "flash" ? "context.flash_assign(), " : "";
      out_.line("[[maybe_unused]] const auto& _" + m.name + " = context." + m.name + "();");
      continue;
    }
    tracked += raw + ", ";
    out_.line("[[maybe_unused]] const auto& " + raw + " = assigns");
    const auto name = member_name(m.name);
    out_.at({m.where.end - static_cast<std::uint32_t>(m.name.size()) - 1, m.where.end}, "." + name);
    out_.line(";");
    out_.line("[[maybe_unused]] const auto& _" + m.name + " = live::value_of(" + raw + ");");
  }
  if (unit_.of->what != unit::kind::view)
    return;
  tracked.resize(tracked.size() - std::min<std::size_t>(tracked.size(), 2));
  out_.line("[[maybe_unused]] const auto " + view_changes + " = context.begin({" + tracked + "});");
}

std::string render_writer::mask_of(const member_set& members) const {
  auto mask = std::uint64_t{0};
  auto bit = std::size_t{0};
  for (const auto& m : unit_.members) {
    if (m.name == "myself" && !m.is_stream)
      continue;  // It never changes.
    if (members.contains(m.name))
      mask |= std::uint64_t{1} << std::min<std::size_t>(bit, 63);
    ++bit;
  }
  auto digits = std::array<char, 16>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mask, 16).ptr;
  return "0x" + std::string{digits.data(), end} + "U";
}

/// So that an exception can say where it came from.
void render_writer::note(span where) {
  const auto at = out_.from().place_of(where.begin);
  out_.line("line_ = " + std::to_string(at.line) + ", column_ = " + std::to_string(at.column) + ";");
}

/// The values of a template, and then `before live::rendered{…} after`.
void render_writer::body(const fragment& f, const std::optional<std::string>& changes, const std::string& before,
                         const std::string& after) {
  const auto values = fresh("v");
  out_.line("auto " + values + " = std::vector<live::dynamic>{};");
  if (!f.values.empty())
    out_.line(values + ".reserve(" + std::to_string(f.values.size()) + ");");
  for (const auto& v : f.values)
    value(v, {values, changes});
  out_.line(before + "live::rendered{" + name_of(f) + ", std::move(" + values + ")}" + after);
}

void render_writer::value(const planned_value& v, const scope& s) {
  if (!s.changes) {
    std::visit([&](const auto& what) { write(what, s); }, v.what);
    return keep_shown(v, s);
  }
  const auto mask = mask_of(v.members);
  out_.line(mask == "0x0U" ? "if (" + *s.changes + ".is_all()) {" : "if (" + *s.changes + ".has(" + mask + ")) {");
  out_.indent();
  std::visit([&](const auto& what) { write(what, s); }, v.what);
  if (*s.changes != view_changes)
    keep_shown(v, s);
  out_.outdent();
  out_.line("} else {");
  out_.line("  " + s.values + ".emplace_back(live::unchanged);");
  out_.line("}");
}

/// Where values are evaluated although nothing changed, those of temporaries are not what the client shows.
void render_writer::keep_shown(const planned_value& v, const scope& s) {
  if (unit_.of->what != unit::kind::view)
    return;
  auto members = std::string{};
  for (std::size_t i = 0; i < unit_.members.size(); ++i)
    if (const auto& m = unit_.members[i]; !m.is_stream && !is_context_member(m.name) && v.members.contains(m.name))
      members += ", " + raw_member(i);
  if (!members.empty())
    out_.line("live::keep_shown(" + s.values + ", " + view_changes + ", " + mask_of(v.members) + members + ");");
}

// ---- values ----

void render_writer::write(const inserted_value& v, const scope& s) {
  note(v.value.where);
  out_.wrapped(s.values + ".emplace_back(live::insert(", v.value, "));");
}

void render_writer::write(const attribute_value& v, const scope& s) {
  note(v.value.where);
  auto function = std::string{};
  switch (v.rule) {
    case attribute_rule::plain: function = v.is_whole ? "attribute" : "attribute_text"; break;
    case attribute_rule::url: function = v.is_whole ? "url_attribute" : "url_text"; break;
    case attribute_rule::enumerated: function = v.is_whole ? "enumerated_attribute" : "attribute_text"; break;
    case attribute_rule::classes: function = "class_text"; break;
    case attribute_rule::style: function = "style_text"; break;
  }
  out_.wrapped(s.values + ".emplace_back(live::" + function + "(" + (v.is_whole ? string_literal(v.name) + "," : ""),
               v.value, "));", v.is_sum ? empty_text_plus : "");
}

void render_writer::write(const spread_value& v, const scope& s) {
  note(v.value.where);
  out_.wrapped(s.values + ".emplace_back(live::spread(", v.value, "));");
}

/// One branch after the other. What a branch shows is known to the client if the conditions up to it are as they were;
/// if one may not be, the branch is rendered in full.
void render_writer::branches(const choice& c, std::size_t index, member_set conditions, const scope& s) {
  const auto& b = c.branches[index];
  if (b.condition) {
    add_members(conditions, *b.condition);
    note(b.condition->where);
    out_.wrapped("if (", *b.condition, ") {");
  } else {
    out_.line("{");
  }
  out_.indent();
  auto changes = std::optional<std::string>{};
  if (s.changes && !b.content.values.empty() && mask_of(conditions) != "0x0U") {
    changes = fresh("c");
    out_.line("const auto " + *changes + " = " + *s.changes + ".has(" + mask_of(conditions)
              + ") ? live::changes::all() : " + *s.changes + ";");
  }
  if (b.content.is_bare_value())
    value(b.content.values[0], {s.values, changes});
  else
    body(b.content, changes, s.values + ".emplace_back(", ");");
  out_.outdent();
  if (!b.condition)
    return out_.line("}");
  out_.line("} else {");
  out_.indent();
  if (index + 1 < c.branches.size())
    branches(c, index + 1, std::move(conditions), s);
  else
    out_.line(s.values + ".emplace_back(\"\");");
  out_.outdent();
  out_.line("}");
}

/// `for (const auto& x : range) {`; with a keeper, rows that the range makes live as long as that.
void render_writer::loop_head(const generator& g, const std::string& range, const std::string& keeper) {
  const auto row = g.each.is_tuple || !keeper.empty() ? fresh("e") : std::string{};
  auto from = range;
  if (!keeper.empty()) {
    out_.line("for (auto&& " + row + " : " + range + ") {");
    out_.indent();
    from = keeper + ".keep(std::forward<decltype(" + row + ")>(" + row + "))";
  } else if (g.each.is_tuple) {
    out_.line("for (const auto& " + row + " : " + range + ") {");
    out_.indent();
    from = row;
  }
  if (g.each.is_tuple)
    return unpack(g.each, from);
  out_.line(keeper.empty() ? "for ([[maybe_unused]] const auto&" : "[[maybe_unused]] const auto&");
  out_.at(g.each.names[0].where, g.each.names[0].text);
  out_.line(keeper.empty() ? "    : " + range + ") {" : "    = " + from + ";");
  if (keeper.empty())
    out_.indent();
}

/// Lambdas of older compilers cannot capture what a structured binding names, so each name is a reference of its own.
void render_writer::unpack(const pattern& p, const std::string& from) {
  auto parts = std::vector<std::string>{};
  auto list = std::string{};
  for (std::size_t i = 0; i < p.names.size(); ++i) {
    parts.push_back(fresh("b"));
    list += (i == 0 ? "" : ", ") + parts.back();
  }
  out_.line("const auto&");
  out_.at(p.where, "[" + list + "] = " + from + ";");
  for (std::size_t i = 0; i < p.names.size(); ++i)
    out_.line("[[maybe_unused]] const auto& " + p.names[i].text + " = " + parts[i] + ";");
}

void render_writer::write(const repetition& r, const scope& s) {
  const auto range = fresh("r");
  const auto list = fresh("l");
  note(r.loop.of.where);
  out_.wrapped("auto&& " + range + " =", r.loop.of, ";");
  out_.line("auto " + list + " = live::list_of(" + name_of(r.row) + ", " + range + ");");
  loop_head(r.loop, range);
  if (r.filter) {
    note(r.filter->where);
    out_.wrapped("if (!static_cast<bool>(", *r.filter, "))");
    out_.line("  continue;");
  }
  const auto values = fresh("v");
  out_.line("auto " + values + " = std::vector<live::dynamic>{};");
  if (!r.row.values.empty())
    out_.line(values + ".reserve(" + std::to_string(r.row.values.size()) + ");");
  for (const auto& v : r.row.values)
    value(v, {values, std::nullopt});
  if (r.key) {
    note(r.key->where);
    out_.wrapped(list + ".add_row(live::row_key(", *r.key, "), std::move(" + values + "));");
  } else {
    out_.line(list + ".add_row(std::nullopt, std::move(" + values + "));");
  }
  out_.outdent();
  out_.line("}");
  out_.line(s.values + ".emplace_back(std::move(" + list + "));");
}

}  // namespace beamline::web::heex
