#include "web/template/checks.hpp"

#include "base/html.hpp"
#include "base/html_attributes.hpp"
#include "web/template/component_checks.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/id_checks.hpp"
#include "web/template/members.hpp"

#include <algorithm>
#include <array>

namespace beamline::web::heex {

namespace {

constexpr auto update_values = std::to_array<std::string_view>({"replace", "stream", "ignore", "append", "prepend"});

const attribute* find(const element_node& e, std::string_view name) {
  const auto found =
      std::ranges::find_if(e.attributes, [&](const attribute& a) { return html::is_same_name(a.name, name); });
  return found == e.attributes.end() ? nullptr : &*found;
}

bool has_id(const element_node& e) {
  return find(e, "id") != nullptr || std::ranges::any_of(e.attributes, [](const attribute& a) {
           return a.what == attribute::kind::spread;  // May bring one.
         });
}

/// Walks one unit.
class checker {
public:
  checker(const template_file& file, const unit& of, diagnostics& out) : unit_{of}, out_{out}, components_{file, out} {}

  void run() {
    content(unit_.children, nullptr);
    check_ids(unit_, out_);
  }

private:
  void content(const nodes& list, const element_node* parent);
  void element(const element_node& e, span where, const element_node* parent);
  void attributes(const element_node& e);
  void html_attribute(const element_node& e, const attribute& a, std::string_view name);
  void needs_id(const element_node& e, span where);
  void loop(const generator& g, const std::optional<code>& key, const std::optional<code>& filter);
  void missing_key(const element_node& e, span where);
  void expression(const code& c);

