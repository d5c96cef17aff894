#include "web/header_list.hpp"

#include <algorithm>

namespace beamline::web {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool iequals(std::string_view a, std::string_view b) noexcept { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) noexcept {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> header_list::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (iequals(key, name))
      return std::string_view{value};
  return std::nullopt;
}

std::size_t header_list::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const field& f) { return iequals(f.first, name); }));
}

bool header_list::has_token(std::string_view name, std::string_view token) const {
  for (const auto& [key, value] : fields_) {
    if (!iequals(key, name))
      continue;
    auto rest = std::string_view{value};
    while (!rest.empty()) {
      auto comma = std::min(rest.find(','), rest.size());
      if (iequals(trimmed(rest.substr(0, comma)), token))
        return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

void header_list::set(std::string_view name, std::string value) {
  auto same = [&](const field& f) { return iequals(f.first, name); };
  auto at = std::ranges::find_if(fields_, same);
  if (at == fields_.end()) {
    fields_.emplace_back(std::string{name}, std::move(value));
    return;
  }
  at->second = std::move(value);
  fields_.erase(std::remove_if(std::next(at), fields_.end(), same), fields_.end());
}

void header_list::remove(std::string_view name) {
  std::erase_if(fields_, [&](const field& f) { return iequals(f.first, name); });
}

}  // namespace beamline::web
