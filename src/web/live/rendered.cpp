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

using content_function = std::function<rendered(const component_place&)>;

class html_writer {
public:
  explicit html_writer(const content_function& content) : content_{content} {}

  void row(const statics& tpl, const std::vector<dynamic>& values, std::size_t depth) {
    if (depth > tree_depth_max)
      throw std::logic_error{"live::to_html: templates are nested more than " + std::to_string(tree_depth_max)
                             + " deep at \"" + tpl.describe() + "\"; flatten the recursion"};
    for (std::size_t i = 0; i < values.size(); ++i) {
      out_ += tpl.parts()[i];
      value(tpl, values[i], depth + 1);
    }
    out_ += tpl.parts().back();
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

private:
  void value(const statics& tpl, const dynamic& value, std::size_t depth) {
    if (const auto* text = value.text())
      out_ += *text;
    else if (const auto* tree = value.tree())
      row(tree->tpl(), tree->values(), depth);
    else if (const auto* list = value.list())
      for (const auto& entry : list->entries())
        row(list->tpl(), entry.values, depth);
    else if (const auto* place = value.component())
      component(*place, depth);
    else
      throw std::logic_error{"live::to_html: a value of \"" + tpl.describe()
                             + "\" is said to be unchanged, but nothing is known of it; render in full"};
  }

  void component(const component_place& place, std::size_t depth) {
    if (!content_)
      throw std::logic_error{"live::to_html: a live component outside of a view_tree, which alone knows its content"};
    const auto tree = content_(place);
    row(tree.tpl(), tree.values(), depth);
  }

  const content_function& content_;
  std::string out_;
};

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

std::string to_html(const rendered& tree) { return to_html(tree, {}); }

std::string to_html(const rendered& tree, const std::function<rendered(const component_place&)>& content) {
  auto writer = html_writer{content};
  writer.row(tree.tpl(), tree.values(), 0);
  return std::move(writer).take();
}

void detail::check_values(const statics& tpl, std::size_t given) {
  if (given != tpl.dynamics())
    throw std::logic_error{"live: the template \"" + tpl.describe() + "\" takes " + std::to_string(tpl.dynamics())
                           + " values, but " + std::to_string(given) + " were given"};
}

}  // namespace beamline::web::live
