#include "apps/event_horizon/content/id_registry.hpp"

#include "apps/event_horizon/content/fold.hpp"

#include <algorithm>
#include <array>

namespace beamline::event_horizon {

bool id_registry::is_of_page(std::string_view id) {
  constexpr auto whole = std::to_array<std::string_view>(
      {"author",      "comment",    "comments",  "connection", "content", "events-waiting", "flash", "footer",
       "like",        "like-count", "like-form", "like-token", "likes",   "liveness",       "main",  "nav",
       "outbox",      "post",       "presence",  "readers",    "related", "replies",        "reply", "search",
       "search-form", "site-stats", "stats",     "tags",       "toc",     "viewers",        "visits"});
  constexpr auto beginnings = std::to_array<std::string_view>(
      {"comment-", "comments-", "fn:", "fnref:", "phx-", "reply-", "like-", "lv:", "site-"});
  return std::ranges::find(whole, id) != whole.end()
      || std::ranges::any_of(beginnings, [&](std::string_view begin) { return id.starts_with(begin); });
}

bool id_registry::claim(std::string_view id) {
  bool is_plain = !id.empty() && id.size() <= id_bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '&'
        && c != 0x7f;
  });
  return is_plain && !is_of_page(id) && taken_.emplace(id).second;
}

std::string id_registry::make(std::string_view text) {
  constexpr std::size_t stem_bytes_max = 80;
  auto stem = slugified(text, stem_bytes_max);
  if (stem.empty())
    stem = "part";
  // Like `like-1`, such names of the page begin differently.
  if (is_of_page(stem))
    stem.insert(0, "the-");
  auto out = stem;
  for (auto& number = numbers_[stem]; !claim(out);)
    out = stem + "-" + std::to_string(++number);
  return out;
}

}  // namespace beamline::event_horizon
