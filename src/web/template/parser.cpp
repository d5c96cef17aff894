#include "web/template/parser.hpp"

#include "base/utf8.hpp"
#include "web/template/block_head.hpp"
#include "web/template/cpp_lexer.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/signature.hpp"
#include "web/template/tokenizer.hpp"

#include <algorithm>
#include <utility>

namespace beamline::web::heex {

namespace {

/// What is open while the template is read: the unit itself, elements, and blocks.
struct frame {
  enum class kind : std::uint8_t { unit, element, if_block, for_block };
  kind what;
  node made;  // Complete but for its children.
  nodes children = {};
};

class parser {
public:
  parser(const source& from, diagnostics& out) : source_{from}, out_{out}, tokens_{from, out} {}

  template_file run();

private:
  void take(token t);
  void directive(const token& t);
  void open(token t);
  void close(const token& t);
  void statement(const token& t);
  void block(const token& t);
  void open_if(const token& t, span condition);
  void open_for(const token& t, span head);
  void finish_unit();

  void special_attribute(element_node& e, attribute& a);
  void add(node n);
  void push(frame f);
  void pop();
  void finish_branch(frame& f);
  void report_open(const frame& f, const std::string& before);
  [[nodiscard]] bool is_in_unit() const { return !stack_.empty(); }
  [[nodiscard]] std::string text_of(span s) const { return std::string{source_.text(s)}; }
  [[nodiscard]] std::string line_of(const node& n) const {
    return std::to_string(source_.place_of(n.where.begin).line);
  }

