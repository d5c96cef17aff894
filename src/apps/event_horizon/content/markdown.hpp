#pragma once

#include "apps/event_horizon/content/image_size.hpp"
#include "apps/event_horizon/content/problem.hpp"
#include "base/html.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// Headings after these are not in the table of contents.
inline constexpr std::size_t toc_entries_max = 200;
// What is told of a post without a description: this much of its first paragraph.
inline constexpr std::size_t excerpt_bytes_max = 240;

/// A heading, for the table of contents.
struct toc_entry {
  int level = 2;  // 2 to 6.
  std::string id;
  std::string text;

  friend bool operator==(const toc_entry&, const toc_entry&) = default;
};

/// A file beside the posts that one of them shows or leads to.
struct found_file {
  std::string url;  // Where it is served.
  std::optional<image_size> size;
};

/// What the text cannot know by itself. Empty functions find nothing.
struct markdown_context {
  /// The file that is written `path` in this post: relative to it, or from the root of the site. Already decoded.
  std::function<std::optional<found_file>(std::string_view path)> find_file;
  /// The address of the post whose file is written so: `other-post.md`.
  std::function<std::optional<std::string>(std::string_view path)> find_post;
  std::string title;   // Of the post: a first heading that only says it again is left out.
  int first_line = 1;  // Of the text within its file, for problems.
};

/// A text as a page shows it.
struct rendered_text {
  safe_html body;
  std::vector<toc_entry> toc;  // In the order of the text.
  std::string plain;           // Its words, for search; blocks are divided by line ends, code is left out.
  std::string excerpt;         // The beginning of the first paragraph.
  std::string first_heading;   // Of the first level, if the text begins with one; it is not in the body then.
  std::string first_image;     // Address of the first picture that is shown; empty: none.
  std::size_t words = 0;       // To be read, code included.
  problem_list problems;       // With lines and without files.
};

/// Markdown as HTML: CommonMark with GFM's tables, task lists, strikethrough and bare links, with footnotes, anchors on
/// headings, coloured code, pictures with their sizes, and what `html_filter` lets through of raw HTML. Headings of the
/// first level go down by one: the page has one already. Nothing of the source gets into the page as it was, so this is
/// safe even for text that strangers wrote. Time and memory are in proportion to the source. Pure and thread-safe.
/// Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] rendered_text render_markdown(std::string_view source, const markdown_context& context = {});

/// How long reading takes, in minutes; 1 at least.
[[nodiscard]] int reading_minutes(std::size_t words);

}  // namespace beamline::event_horizon
