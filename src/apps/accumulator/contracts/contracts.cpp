#include "apps/accumulator/contracts.hpp"

#include <array>
#include <utility>

namespace beamline::accumulator {

namespace {

using scope = metric::scope;
using number = metric::number;

constexpr std::array<std::pair<scope, std::string_view>, 3> scopes{
    {{scope::site, "site"}, {scope::page, "page"}, {scope::blog, "blog"}}};
constexpr std::array<std::pair<number, std::string_view>, 3> numbers{
    {{number::visits, "visits"}, {number::likes, "likes"}, {number::comments, "comments"}}};

template <class E, std::size_t N>
std::string word_of(const std::array<std::pair<E, std::string_view>, N>& all, E e) {
  for (const auto& [known, word] : all)
    if (known == e)
      return std::string{word};
  return {};
}

template <class E, std::size_t N>
std::optional<E> named(const std::array<std::pair<E, std::string_view>, N>& all, std::string_view word) {
  for (const auto& [known, name] : all)
    if (name == word)
      return known;
  return std::nullopt;
}

}  // namespace

std::string metric_key(const metric& m) {
  auto middle = m.of == scope::site ? std::string{} : "." + m.name;
  return word_of(scopes, m.of) + middle + "." + word_of(numbers, m.what);
}

std::optional<metric> parse_metric(std::string_view key) {
  auto first = key.find('.');
  auto last = key.rfind('.');
  if (first == std::string_view::npos)
    return std::nullopt;
  auto of = named(scopes, key.substr(0, first));
  auto what = named(numbers, key.substr(last + 1));
  if (!of || !what || (*of == scope::site) != (first == last))
    return std::nullopt;
  if (*of == scope::site)
    return metric{*of, {}, *what};
  auto name = key.substr(first + 1, last - first - 1);
  if (!is_slug(name) || (*of == scope::page && *what != number::visits))
    return std::nullopt;
  return metric{*of, std::string{name}, *what};
}

std::string_view to_string(comment_state s) noexcept {
  switch (s) {
    case comment_state::visible: return "visible";
    case comment_state::pending: return "pending";
    case comment_state::hidden: return "hidden";
    case comment_state::deleted: return "deleted";
  }
  return "unknown";
}

}  // namespace beamline::accumulator
