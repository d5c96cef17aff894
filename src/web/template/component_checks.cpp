#include "web/template/component_checks.hpp"

#include "base/html_attributes.hpp"
#include "web/template/cpp_lexer.hpp"
#include "web/template/html_facts.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

constexpr std::string_view rest_name = "rest";

const attribute* find(const element_node& e, std::string_view name) {
  const auto found = std::ranges::find(e.attributes, name, &attribute::name);
  return found == e.attributes.end() ? nullptr : &*found;
}

bool has_spread(const element_node& e) {
  return std::ranges::any_of(e.attributes, [](const attribute& a) { return a.what == attribute::kind::spread; });
}

std::vector<std::string_view> names_of(const std::vector<parameter>& list) {
  auto out = std::vector<std::string_view>{};
  for (const auto& p : list)
    out.push_back(p.name);
  return out;
}

const element_node* entry_of(const node& n) {
  const auto* e = n.as<element_node>();
  return e != nullptr && e->what == element_node::kind::slot ? e : nullptr;
}

}  // namespace

bool is_inner_block(const node& n) {
  if (const auto* t = n.as<text_node>())
    return !trim(t->text).empty();
  return entry_of(n) == nullptr && n.as<comment_node>() == nullptr;
}

void component_checks::call(const element_node& e, span where) {
  const auto tag = span{where.begin, e.name_where.end};
  if (e.name == "live_component")
    return live_component(e, tag);
  if (e.name == "live_render")
    return live_render(e, tag);
  if (const auto* u = file_.find_component(e.name)) {
    attributes(e, *u, tag);
    slots(e, *u, tag);
    return;
  }
  // Of another file: what is a member's name is left to the C++ compiler.
  for (const auto& a : e.attributes)
    if (html::is_script_attribute(a.name) && !is_identifier(a.name))
      script(e.name, a);
}

void component_checks::attributes(const element_node& e, const unit& u, span tag) {
  const auto takes_rest = u.find_parameter(rest_name) != nullptr;
  for (const auto& a : e.attributes) {
    if (a.what == attribute::kind::spread) {
      if (!takes_rest)
        out_.error(a.where,
                   "<." + u.name + "> takes no attributes of unknown names; declare `rest: live::attributes` in it");
      continue;
    }
    if (u.find_parameter(a.name) != nullptr)
      continue;
    if (takes_rest && html::is_script_attribute(a.name)) {
      script(u.name, a);
      continue;
    }
    if (takes_rest && is_global_attribute(a.name))
      continue;
    if (u.find_slot(a.name) != nullptr)
      out_.error(a.where, a.name + " is a slot of <." + u.name + ">; write <:" + a.name + ">…</:" + a.name + "> in it");
    else
      out_.error(a.name_where, "<." + u.name + "> has no attribute " + a.name
                                   + did_you_mean(a.name, names_of(u.parameters), "", "; declare it in the component"));
  }
  for (const auto& p : u.parameters)
    if (!p.initial && p.name != rest_name && find(e, p.name) == nullptr)
      out_.error(tag, "<." + u.name + "> needs the attribute " + p.name + " of type " + p.type.text);
}

void component_checks::script(const std::string& component, const attribute& a) {
  out_.error(a.where, a.name + " is a script, which <" + (component.find('.') == std::string::npos ? "." : "")
                          + component
                          + "> does not pass on: nothing escapes it; use phx-click and its like, or a hook");
}

