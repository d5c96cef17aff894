#include "testing/live/dom.hpp"

#include "base/html.hpp"
#include "testing/live/client_model.hpp"
#include "testing/live/html_facts.hpp"

#include <algorithm>
#include <set>

namespace beamline::testing {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

void append_open_tag(std::string& out, const dom_node& n) {
  out += '<';
  out += n.name();
  for (const auto& [name, value] : n.attributes()) {
    out += ' ';
    out += name;
    if (value.empty())
      continue;
    out += "=\"";
    html::append_attribute(out, value);
    out += '"';
  }
  out += '>';
}

void append_html(std::string& out, const dom_node& n);

void append_children(std::string& out, const dom_node& n) {
  for (const auto& child : n.children())
    append_html(out, *child);
}

void append_html(std::string& out, const dom_node& n) {
  if (n.is_text()) {
    if (n.parent() != nullptr && is_raw_text_element(n.parent()->name()))
      out += n.raw_text();
    else
      html::append_text(out, n.raw_text());
  } else if (!n.is_element()) {
    out += "<!--" + n.raw_text() + "-->";
  } else {
    append_open_tag(out, n);
    append_children(out, n);
    if (!is_void_element(n.name()))
      out += "</" + std::string{n.name()} + ">";
  }
}

void append_text(std::string& out, const dom_node& n) {
  if (n.is_text())
    out += n.raw_text();
  else if (n.name() == "br")
    out += ' ';
  else if (n.name() != "script" && n.name() != "style" && n.name() != "template")
    for (const auto& child : n.children())
      append_text(out, *child);
}

std::string collapsed(std::string_view text) {
  auto out = std::string{};
  for (const char c : text)
    if (!is_space(c))
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  if (out.ends_with(' '))
    out.pop_back();
  return out;
}

void append_pretty(std::string& out, const dom_node& n, std::size_t depth) {
  const auto indent = std::string(depth * 2, ' ');
  if (n.is_text()) {
    if (const auto text = collapsed(n.raw_text()); !text.empty())
      out += indent + text + "\n";
    return;
  }
  if (!n.is_element())
    return;
  out += indent;
  append_open_tag(out, n);
  if (n.child_elements().empty()) {
    out += n.text();
    if (!is_void_element(n.name()))
      out += "</" + std::string{n.name()} + ">";
    out += '\n';
    return;
  }
  out += '\n';
  for (const auto& child : n.children())
    append_pretty(out, *child, depth + 1);
  out += indent + "</" + std::string{n.name()} + ">\n";
}

}  // namespace

const std::string* dom_node::find_attribute(std::string_view name) const noexcept {
  const auto found = std::ranges::find(attributes_, name, &std::pair<std::string, std::string>::first);
  return found == attributes_.end() ? nullptr : &found->second;
}

std::string_view dom_node::attribute(std::string_view name) const noexcept {
  const auto* value = find_attribute(name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

bool dom_node::has_class(std::string_view name) const {
  const auto all = attribute("class");
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find_first_of(" \t\n\r\f", at), all.size());
    if (all.substr(at, end - at) == name)
      return !name.empty();
    at = end + 1;
  }
  return false;
}

void dom_node::set_attribute(std::string_view name, std::string value) {
  const auto found = std::ranges::find(attributes_, name, &std::pair<std::string, std::string>::first);
  if (found != attributes_.end())
    found->second = std::move(value);
  else
    attributes_.emplace_back(name, std::move(value));
}

void dom_node::remove_attribute(std::string_view name) {
  std::erase_if(attributes_, [&](const auto& a) { return a.first == name; });
}

std::vector<dom_node*> dom_node::child_elements() const {
  auto out = std::vector<dom_node*>{};
  for (const auto& child : children_)
    if (child->is_element())
      out.push_back(child.get());
  return out;
}

