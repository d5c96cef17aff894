#pragma once

#include "apps/event_horizon/content/library.hpp"
#include "apps/event_horizon/content/loader.hpp"
#include "apps/event_horizon/content/problem.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::event_horizon {

// Problems that the log shows of one reading; more are counted.
inline constexpr std::size_t logged_problems_max = 50;

/// The posts of a library, as a range that keeps it: `for (const post& p : catalogue.posts())`.
class post_list {
public:
  class iterator {
  public:
    using value_type = post;
    using reference = const post&;
    using pointer = const post*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;

    iterator() = default;
    explicit iterator(std::vector<post_ref>::const_iterator at) : at_{at} {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      auto before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const iterator&, const iterator&) = default;

  private:
    std::vector<post_ref>::const_iterator at_;
  };

  explicit post_list(std::shared_ptr<const library> of) : of_{std::move(of)} {}
  [[nodiscard]] iterator begin() const { return iterator{of_->posts().begin()}; }
  [[nodiscard]] iterator end() const { return iterator{of_->posts().end()}; }
  [[nodiscard]] std::size_t size() const { return of_->posts().size(); }
  [[nodiscard]] bool empty() const { return of_->posts().empty(); }

private:
  std::shared_ptr<const library> of_;
};

/// What became of reading the folder again.
struct refresh_outcome {
  bool is_changed = false;         // There is a new library, and `now()` gives it.
  std::vector<std::string> added;  // Slugs that the one before did not have.
  problem_list problems;           // Of the new library.
};

/// The posts of the blog as they are now: a folder of Markdown files, and what was read from it last. Copies are one
/// and the same catalogue. Thread-safe; only `load` and `refresh` block.
class catalogue {
public:
  using limits = content_limits;

  /// No posts, for ever.
  catalogue();

  /// Reads a folder. What is wrong with a post leaves the others up and is in `problems`. Errors: `not_found` (no
  /// folder), `io` (not readable).
  [[nodiscard]] static result<catalogue> load(const std::filesystem::path& dir, limits l);
  [[nodiscard]] static result<catalogue> load(const std::filesystem::path& dir) { return load(dir, limits{}); }

  /// What was read last; stays as it is as long as it is held.
  [[nodiscard]] std::shared_ptr<const library> now() const;
  /// What was wrong then.
  [[nodiscard]] problem_list problems() const;

  /// Of `now`: newest first; those of one moment by slug.
  [[nodiscard]] post_list posts() const { return post_list{now()}; }
  /// Of `now`; null when there is none. Upper and lower case are one.
  [[nodiscard]] post_ref get(std::string_view slug) const { return now()->find(slug); }

  /// Looks whether a file of the folder has changed, and if so reads it anew; blocks. One at a time: a second caller
  /// waits for the first. With an error everything stays as it is.
  [[nodiscard]] result<refresh_outcome> refresh() const;

private:
  struct state;
  explicit catalogue(std::shared_ptr<state> s) : state_{std::move(s)} {}

  std::shared_ptr<state> state_;
};

/// The problems as one text, a line each, the folder in front of the files; the first `logged_problems_max` of them.
[[nodiscard]] std::string describe(const problem_list& problems, const std::filesystem::path& dir);

}  // namespace beamline::event_horizon