void component_checks::slots(const element_node& e, const unit& u, span tag) {
  auto names = std::vector<std::string_view>{};
  for (const auto& s : u.slots)
    names.push_back(s.name);
  auto given = std::vector<std::string_view>{};
  for (const auto& n : e.children) {
    const auto* entry = entry_of(n);
    if (entry == nullptr) {
      if (is_inner_block(n))
        given.push_back("inner_block");
      continue;
    }
    given.push_back(entry->name);
    if (const auto* s = u.find_slot(entry->name))
      slot_entry(*entry, *s, {n.where.begin, entry->name_where.end});
    else
      out_.error(entry->name_where, "<." + u.name + "> has no slot " + entry->name
                                        + did_you_mean(entry->name, names, "", "; declare it in the component"));
  }
  const auto has = [&](std::string_view name) { return std::ranges::find(given, name) != given.end(); };
  const auto* inner = u.find_slot("inner_block");
  if (inner == nullptr && has("inner_block"))
    out_.error(tag,
               "<." + u.name + "> takes no content; declare `slot inner_block` in it, or write <." + u.name + " />");
  if (inner != nullptr)
    argument(e.let, *inner, u.name);
  else if (e.let)
    out_.error(e.let->where, "<." + u.name + "> gives nothing to its content");
  for (const auto& s : u.slots)
    if (s.is_required && !has(s.name))
      out_.error(tag, s.name == "inner_block" ? "<." + u.name + "> needs content"
                                              : "<." + u.name + "> needs the slot " + s.name + "; write <:" + s.name
                                                    + ">…</:" + s.name + "> in it");
}

void component_checks::argument(const std::optional<pattern>& let, const slot_parameter& s,
                                const std::string& component) {
  if (let && s.arguments.empty())
    out_.error(let->where, "the slot " + s.name + " of <." + component + "> gives nothing to name with :let");
}

void component_checks::slot_entry(const element_node& entry, const slot_parameter& s, span tag) {
  for (const auto& a : entry.attributes) {
    const auto is_known = std::ranges::find(s.attributes, a.name, &parameter::name) != s.attributes.end();
    if (a.what == attribute::kind::spread)
      out_.error(a.where, "the entries of a slot take their attributes one by one");
    else if (!is_known)
      out_.error(a.name_where,
                 "the slot " + s.name + " has no attribute " + a.name
                     + did_you_mean(a.name, names_of(s.attributes), "",
                                    "; declare it with `slot " + s.name + " with (" + a.name + ": type)`"));
  }
  for (const auto& p : s.attributes)
    if (!p.initial && find(entry, p.name) == nullptr)
      out_.error(tag, "<:" + s.name + "> needs the attribute " + p.name + " of type " + p.type.text);
  if (entry.let && s.arguments.empty())
    out_.error(entry.let->where, "the slot " + s.name + " gives nothing to name with :let");
}

void component_checks::needs(const element_node& e, span tag, std::string_view name) {
  if (find(e, name) == nullptr)
    out_.error(tag, "<." + e.name + "> needs the attribute " + std::string{name});
}

void component_checks::live_component(const element_node& e, span tag) {
  needs(e, tag, "module");
  needs(e, tag, "id");
  if (const auto* m = find(e, "module"); m != nullptr && m->what != attribute::kind::expression)
    out_.error(m->where, "module names the component's class: module={counter}");
  for (const auto& a : e.attributes)
    if (a.what == attribute::kind::spread)
      out_.error(a.where, "a live component takes its attributes one by one");
  if (std::ranges::any_of(e.children, [](const node& n) { return is_inner_block(n) || entry_of(n) != nullptr; }))
    out_.error(tag, "a live component takes no content: it is rendered apart from its parent; hand over attributes");
}

void component_checks::live_render(const element_node& e, span tag) {
  needs(e, tag, "view");
  needs(e, tag, "id");
  static const auto known = std::vector<std::string_view>{"view", "id", "session", "sticky"};
  for (const auto& a : e.attributes)
    if (has_spread(e) || std::ranges::find(known, a.name) == known.end())
      out_.error(a.where, "<.live_render> has no attribute " + a.name
                              + did_you_mean(a.name, known, "", "; it has view, id, session and sticky"));
  if (std::ranges::any_of(e.children, is_inner_block))
    out_.error(tag, "a nested view takes no content; write <.live_render … />");
}

}  // namespace beamline::web::heex
