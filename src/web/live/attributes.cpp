#include "web/live/attributes.hpp"

#include "base/html_attributes.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace beamline::web::live {

namespace {

void check_name(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
        || c == ':' || c == '.' || c == '@';
  };
  if (name.empty() || !std::ranges::all_of(name, is_part))
    throw std::invalid_argument{"live::attributes: \"" + std::string{name.substr(0, 64)}
                                + "\" is no name of an attribute; names consist of letters, digits and - _ : ."};
  if (html::takes_no_values(name))
    throw std::invalid_argument{"live::attributes: nothing escapes a value of " + std::string{name}
                                + "; use phx-* attributes for events"};
}

bool is_safe_style(std::string_view value) {
  constexpr auto forbidden =
      std::to_array<std::string_view>({"url(", "expression(", "@", "\\", "<", "/*", "image-set("});
  const auto plain = html::lower_name(value);
  return std::ranges::none_of(forbidden, [&](std::string_view f) { return plain.find(f) != std::string::npos; });
}

void append(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  if (html::is_url_attribute(name))
    html::append_url_attribute(out, value);
  else if (html::is_same_name(name, "style") && !is_safe_style(value))
    out += blocked_style;
  else
    html::append_attribute(out, value);
  out += '"';
}

/// The item of that name: capital letters make no other attribute.
auto position_of(auto& list, std::string_view name) {
  return std::ranges::find_if(list, [&](const auto& i) { return html::is_same_name(i.name, name); });
}

dynamic markup(std::string text) { return dynamic{safe_html::trusted(std::move(text))}; }

}  // namespace

attributes::attributes(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  for (const auto& [name, value] : list)
    set(name, value);
}

attributes& attributes::put(std::string_view name, std::optional<std::string> value) {
  check_name(name);
  const auto known = position_of(list_, name);
  if (!value) {
    if (known != list_.end())
      list_.erase(known);
  } else if (known != list_.end())
    *known = {std::string{name}, *std::move(value)};
  else
    list_.push_back({std::string{name}, *std::move(value)});
  return *this;
}

attributes& attributes::put_flag(std::string_view name, bool is_there) {
  if (html::is_enumerated_attribute(name))
    return put(name, is_there ? "true" : "false");
  put(name, is_there ? std::optional{std::string{}} : std::nullopt);
  if (is_there)
    position_of(list_, name)->is_flag = true;
  return *this;
}

attributes& attributes::merge(const attributes& other) {
  for (const auto& i : other.list_)
    i.is_flag ? put_flag(i.name, true) : put(i.name, i.value);
  return *this;
}

std::optional<std::string> attributes::find(std::string_view name) const {
  const auto known = position_of(list_, name);
  return known == list_.end() ? std::nullopt : std::optional{known->value};
}

safe_html attributes::html() const {
  auto out = std::string{};
  for (const auto& i : list_) {
    if (i.is_flag)
      out += " " + i.name;
    else
      append(out, i.name, i.value);
  }
  return safe_html::trusted(std::move(out));
}

class_list::class_list(std::initializer_list<class_name> names) {
  for (const auto& n : names) {
    if (n.text().empty())
      continue;
    if (!text_.empty())
      text_ += ' ';
    text_ += n.text();
  }
}

namespace detail {

dynamic attribute_of(std::string_view name, const std::optional<std::string>& value) {
  if (!value)
    return dynamic{""};
  auto out = std::string{" "}.append(name) + "=\"";
  html::append_attribute(out, *value);
  return markup(out + "\"");
}

dynamic url_of(std::string_view name, const std::optional<std::string>& value) {
  if (!value)
    return dynamic{""};
  auto out = std::string{" "}.append(name) + "=\"";
  html::append_url_attribute(out, *value);
  return markup(out + "\"");
}

dynamic flag_of(std::string_view name, bool is_there) {
  return is_there ? markup(" " + std::string{name}) : dynamic{""};
}

dynamic text_of(const std::optional<std::string>& value) { return value ? dynamic{*value} : dynamic{""}; }

dynamic url_text_of(const std::optional<std::string>& value) {
  auto out = std::string{};
  html::append_url_attribute(out, value.value_or(""));
  return markup(std::move(out));
}

dynamic style_of(const std::optional<std::string>& value) {
  if (value && !is_safe_style(*value))
    return dynamic{blocked_style};
  return text_of(value);
}

}  // namespace detail

}  // namespace beamline::web::live
