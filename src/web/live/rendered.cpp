#include "web/live/rendered.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace beamline::web::live {

namespace {

template <class Number>
std::string decimal(Number number) {
  auto digits = std::array<char, 64>{};
  const auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  if (failed != std::errc{})
    throw std::logic_error{"live::dynamic: a number does not fit in 64 characters"};
  return {digits.data(), end};
}

void append_tree(std::string& out, const rendered& tree, std::size_t depth);

void append_row(std::string& out, const statics& tpl, const std::vector<dynamic>& values, std::size_t depth) {
  if (depth > tree_depth_max)
    throw std::logic_error{"live::to_html: templates are nested more than " + std::to_string(tree_depth_max)
                           + " deep at \"" + tpl.describe() + "\"; flatten the recursion"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += tpl.parts()[i];
    if (const auto* text = values[i].text())
      out += *text;
    else if (const auto* tree = values[i].tree())
      append_tree(out, *tree, depth + 1);
    else if (const auto* list = values[i].list())
      for (const auto& entry : list->entries())
        append_row(out, list->tpl(), entry.values, depth + 1);
  }
  out += tpl.parts().back();
}

void append_tree(std::string& out, const rendered& tree, std::size_t depth) {
  append_row(out, tree.tpl(), tree.values(), depth);
}

}  // namespace

rendered::rendered(const statics& tpl, std::vector<dynamic> values) : tpl_{&tpl}, values_{std::move(values)} {
  detail::check_values(tpl, values_.size());
}

comprehension& comprehension::add_row(std::optional<std::string> key, std::vector<dynamic> values) {
  detail::check_values(*tpl_, values.size());
  if (!entries_.empty() && key.has_value() != is_keyed_)
    throw std::logic_error{"live::comprehension: \"" + tpl_->describe()
                           + "\" mixes rows with and without a key; use add_keyed for all of them or for none"};
  is_keyed_ = key.has_value();
  entries_.push_back({std::move(key).value_or(std::string{}), std::move(values)});
  return *this;
}

dynamic::plain dynamic::format(double number) { return {decimal(number)}; }
dynamic::plain dynamic::format(std::int64_t number) { return {decimal(number)}; }
dynamic::plain dynamic::format(std::uint64_t number) { return {decimal(number)}; }

std::string to_html(const rendered& tree) {
  auto out = std::string{};
  append_tree(out, tree, 0);
  return out;
}

void detail::check_values(const statics& tpl, std::size_t given) {
  if (given != tpl.dynamics())
    throw std::logic_error{"live: the template \"" + tpl.describe() + "\" takes " + std::to_string(tpl.dynamics())
                           + " values, but " + std::to_string(given) + " were given"};
}

}  // namespace beamline::web::live
