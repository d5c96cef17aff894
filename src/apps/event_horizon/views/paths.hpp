#pragma once

#include "base/url.hpp"

#include <string>
#include <string_view>

/// The addresses of the pages.
namespace beamline::event_horizon {

[[nodiscard]] inline std::string post_path(const std::string& slug) { return "/blog/" + slug; }

/// What the index shows.
struct index_place {
  std::string query;  // Empty: all posts.
  std::string tag;    // Empty: those of all tags.
  int page = 1;

  friend bool operator==(const index_place&, const index_place&) = default;
};

/// `/blog?q=two+nodes&tag=beam&page=2`; what is as usual is left out.
[[nodiscard]] inline std::string index_path(const index_place& at) {
  auto out = std::string{"/blog"};
  auto add = [&](std::string_view name, std::string_view value) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    out += std::string{name} + "=" + percent_encode(value, url_part::query_component);
  };
  if (!at.query.empty())
    add("q", at.query);
  if (!at.tag.empty())
    add("tag", at.tag);
  if (at.page > 1)
    add("page", std::to_string(at.page));
  return out;
}

[[nodiscard]] inline std::string tag_path(const std::string& tag) { return index_path({.query = {}, .tag = tag}); }

}  // namespace beamline::event_horizon