dom_node& dom_node::insert(std::size_t at, std::unique_ptr<dom_node> child) {
  child->parent_ = this;
  return **children_.insert(children_.begin() + static_cast<std::ptrdiff_t>(at), std::move(child));
}

std::unique_ptr<dom_node> dom_node::take(const dom_node& child) {
  const auto found = std::ranges::find(children_, &child, &std::unique_ptr<dom_node>::get);
  if (found == children_.end())
    throw std::logic_error{"dom_node::take: " + child.path() + " is no child of " + path()};
  auto out = std::move(*found);
  children_.erase(found);
  out->parent_ = nullptr;
  return out;
}

std::vector<std::unique_ptr<dom_node>> dom_node::take_children() {
  for (auto& child : children_)
    child->parent_ = nullptr;
  return std::exchange(children_, {});
}

void dom_node::set_children(std::vector<std::unique_ptr<dom_node>> children) {
  children_ = std::move(children);
  for (auto& child : children_)
    child->parent_ = this;
}

std::unique_ptr<dom_node> dom_node::clone() const {
  auto out = std::make_unique<dom_node>(kind_, text_);
  out->attributes_ = attributes_;
  out->state_ = state_;
  for (const auto& child : children_)
    out->append(child->clone());
  return out;
}

void dom_node::each_element(const std::function<void(dom_node&)>& fn) {
  for (const auto& child : children_)
    if (child->is_element()) {
      fn(*child);
      child->each_element(fn);
    }
}

void dom_node::each_element(const std::function<void(const dom_node&)>& fn) const {
  for (const auto& child : children_)
    if (child->is_element()) {
      fn(*child);
      std::as_const(*child).each_element(fn);
    }
}

dom_node* dom_node::find_id(std::string_view wanted) {
  if (is_element() && id() == wanted)
    return this;
  for (const auto& child : children_)
    if (auto* found = child->find_id(wanted))
      return found;
  return nullptr;
}

dom_node* dom_node::closest(const std::function<bool(const dom_node&)>& matches) {
  for (auto* n = this; n != nullptr; n = n->parent_)
    if (n->is_element() && matches(*n))
      return n;
  return nullptr;
}

std::string dom_node::text() const {
  auto out = std::string{};
  append_text(out, *this);
  return collapsed(out);
}

std::string dom_node::inner_html() const {
  auto out = std::string{};
  append_children(out, *this);
  return out;
}

std::string dom_node::outer_html() const {
  auto out = std::string{};
  append_html(out, *this);
  return out;
}

std::string dom_node::pretty(std::size_t lines_max) const {
  auto out = std::string{};
  if (is_element() && !name().empty())
    append_pretty(out, *this, 0);
  else
    for (const auto& child : children_)
      append_pretty(out, *child, 0);
  auto at = std::size_t{0};
  for (std::size_t line = 0; line < lines_max && at != std::string::npos; ++line)
    at = out.find('\n', at == 0 ? 0 : at + 1);
  if (at != std::string::npos && at + 1 < out.size())
    out = out.substr(0, at + 1) + "...\n";
  return out;
}

std::string dom_node::path() const {
  auto self = std::string{name()};
  if (!id().empty())
    return self + "#" + std::string{id()};
  if (parent_ == nullptr || !parent_->is_element() || parent_->name().empty())
    return self;
  const auto siblings = parent_->child_elements();
  if (siblings.size() > 1) {
    const auto at = std::ranges::find(siblings, this) - siblings.begin();
    self += ":nth-child(" + std::to_string(at + 1) + ")";
  }
  return parent_->path() + " > " + self;
}

void check_unique_ids(const dom_node& root) {
  auto seen = std::set<std::string, std::less<>>{};
  root.each_element([&](const dom_node& n) {
    if (n.id().empty() || seen.emplace(n.id()).second)
      return;
    throw page_stuck{"two elements have the id \"" + std::string{n.id()} + "\"; one is " + n.path()
                     + ". The client would patch the wrong one"};
  });
}

}  // namespace beamline::testing