  const source& source_;
  diagnostics& out_;
  tokenizer tokens_;
  template_file file_;
  unit unit_;
  std::vector<frame> stack_;  // The first is the unit.
  bool is_too_deep_ = false;
};

template_file parser::run() {
  for (auto t = tokens_.next(); t.what != token::kind::end && !is_too_deep_; t = tokens_.next())
    take(std::move(t));
  if (is_in_unit()) {
    if (unit_.what == unit::kind::component && !is_too_deep_)
      out_.error(unit_.where, "the component " + unit_.name + " has no end; write <%@ end %> behind its markup");
    finish_unit();
  }
  if (file_.units.empty() && !out_.has_errors())
    out_.error({0, 0}, "this template makes nothing; begin it with <%@ view class_name %>, or declare a component with "
                       "<%@ component name(…) %> … <%@ end %>");
  return std::move(file_);
}

void parser::take(token t) {
  using kind = token::kind;
  if (t.what == kind::directive)
    return directive(t);
  if (!is_in_unit()) {
    if (t.what == kind::comment) {
      auto comment = comment_item{text_of(t.inner), t.where};
      if (file_.units.empty())
        file_.head.emplace_back(std::move(comment));
      else
        file_.comments.emplace_back(file_.units.size(), std::move(comment));
    } else if (t.what != kind::text || !trim(source_.text(t.where)).empty()) {
      out_.error(trim(source_, t.where),
                 "markup must stand in a view or component; begin it with <%@ view class_name %> or "
                 "<%@ component name(…) %>");
    }
    return;
  }
  switch (t.what) {
    case kind::text: return add({text_node{text_of(t.where)}, t.where});
    case kind::markup: return add({markup_node{text_of(t.where)}, t.where});
    case kind::comment: return add({comment_node{text_of(t.inner)}, t.where});
    case kind::value:
      if (t.inner.size() == 0)
        out_.error(t.where, "these braces are empty; write an expression, or &lbrace;&rbrace; for the characters");
      return add({value_node{code_at(source_, t.inner)}, t.where});
    case kind::block: return block(t);
    case kind::statement: return statement(t);
    case kind::open_tag: return open(std::move(t));
    case kind::close_tag: return close(t);
    default: return;
  }
}

// ---- directives ----

void parser::directive(const token& t) {
  static const auto known = std::vector<std::string_view>{"include", "namespace", "view", "component", "end"};
  const auto text = source_.text(t.inner);
  const auto name_end = std::min(text.find_first_of(" \t\r\n("), text.size());
  const auto name = text.substr(0, name_end);
  const auto rest = trim(source_, {t.inner.begin + static_cast<std::uint32_t>(name_end), t.inner.end});
  if (name == "end") {
    if (!is_in_unit())
      return out_.error(t.where, "<%@ end %> ends nothing; remove it");
    return finish_unit();
  }
  if (is_in_unit())
    return out_.error(t.where, "<%@ " + std::string{name} + " %> cannot stand inside of "
                                   + (unit_.what == unit::kind::view ? "a view" : "the component " + unit_.name)
                                   + "; end that before it with <%@ end %>");
  if (name == "include") {
    const auto path = source_.text(rest);
    if (path.size() < 3
        || !((path.front() == '"' && path.back() == '"') || (path.front() == '<' && path.back() == '>')))
      return out_.error(t.where, "an include names a header in quotes: <%@ include \"apps/shop/cart.hpp\" %>");
    file_.head.emplace_back(include_item{std::string{path}, t.where});
  } else if (name == "namespace") {
    const auto parts = split_top_level(source_.text(rest), ':');
    const auto is_name = std::ranges::all_of(
        parts, [&](span p) { return p.size() == 0 || is_identifier(source_.text(rest).substr(p.begin, p.size())); });
    if (rest.size() == 0 || !is_name || !file_.name_space.empty())
      return out_.error(t.where, file_.name_space.empty() ? "expected the name of a namespace: <%@ namespace my_app %>"
                                                          : "the namespace is given already");
    file_.name_space = source_.text(rest);
    file_.head.emplace_back(namespace_item{file_.name_space, t.where});
  } else if (name == "view" || name == "component") {
    unit_ = unit{};
    unit_.name = source_.text(rest);
    unit_.name_where = rest;
    if (name == "component")
      unit_ = parse_component(source_, rest, out_);
    else if (rest.size() == 0)
      out_.error(t.where, "expected the view's class: <%@ view class_name %>");
    if (name == "component" && file_.find_component(unit_.name) != nullptr)
      out_.error(unit_.name_where, "the component " + unit_.name + " is declared twice");
    if (!file_.units.empty() && file_.units.back().what == unit::kind::view)
      out_.error(t.where, "the view must be the last in its file; put components before it");
    unit_.where = t.where;
    stack_.push_back({frame::kind::unit, {}});
  } else
    out_.error(t.where, "unknown directive " + std::string{name}
                            + did_you_mean(name, known, "", "; known are include, namespace, view, component, end"));
}

void parser::finish_unit() {
  while (stack_.size() > 1) {
    report_open(stack_.back(), "the end of the template");
    pop();
  }
  unit_.children = std::move(stack_.back().children);
  stack_.clear();
  file_.units.push_back(std::move(unit_));
}

// ---- elements ----

void parser::open(token t) {
  auto e = element_node{};
  e.name = std::move(t.name);
  e.name_where = t.name_where;
  e.is_self_closing = t.is_self_closing;
  if (e.name.starts_with(":")) {
    e.what = element_node::kind::slot;
    e.name.erase(0, 1);
  } else if (e.name.find('.') != std::string::npos) {
    e.what = element_node::kind::component;
    if (e.name.starts_with("."))
      e.name.erase(0, 1);
  }
  if (e.what != element_node::kind::html) {
    auto parts = std::vector<std::string>{""};
    for (const auto c : e.name)
      c == '.' ? parts.emplace_back() : parts.back() += c;
    if (!std::ranges::all_of(parts, is_identifier) || (e.what == element_node::kind::slot && parts.size() != 1))
      out_.error(e.name_where, "`" + e.name + "` cannot be the name of a "
                                   + (e.what == element_node::kind::slot ? "slot" : "component")
                                   + "; names are identifiers of C++");
  }
  for (auto& a : t.attributes) {
    if (a.name.starts_with(":"))
      special_attribute(e, a);
    else
      e.attributes.push_back(std::move(a));
  }
  const auto is_leaf = e.is_self_closing || (e.what == element_node::kind::html && is_void_element(e.name));
  auto made = node{std::move(e), t.where};
  if (is_leaf)
    add(std::move(made));
  else
    push({frame::kind::element, std::move(made)});
}

void parser::special_attribute(element_node& e, attribute& a) {
  static const auto known = std::vector<std::string_view>{":if", ":for", ":key", ":let"};
  if (std::ranges::find(known, a.name) == known.end())
    return out_.error(a.name_where, "unknown directive " + a.name
                                        + did_you_mean(a.name, known, "", "; known are :if, :for, :key and :let"));
  if (a.what != attribute::kind::expression || a.value.text.empty())
    return out_.error(a.where, a.name + " takes an expression in braces: " + a.name
                                   + (a.name == ":for" ? "={x <- list}" : "={…}"));
  const auto is_given = (a.name == ":if" && e.condition) || (a.name == ":for" && e.loop) || (a.name == ":key" && e.key)
                     || (a.name == ":let" && e.let);
  if (is_given)
    return out_.error(a.where, a.name + " is given twice");
  if (a.name == ":if")
    e.condition = std::move(a.value);
  else if (a.name == ":key")
    e.key = std::move(a.value);
  else if (a.name == ":for")
    e.loop = parse_generator(source_, a.value.where, out_);
  else
    e.let = parse_pattern(source_, a.value.where, out_);
}

void parser::close(const token& t) {
  const auto shown = [](const token& tag) { return "</" + tag.name + ">"; };
  if (is_void_element(t.name))
    return out_.error(t.where, "<" + t.name + "> has no content and no closing tag; remove " + shown(t));
  const auto name_of = [&](const frame& f) {
    return f.what == frame::kind::element ? text_of(f.made.as<element_node>()->name_where) : std::string{};
  };
  // Blocks are walls: a tag inside does not close an element outside.
  auto match = stack_.size();
  for (auto i = stack_.size(); i-- > 1 && stack_[i].what == frame::kind::element;)
    if (name_of(stack_[i]) == t.name) {
      match = i;
      break;
    }
  if (match == stack_.size()) {
    const auto& top = stack_.back();
    if (top.what == frame::kind::element)
      return out_.error(t.where, shown(t) + " closes nothing; the open element is <" + name_of(top) + "> of line "
                                     + line_of(top.made) + ", which needs </" + name_of(top) + ">");
    return out_.error(t.where, shown(t) + " closes nothing; remove it, or open <" + t.name + "> before it"
                                   + (stack_.size() > 1 ? " within the same block" : ""));
  }
  while (stack_.size() > match + 1) {
    report_open(stack_.back(), shown(t) + " in line " + std::to_string(source_.place_of(t.where.begin).line));
    pop();
  }
  pop();
}

void parser::report_open(const frame& f, const std::string& before) {
  if (f.what == frame::kind::element) {
    const auto name = text_of(f.made.as<element_node>()->name_where);
    out_.error(f.made.where.size() == 0 ? f.made.where
                                        : span{f.made.where.begin, f.made.as<element_node>()->name_where.end + 1},
               "<" + name + "> is not closed before " + before + "; write </" + name + "> where it ends");
  } else
    out_.error(f.made.where, "this block is not ended before " + before + "; write <% end %>");
}

// ---- blocks ----

void parser::block(const token& t) {
  const auto words = words_of(source_, t.inner);
  if (words.first == "if" || words.first == "for") {
    if (!words.ends_with_do)
      out_.error(t.where, "a block begins with <%= " + std::string{words.first}
                              + (words.first == "if" ? " condition do %>" : " x <- list do %>"));
    return words.first == "if" ? open_if(t, words.inner) : open_for(t, words.inner);
  }
  if (words.ends_with_do)
    return out_.error(t.where, "there is no block " + std::string{words.first}
                                   + "; there are <%= if … do %> and <%= for … do %>");
  if (t.inner.size() == 0)
    return out_.error(t.where, "this is empty; write an expression");
  add({value_node{code_at(source_, t.inner)}, t.where});
}

void parser::open_if(const token& t, span condition) {
  auto made = if_node{};
  made.branches.push_back({code_at(source_, condition), {}});
  if (condition.size() == 0)
    out_.error(t.where, "this if has no condition; write <%= if condition do %>");
  push({frame::kind::if_block, {std::move(made), t.where}});
}

void parser::open_for(const token& t, span head) {
  push({frame::kind::for_block, {parse_for_head(source_, head, out_), t.where}});
}

void parser::statement(const token& t) {
  const auto words = words_of(source_, t.inner);
  auto& top = stack_.back();
  if (words.first != "end" && words.first != "else")
    return out_.error(t.where, words.first == "if" || words.first == "for"
                                   ? "a block that shows something begins with <%= " + std::string{words.first}
                                   : "only <% else %> and <% end %> are written without =; a value is {…} or <%= … %>");
  if (top.what == frame::kind::element) {
    const auto block = std::ranges::find_if(
        stack_, [](const frame& f) { return f.what == frame::kind::if_block || f.what == frame::kind::for_block; });
    if (block != stack_.end()) {
      while (stack_.back().what == frame::kind::element) {
        report_open(stack_.back(), "<% " + std::string{words.first} + " %> in line "
                                       + std::to_string(source_.place_of(t.where.begin).line));
        pop();
      }
      return statement(t);
    }
  }
  if (words.first == "end") {
    if (top.what != frame::kind::if_block && top.what != frame::kind::for_block)
      return out_.error(t.where, "<% end %> ends nothing; remove it");
    return pop();
  }
  if (top.what != frame::kind::if_block)
    return out_.error(t.where, "<% else %> belongs to no if; remove it");
  finish_branch(top);
  auto& branches = top.made.as<if_node>()->branches;
  if (!branches.back().condition)
    return out_.error(t.where, "this block has its else already");
  if (words.inner.size() == 0)
    return branches.push_back({});
  const auto next = words_of(source_, words.inner);
  if (next.first != "if" || !words.ends_with_do || next.inner.size() == 0)
    out_.error(t.where, "expected <% else %> or <% else if condition do %>");
  branches.push_back({code_at(source_, next.inner), {}});
}

// ---- the stack ----

void parser::add(node n) { stack_.back().children.push_back(std::move(n)); }

void parser::push(frame f) {
  if (stack_.size() > nesting_max) {
    out_.error(f.made.where, "elements are nested more than " + std::to_string(nesting_max)
                                 + " deep; move the inner part to a component");
    is_too_deep_ = true;
    return;
  }
  stack_.push_back(std::move(f));
}

void parser::finish_branch(frame& f) { f.made.as<if_node>()->branches.back().children = std::exchange(f.children, {}); }

void parser::pop() {
  auto f = std::move(stack_.back());
  stack_.pop_back();
  if (f.what == frame::kind::if_block)
    finish_branch(f);
  else if (f.what == frame::kind::for_block)
    f.made.as<for_node>()->children = std::move(f.children);
  else
    f.made.as<element_node>()->children = std::move(f.children);
  add(std::move(f.made));
}

}  // namespace

template_file parse(const source& from, diagnostics& out) {
  if (from.text().size() > template_octets_max) {
    out.error({0, 0}, "the template has " + std::to_string(from.text().size()) + " octets; at most "
                          + std::to_string(template_octets_max) + " are read");
    return {};
  }
  if (const auto at = find_invalid_utf8(from.text()); at != std::string_view::npos) {
    const auto begin = static_cast<std::uint32_t>(at);
    out.error({begin, begin + 1}, "this octet is no UTF-8, in which pages are sent; save the template as UTF-8");
    return {};
  }
  return parser{from, out}.run();
}

}  // namespace beamline::web::heex