  const unit& unit_;
  diagnostics& out_;
  component_checks components_;
};

void checker::content(const nodes& list, const element_node* parent) {
  for (const auto& n : list) {
    if (const auto* v = n.as<value_node>())
      expression(v->value);
    else if (const auto* e = n.as<element_node>())
      element(*e, n.where, parent);
    else if (const auto* f = n.as<for_node>()) {
      loop(f->loop, f->key, std::nullopt);
      content(f->children, nullptr);
    } else if (const auto* b = n.as<if_node>())
      for (const auto& branch : b->branches) {
        if (branch.condition)
          expression(*branch.condition);
        content(branch.children, nullptr);
      }
  }
}

void checker::element(const element_node& e, span where, const element_node* parent) {
  const auto tag = span{where.begin, e.name_where.end};
  if (e.what == element_node::kind::slot && (parent == nullptr || parent->what != element_node::kind::component))
    out_.error(tag, "<:" + e.name + "> is an entry of a slot and must stand directly in a component");
  if (e.let && e.what == element_node::kind::html)
    out_.error(e.let->where, ":let names what a component gives to its content; <" + e.name + "> is no component");
  if (e.key && !e.loop)
    out_.error(e.key->where, ":key names the rows of a loop; this element has no :for");
  if (e.condition)
    expression(*e.condition);
  if (e.loop) {
    loop(*e.loop, e.key, e.condition);
    if (!e.key)
      missing_key(e, where);
  }
  attributes(e);
  if (e.what == element_node::kind::component)
    components_.call(e, where);
  content(e.children, &e);
}

// ---- attributes ----

void checker::attributes(const element_node& e) {
  auto seen = std::vector<std::string>{};
  for (const auto& a : e.attributes) {
    if (a.what == attribute::kind::spread || a.what == attribute::kind::expression) {
      if (a.value.text.empty())
        out_.error(a.where, "these braces are empty; write an expression");
      expression(a.value);
    }
    if (a.what == attribute::kind::spread)
      continue;
    // As the browser reads it; to a component, names are C++.
    const auto name = e.what == element_node::kind::html ? html::lower_name(a.name) : a.name;
    if (std::ranges::find(seen, name) != seen.end())
      out_.error(a.where, "the attribute " + a.name + " is given twice; browsers take the first");
    seen.push_back(name);
    if (name.starts_with("phx-") && !is_known_phx_attribute(name))
      out_.error(a.name_where, "the client knows no attribute " + a.name + did_you_mean(name, phx_attributes()));
    if (e.what == element_node::kind::html)
      html_attribute(e, a, name);
  }
}

void checker::html_attribute(const element_node& e, const attribute& a, std::string_view name) {
  if (a.what == attribute::kind::expression && html::takes_no_values(name))
    out_.error(a.where,
               html::is_script_attribute(name)
                   ? a.name + " is a script, in which nothing escapes a value; use phx-click and its like, or a hook"
                   : a.name + " is a page of its own, in which nothing escapes a value");
  if (a.what == attribute::kind::literal && html::is_url_attribute(name)
      && a.text.find("javascript:") != std::string::npos && !html::is_safe_url(a.text))
    out_.error(a.where, "a javascript: URL runs a script; use phx-click, or a hook");
  if (name == "phx-hook")
    needs_id(e, a.where);
  if (name == "phx-update") {
    if (a.what == attribute::kind::literal && std::ranges::find(update_values, a.text) == update_values.end())
      out_.error(a.where, "phx-update is \"" + a.text + "\"; expected stream, ignore or replace");
    needs_id(e, a.where);
  }
  if (name == "phx-change" && html::is_same_name(e.name, "form") && !has_id(e))
    out_.warning(a.where, "a form with phx-change needs an id, so that the client can restore it after a reconnect");
}

void checker::needs_id(const element_node& e, span where) {
  if (!has_id(e))
    out_.error(where, "<" + e.name + "> needs an id: the client finds the element by it");
}

// ---- loops ----

void checker::loop(const generator& g, const std::optional<code>& key, const std::optional<code>& filter) {
  expression(g.of);
  if (key)
    expression(*key);
  const auto uses = members_of(g.of);
  if (std::ranges::none_of(uses, &member_use::is_stream))
    return;
  if (key)
    out_.error(key->where, "the rows of a stream have their ids as keys; remove the key");
  if (filter)
    out_.error(filter->where, "the rows of a stream cannot be left out here; insert only those that are to be shown");
}

/// A row that the browser knows by its id, or that holds what the visitor types, should keep its identity when it
/// moves.
void checker::missing_key(const element_node& e, span where) {
  const auto uses = members_of(e.loop->of);
  const auto is_stream = std::ranges::any_of(uses, &member_use::is_stream);
  const auto* id = find(e, "id");
  if (is_stream || id == nullptr || id->what != attribute::kind::expression || e.what == element_node::kind::slot)
    return;
  out_.warning({where.begin, e.name_where.end},
               "rows with an id move when the list changes, but are sent anew without a key; add :key={"
                   + id->value.text + "}");
}

// ---- members ----

void checker::expression(const code& c) {
  auto known = std::vector<std::string_view>{};
  if (unit_.what == unit::kind::component) {
    for (const auto& p : unit_.parameters)
      known.push_back(p.name);
    for (const auto& s : unit_.slots)
      known.push_back(s.name);
  }
  for (const auto& use : members_of(c)) {
    if (use.name == "streams" && !use.is_stream)
      out_.error(use.where, "@streams is written with the stream's name: @streams.items");
    else if (unit_.what != unit::kind::component || (is_context_member(use.name) && !use.is_stream))
      continue;
    else if (use.is_stream)
      out_.error(use.where, "a component has no streams of its own; hand it over as an attribute");
    else if (std::ranges::find(known, use.name) == known.end())
      out_.error(use.where, "the component " + unit_.name + " declares no " + use.name
                                + did_you_mean(use.name, known, "@", "; add it to its parameters"));
  }
}

}  // namespace

void check(const template_file& file, diagnostics& out) {
  for (const auto& u : file.units)
    checker{file, u, out}.run();
}

}  // namespace beamline::web::heex
