#include "web/template/flat_printer.hpp"

#include "web/template/cpp_lexer.hpp"
#include "web/template/html_facts.hpp"
#include "web/template/whitespace.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

/// C++ that can be followed by something: a comment to the end of the line ends with the line.
std::string closed(const code& c) {
  auto lexer = cpp_lexer{c.text};
  auto last = cpp_lexer::token{};
  for (auto t = lexer.next(); t.what != cpp_lexer::kind::end; t = lexer.next())
    last = t;
  const auto ends_in_comment = last.what == cpp_lexer::kind::comment && c.text.substr(last.where.begin, 2) == "//";
  return c.text + (ends_in_comment ? "\n" : "");
}

std::string text_of(const pattern& p) {
  auto out = std::string{p.is_tuple ? "{" : ""};
  for (std::size_t i = 0; i < p.names.size(); ++i)
    out += (i == 0 ? "" : ", ") + p.names[i].text;
  return out + (p.is_tuple ? "}" : "");
}

bool begins_line(const node& n) {
  const auto* e = n.as<element_node>();
  if (e == nullptr)
    return n.as<if_node>() != nullptr || n.as<for_node>() != nullptr;
  return e->what == element_node::kind::slot
      || (e->what == element_node::kind::html
          && (is_block_element(e->name) || holds_no_text(e->name) || is_raw_element(e->name) || e->name == "pre"));
}

}  // namespace

std::string flat_printer::tag_name(const element_node& e) {
  if (e.what == element_node::kind::slot)
    return ":" + e.name;
  return (e.what == element_node::kind::component && e.name.find('.') == std::string::npos ? "." : "") + e.name;
}

bool flat_printer::is_leaf(const element_node& e) {
  return e.what == element_node::kind::html ? is_void_element(e.name) : e.children.empty();
}

bool flat_printer::has_plain_braces(const element_node& e) {
  return std::ranges::any_of(e.attributes, [](const attribute& a) { return a.name == "phx-no-curly-interpolation"; });
}

std::vector<std::string> flat_printer::attributes_of(const element_node& e) {
  auto out = std::vector<std::string>{};
  if (e.loop)
    out.push_back(":for={" + text_of(e.loop->each) + " <- " + closed(e.loop->of) + "}");
  if (e.key)
    out.push_back(":key={" + closed(*e.key) + "}");
  if (e.condition)
    out.push_back(":if={" + closed(*e.condition) + "}");
  if (e.let)
    out.push_back(":let={" + text_of(*e.let) + "}");
  for (const auto& a : e.attributes) {
    switch (a.what) {
      case attribute::kind::flag: out.push_back(a.name); break;
      case attribute::kind::literal: {
        const auto* quote = a.text.find('"') == std::string::npos ? "\"" : "'";
        out.push_back(a.name + "=" + quote + a.text + quote);
        break;
      }
      case attribute::kind::expression: out.push_back(a.name + "={" + closed(a.value) + "}"); break;
      case attribute::kind::spread: out.push_back("{" + closed(a.value) + "}"); break;
    }
  }
  return out;
}

std::string flat_printer::open_tag(const element_node& e) {
  auto out = "<" + tag_name(e);
  for (const auto& a : attributes_of(e))
    out += " " + a;
  return out + (is_leaf(e) && e.what != element_node::kind::html ? " />" : ">");
}

std::string flat_printer::branch_head(const if_node::branch& b, bool is_first) {
  if (!b.condition)
    return "<% else %>";
  return (is_first ? "<%= if " : "<% else if ") + closed(*b.condition) + " do %>";
}

std::string flat_printer::loop_head(const for_node& f) {
  return "<%= for " + text_of(f.loop.each) + " <- " + closed(f.loop.of) + (f.key ? ", key: " + closed(*f.key) : "")
       + " do %>";
}

std::string flat_printer::value(const code& c) const {
  return plain_braces_ == 0 ? "{" + closed(c) + "}" : "<%= " + closed(c) + " %>";
}

std::optional<std::string> flat_printer::content(const nodes& list) const {
  auto out = std::string{};
  for (const auto& n : list) {
    if (const auto* t = n.as<text_node>()) {
      // A line end beside anything but words is the user's wish.
      auto inner = std::string_view{t->text};
      if (&n == &list.front())
        inner.remove_prefix(std::min(inner.find_first_not_of(" \n"), inner.size()));
      if (&n == &list.back())
        inner.remove_suffix(inner.size() - std::min(inner.find_last_not_of(" \n") + 1, inner.size()));
      if (inner.find("\n\n") != std::string_view::npos || inner.starts_with('\n') || inner.ends_with('\n'))
        return std::nullopt;
      for (const auto c : t->text)
        if (c != '\n' || !out.ends_with(' '))
          out += c == '\n' ? ' ' : c;
      continue;
    }
    auto text = begins_line(n) ? std::nullopt : one(n);
    if (!text)
      return std::nullopt;
    out += *text;
  }
  return out;
}

std::optional<std::string> flat_printer::one(const node& n) const {
  auto out = std::string{};
  if (const auto* e = n.as<element_node>()) {
    out = open_tag(*e);
    if (out.find('\n') != std::string::npos)
      return std::nullopt;
    if (is_leaf(*e))
      return out;
    if (is_verbatim(*e))
      out += verbatim_content(*e);
    else {
      plain_braces_ += has_plain_braces(*e) ? 1 : 0;
      const auto inner = content(e->children);
      plain_braces_ -= has_plain_braces(*e) ? 1 : 0;
      if (!inner)
        return std::nullopt;
      out += *inner;
    }
    out += "</" + tag_name(*e) + ">";
  } else if (n.as<if_node>() != nullptr || n.as<for_node>() != nullptr)
    return std::nullopt;
  else
    out = verbatim(n);
  return out.find('\n') == std::string::npos ? std::optional{out} : std::nullopt;
}

std::string flat_printer::verbatim_content(const element_node& e) const {
  auto out = std::string{};
  plain_braces_ += has_plain_braces(e) ? 1 : 0;
  for (const auto& n : e.children)
    out += verbatim(n);
  plain_braces_ -= has_plain_braces(e) ? 1 : 0;
  return out;
}

std::string flat_printer::verbatim(const node& n) const {
  if (const auto* t = n.as<text_node>())
    return t->text;
  if (const auto* m = n.as<markup_node>())
    return m->text;
  if (const auto* c = n.as<comment_node>())
    return "<%!--" + c->text + "--%>";
  if (const auto* v = n.as<value_node>())
    return value(v->value);
  if (const auto* e = n.as<element_node>())
    return open_tag(*e) + (is_leaf(*e) ? "" : verbatim_content(*e) + "</" + tag_name(*e) + ">");
  auto out = std::string{};
  const auto all = [&](const nodes& list) {
    for (const auto& child : list)
      out += verbatim(child);
  };
  if (const auto* f = n.as<for_node>()) {
    out += loop_head(*f);
    all(f->children);
  } else if (const auto* b = n.as<if_node>())
    for (const auto& branch : b->branches) {
      out += branch_head(branch, &branch == b->branches.data());
      all(branch.children);
    }
  return out + "<% end %>";
}

}  // namespace beamline::web::heex
