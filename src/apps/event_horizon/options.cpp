#include "apps/event_horizon/options.hpp"

#include <algorithm>
#include <string_view>

namespace beamline::event_horizon {

namespace {

/// Whether text has the form of a language tag (RFC 5646): subtags of letters and digits with hyphens between them, the
/// first one a language. Whether there is such a language only a registry knows.
bool is_language_tag(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_either = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  const auto language = text.substr(0, text.find('-'));
  if (language.size() < 2 || language.size() > 8 || !std::ranges::all_of(language, is_letter))
    return false;
  auto is_single = false;   // It announces an extension, so something has to follow it ...
  auto is_private = false;  // ... but behind an x anything may stand.
  for (auto rest = text.substr(language.size()); !rest.empty();) {
    rest.remove_prefix(1);
    const auto part = rest.substr(0, rest.find('-'));
    if (part.empty() || part.size() > 8 || !std::ranges::all_of(part, is_either))
      return false;
    is_single = part.size() == 1 && !is_private;
    is_private = is_private || part == "x" || part == "X";
    rest.remove_prefix(part.size());
  }
  return !is_single;
}

}  // namespace

config::section<event_horizon_options> event_horizon_section() {
  using options = event_horizon_options;
  using config::range;
  const config::names<event_path> paths{{event_path::outbox, "outbox"}, {event_path::broadcast, "broadcast"}};
  const config::satisfies language{"a language tag of BCP 47, such as en, de or pt-BR", is_language_tag};
  return config::section<options>{"event_horizon", "The application that hosts the blog"}
      .key("content_dir", &options::content_dir, "directory with one Markdown file per post", config::length{1, 1024})
      .key("assets_dir", &options::assets_dir,
           "directory of the bundled browser code, counted from that of the program", config::length{1, 1024})
      .key("title", &options::title, "name of the site, shown on every page", config::length{1, 100})
      .key("description", &options::description,
           "what the site is, in a sentence or two: on the home page, for search engines, social networks and feeds",
           config::length{1, 500})
      .key("language", &options::language, "of the posts, for browsers, screen readers and feeds", language,
           config::length{2, 35})
      .key("author", &options::author, "who writes the posts, for feeds and search engines; empty: the title",
           config::length{0, 100})
      .key("url", &options::url,
           "where readers find the site, such as https://blog.example; empty: web.scheme and web.public_host",
           config::length{0, 200})
      .key("posts_max", &options::posts_max, "posts after these, by name, are left out and reported", range{1, 10'000})
      .key("post_size_max", &options::post_size_max, "a larger post is left out and reported", range{1_KiB, 1_MiB})
      .key("drafts", &options::drafts, "whether posts with draft: true are shown")
      .key("rescan", &options::rescan, "how often the folder is looked at for new and changed posts", range{50ms, 1h})
      .key("writes_max", &options::writes_max,
           "likes, comments and visits under way at the same time, each; more are refused", range{1, 100'000})
      .key("visits_path", &options::visits_path,
           "the way of visits: through the outbox, or broadcast once, which may lose them", paths)
      .key("likes_path", &options::likes_path,
           "the way of likes: outbox or broadcast; broadcast, nobody hears whether they arrived", paths)
      .key("comments_path", &options::comments_path, "the way of comments: outbox or broadcast, as likes", paths)
      .key("likes_per_minute", &options::likes_per_minute,
           "likes of one visitor, given and taken back, that this node passes on; more are refused", range{1, 10'000})
      .key("comments_per_minute", &options::comments_per_minute,
           "comments of one visitor that this node passes on; more are refused", range{1, 10'000})
      .key("likes_per_minute_and_address", &options::likes_per_minute_and_address,
           "likes of all visitors at one address (IPv6: its /64) that this node passes on; more are refused",
           range{1, 1'000'000})
      .key("comments_per_minute_and_address", &options::comments_per_minute_and_address,
           "comments of all visitors at one address that this node passes on; more are refused", range{1, 1'000'000})
      .key("limited_visitors_max", &options::limited_visitors_max,
           "visitors, and addresses, whose limits are kept apart; of more the longest idle one starts anew",
           range{100, 1'000'000})
      .key("comment_bytes_max", &options::comment_bytes_max,
           "a longer comment is refused; not more than accumulator.comment_bytes_max", range{1, 65'536})
      .key("subscribers_max", &options::subscribers_max,
           "browser tabs that are told of changes; more show their page without updates", range{1, 1'000'000});
}

content_limits limits_of(const event_horizon_options& o) { return {o.posts_max, o.post_size_max.bytes, o.drafts}; }

}  // namespace beamline::event_horizon
