#pragma once

#include "apps/event_horizon/content/post.hpp"
#include "apps/event_horizon/content/scan.hpp"
#include "apps/event_horizon/content/search.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// Posts recommended below a post.
inline constexpr std::size_t related_max = 3;

struct tag_count {
  std::string tag;
  std::size_t posts = 0;

  friend bool operator==(const tag_count&, const tag_count&) = default;
};

/// Everything that was read from the content folder at one moment: the posts, by date, by address, by tag and by their
/// words, and the files beside them. Immutable, so it may be read from any thread; whoever holds it keeps it.
class library {
public:
  /// Nothing at all.
  library() = default;
  /// Posts of one slug twice: the first one counts.
  explicit library(std::vector<post_ref> posts, std::map<std::string, scanned_file, std::less<>> files = {});

  /// Newest first; those of one moment by slug.
  [[nodiscard]] const std::vector<post_ref>& posts() const noexcept { return posts_; }
  /// Null when there is none. Upper and lower case are one.
  [[nodiscard]] post_ref find(std::string_view slug) const;

  /// The posts before and after one; null at the ends, and for an unknown one.
  struct neighbours {
    post_ref older;
    post_ref newer;

    friend bool operator==(const neighbours&, const neighbours&) = default;
  };
  [[nodiscard]] neighbours around(std::string_view slug) const;
  /// Posts that share tags with that one, the rarer the better; the newest of equals first.
  [[nodiscard]] std::vector<post_ref> related(std::string_view slug, std::size_t posts_max = related_max) const;

  /// All tags; those of most posts first.
  [[nodiscard]] const std::vector<tag_count>& tags() const noexcept { return tags_; }
  /// The posts with that tag, newest first. Case and accents do not matter.
  [[nodiscard]] std::vector<post_ref> tagged(std::string_view tag) const;
  /// Best first; see search.hpp. With a tag only among its posts.
  [[nodiscard]] std::vector<search_hit> search(std::string_view query, std::string_view tag = {}) const;

  /// A file that is served, by its path within the content folder; null: there is none.
  [[nodiscard]] const scanned_file* file(std::string_view path) const;

private:
  [[nodiscard]] std::size_t index_of(std::string_view slug) const;  // `posts_.size()`: none.

  std::vector<post_ref> posts_;
  std::map<std::string, std::size_t, std::less<>> by_slug_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_tag_;  // By the folded tag; indices in order.
  std::vector<tag_count> tags_;
  search_index words_;
  std::map<std::string, scanned_file, std::less<>> files_;
};

}  // namespace beamline::event_horizon
