#pragma once

#include "apps/event_horizon/content/post.hpp"
#include "base/html.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// A longer question is cut there.
inline constexpr std::size_t query_bytes_max = 100;
// Words after these do not count.
inline constexpr std::size_t query_words_max = 8;
// Worse hits are left out.
inline constexpr std::size_t search_hits_max = 50;
// So much of a post's text can be found; what follows, by its title, tags and description only.
inline constexpr std::size_t searched_post_bytes_max = 64 * 1024;
// So much text of all posts together is kept for search, the newest first; older ones as above.
inline constexpr std::size_t searched_bytes_max = 32 * 1024 * 1024;

struct search_hit {
  post_ref of;
  int score = 0;
  safe_html snippet;  // What stands around the first word that was found, which is marked.
};

/// Finds posts by the beginnings of words in title, tags, description and text; upper case and accents do not matter,
/// and all words of the question must be there. Immutable; thread-safe. A question costs one look at the text that is
/// kept, some milliseconds at most.
class search_index {
public:
  search_index() = default;
  /// Posts come newest first.
  explicit search_index(const std::vector<post_ref>& posts);

  /// The best first, the newest of equals; nothing for a question without letters or digits. With `among` only posts
  /// with these indices.
  [[nodiscard]] std::vector<search_hit> find(std::string_view query,
                                             const std::vector<std::size_t>* among = nullptr) const;

private:
  /// What is looked at, folded; each text begins with a space, as does each word in it.
  struct entry {
    post_ref of;
    std::string title, tags, summary, text;
  };
  [[nodiscard]] static int score(const entry& e, const std::vector<std::string>& words);

  std::vector<entry> entries_;
};

}  // namespace beamline::event_horizon
