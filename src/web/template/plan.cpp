#include "web/template/plan.hpp"

#include "base/html_attributes.hpp"
#include "web/template/component_checks.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/text_expression.hpp"
#include "web/template/whitespace.hpp"

#include <algorithm>

namespace beamline::web::heex {

void fragment::add(planned_value v) {
  values.push_back(std::move(v));
  parts.emplace_back();
}

bool fragment::is_bare_value() const { return values.size() == 1 && parts[0].empty() && parts[1].empty(); }

namespace {

// ---- which members are read ----

void add_members(member_set& to, const fragment& f) {
  for (const auto& v : f.values)
    to.insert(v.members.begin(), v.members.end());
}

void add_members(member_set& to, const std::vector<argument>& arguments) {
  for (const auto& a : arguments)
    heex::add_members(to, a.value);
}

template <class Optional>
void add_members_if(member_set& to, const Optional& c) {
  if (c)
    heex::add_members(to, *c);
}

struct member_collector {
  member_set& to;

  void operator()(const inserted_value& v) const { heex::add_members(to, v.value); }
  void operator()(const attribute_value& v) const { heex::add_members(to, v.value); }
  void operator()(const spread_value& v) const { heex::add_members(to, v.value); }
  void operator()(const choice& c) const {
    for (const auto& b : c.branches) {
      add_members_if(to, b.condition);
      add_members(to, b.content);
    }
  }
  void operator()(const repetition& r) const {
    heex::add_members(to, r.loop.of);
    add_members_if(to, r.key);
    add_members_if(to, r.filter);
    add_members(to, r.row);
  }
  void operator()(const call& c) const {
    // What a component makes may depend on the messages for the visitor, which come with the context: <.flash_group>.
    if (c.what == call::kind::function)
      to.insert("flash");
    add_members(to, c.arguments);
    for (const auto& s : c.slots) {
      add_members(to, s.arguments);
      if (s.loop)
        heex::add_members(to, s.loop->of);
      add_members_if(to, s.condition);
      add_members(to, s.content);
    }
  }
};

template <class T>
planned_value made(T what) {
  auto v = planned_value{};
  member_collector{v.members}(what);
  v.what = std::move(what);
  return v;
}

// ---- from the tree to fragments ----

attribute_rule rule_of(std::string_view name) {
  if (html::is_same_name(name, "class"))
    return attribute_rule::classes;
  if (html::is_same_name(name, "style"))
    return attribute_rule::style;
  if (html::is_url_attribute(name))
    return attribute_rule::url;
  return html::is_enumerated_attribute(name) ? attribute_rule::enumerated : attribute_rule::plain;
}

/// What an attribute's value begins with, whatever the rest is: `"row-"` of `id={"row-" + name}`. Sent once with the
/// template, not with every value.
std::optional<text_sum> constant_begin(const attribute_value& v) {
  if (v.rule == attribute_rule::style)
    return std::nullopt;  // Is checked as a whole.
  auto sum = split_text_sum(v.value);
  // A URL that begins like this has no scheme, whatever follows: no script.
  if (sum && v.rule == attribute_rule::url && sum->begin.find_first_of("/?#") != 0)
    return std::nullopt;
  return sum;
}

/// A single element and nothing beside it.
bool is_single_root(const nodes& list) {
  if (list.size() != 1)
    return false;
  const auto* e = list[0].as<element_node>();
  return e != nullptr && e->what == element_node::kind::html && !e->condition && !e->loop;
}

class planner {
public:
  fragment content(const nodes& list) {
    auto f = fragment{};
    add(f, list);
    f.is_single_root = is_single_root(list);
    return f;
  }

private:
  void add(fragment& f, const nodes& list) {
    for (const auto& n : list)
      add(f, n);
  }
  void add(fragment& f, const node& n);
  void text(fragment& f, std::string_view content) const;
  void element(fragment& f, const element_node& e);
  void plain_element(fragment& f, const element_node& e);
  void attribute_of(fragment& f, const attribute& a) const;
  call call_of(const element_node& e);
  slot_entry entry_of(const element_node& e);
  fragment block_content(const nodes& list) { return content(list); }
  static std::vector<argument> arguments_of(const element_node& e);
};

void planner::text(fragment& f, std::string_view content) const {
  // `<%%` is how `<%` is written.
  for (auto at = content.find("<%%"); at != std::string_view::npos; at = content.find("<%%")) {
    f.add(content.substr(0, at + 2));
    content.remove_prefix(at + 3);
  }
  f.add(content);
}

void planner::add(fragment& f, const node& n) {
  if (const auto* t = n.as<text_node>())
    text(f, t->text);
  else if (const auto* m = n.as<markup_node>())
    f.add(m->text);
  else if (const auto* v = n.as<value_node>())
    f.add(made(inserted_value{v->value}));
  else if (const auto* e = n.as<element_node>())
    element(f, *e);
  else if (const auto* l = n.as<for_node>()) {
    auto r = repetition{l->loop, l->key, std::nullopt, false, content(l->children)};
    r.is_stream = std::ranges::any_of(members_of(l->loop.of), &member_use::is_stream);
    f.add(made(std::move(r)));
  } else if (const auto* b = n.as<if_node>()) {
    auto c = choice{};
    for (const auto& branch : b->branches)
      c.branches.push_back({branch.condition, content(branch.children)});
    f.add(made(std::move(c)));
  }
}

void planner::element(fragment& f, const element_node& e) {
  if (!e.loop && !e.condition)
    return plain_element(f, e);
  auto inner = fragment{};
  plain_element(inner, e);
  inner.is_single_root = e.what == element_node::kind::html;
  if (!e.loop) {
    auto c = choice{};
    c.branches.push_back({e.condition, std::move(inner)});
    return f.add(made(std::move(c)));
  }
  auto r = repetition{*e.loop, e.key, e.condition, false, std::move(inner)};
  r.is_stream = std::ranges::any_of(members_of(e.loop->of), &member_use::is_stream);
  f.add(made(std::move(r)));
}

void planner::plain_element(fragment& f, const element_node& e) {
  if (e.what == element_node::kind::component)
    return f.add(made(call_of(e)));
  f.add("<" + e.name);
  for (const auto& a : e.attributes)
    attribute_of(f, a);
  f.add(">");
  if (is_void_element(e.name))
    return;
  add(f, e.children);
  f.add("</" + e.name + ">");
}

void planner::attribute_of(fragment& f, const attribute& a) const {
  // Meant for this compiler, not for the browser.
  if (a.name == "phx-no-format" || a.name == "phx-no-curly-interpolation")
    return;
  switch (a.what) {
    case attribute::kind::flag: return f.add(" " + a.name);
    case attribute::kind::literal: {
      const auto* quote = a.text.find('"') == std::string::npos ? "\"" : "'";
      f.add(" " + a.name + "=" + quote);
      text(f, a.text);
      return f.add(quote);
    }
    case attribute::kind::spread: return f.add(made(spread_value{a.value}));
    case attribute::kind::expression: break;
  }
  auto v = attribute_value{a.name, a.value, rule_of(a.name)};
  v.is_whole = !(v.rule == attribute_rule::classes || v.rule == attribute_rule::style
                 || html::is_same_name(a.name, "id") || a.value.text == "@myself" || is_certainly_text(a.value.text));
  if (v.is_whole)
    return f.add(made(std::move(v)));
  f.add(" " + a.name + "=\"");
  if (const auto sum = constant_begin(v)) {
    f.add(sum->begin);
    v.value = sum->rest;
    v.is_sum = sum->rest_is_sum;
    v.rule = attribute_rule::plain;
  }
  f.add(made(std::move(v)));
  f.add("\"");
}

std::vector<argument> planner::arguments_of(const element_node& e) {
  auto out = std::vector<argument>{};
  for (const auto& a : e.attributes)
    out.push_back({static_cast<argument::kind>(a.what), a.name, a.text, a.value, a.name_where});
  return out;
}

slot_entry planner::entry_of(const element_node& e) {
  return {e.name, arguments_of(e), e.let, e.loop, e.condition, content(e.children), e.name_where};
}

call planner::call_of(const element_node& e) {
  auto c = call{};
  c.name = e.name;
  c.where = e.name_where;
  for (auto dot = c.name.find('.'); dot != std::string::npos; dot = c.name.find('.'))
    c.name.replace(dot, 1, "::");
  c.arguments = arguments_of(e);
  if (e.name == "live_component")
    c.what = call::kind::live_component;
  if (e.name == "live_render")
    c.what = call::kind::nested_view;
  auto inner = nodes{};
  for (const auto& n : e.children) {
    const auto* s = n.as<element_node>();
    if (s != nullptr && s->what == element_node::kind::slot)
      c.slots.push_back(entry_of(*s));
    else
      inner.push_back(n);
  }
  if (std::ranges::none_of(inner, is_inner_block))
    return c;
  // What was beside entries of slots is at the ends now.
  const auto trim_text = [&](node& n, bool at_begin) {
    if (auto* t = n.as<text_node>()) {
      const auto kept = std::string{trim(t->text)};
      t->text = at_begin ? kept + t->text.substr(t->text.find(kept) + kept.size())
                         : t->text.substr(0, t->text.rfind(kept) + kept.size());
    }
  };
  std::erase_if(inner,
                [&](const node& n) { return !is_inner_block(n) && (&n == &inner.front() || &n == &inner.back()); });
  trim_text(inner.front(), true);
  trim_text(inner.back(), false);
  c.slots.push_back({"inner_block", {}, e.let, std::nullopt, std::nullopt, content(inner), e.name_where});
  return c;
}

/// Only what may be all of a view or component is said to be one element: of blocks within, that would cost more octets
/// than the original sends.
void root_at_top_only(fragment& f, bool is_top) {
  f.is_single_root = f.is_single_root && is_top;
  const auto is_all = is_top && f.is_bare_value();
  for (auto& v : f.values) {
    if (auto* c = std::get_if<choice>(&v.what))
      for (auto& b : c->branches)
        root_at_top_only(b.content, is_all);
    else if (auto* r = std::get_if<repetition>(&v.what))
      root_at_top_only(r->row, false);
    else if (auto* k = std::get_if<call>(&v.what))
      for (auto& s : k->slots)
        root_at_top_only(s.content, false);
  }
}

void collect_uses(std::vector<member_use>& out, const nodes& list);

void collect(std::vector<member_use>& out, const code& c) {
  for (auto& use : members_of(c))
    if (std::ranges::find(out, use.name, &member_use::name) == out.end())
      out.push_back(std::move(use));
}

void collect_uses(std::vector<member_use>& out, const element_node& e) {
  if (e.loop)
    collect(out, e.loop->of);
  if (e.condition)
    collect(out, *e.condition);
  if (e.key)
    collect(out, *e.key);
  for (const auto& a : e.attributes)
    collect(out, a.value);
  collect_uses(out, e.children);
}

void collect_uses(std::vector<member_use>& out, const nodes& list) {
  for (const auto& n : list) {
    if (const auto* v = n.as<value_node>())
      collect(out, v->value);
    else if (const auto* e = n.as<element_node>())
      collect_uses(out, *e);
    else if (const auto* f = n.as<for_node>()) {
      collect(out, f->loop.of);
      if (f->key)
        collect(out, *f->key);
      collect_uses(out, f->children);
    } else if (const auto* b = n.as<if_node>())
      for (const auto& branch : b->branches) {
        if (branch.condition)
          collect(out, *branch.condition);
        collect_uses(out, branch.children);
      }
  }
}

}  // namespace

planned_unit plan(const unit& u) {
  auto p = planned_unit{};
  p.of = &u;
  p.content = planner{}.content(u.children);
  root_at_top_only(p.content, true);
  collect_uses(p.members, u.children);
  auto read = member_set{};
  add_members(read, p.content);
  if (read.contains("flash") && std::ranges::find(p.members, "flash", &member_use::name) == p.members.end())
    p.members.push_back({"flash", u.name_where});
  return p;
}

}  // namespace beamline::web::heex
