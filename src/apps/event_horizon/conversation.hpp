#pragma once

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/discussion.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// Pages of one reading. What comes behind the last of them is left out until it is told as news.
inline constexpr std::size_t reading_pages_max = 100;
// News that wait for others before them, or for a reading to end. With one more the list is read again.
inline constexpr std::size_t waiting_news_max = 256;

/// The comments of one post as they are read from the accumulator and kept up to date by its news. Pure; belongs to one
/// process. Bounded by `discussion_comments_max` and `discussion_octets_max`.
///
///   ask(begin_reading());  on each page: next = add_page(page), ask(*next) while there is one
///   add(news) ...          needs_reading()? then read again
///
/// A reading takes several answers, between which the list may change. What it makes is the list of the first answer
/// with all news since; if some of those were lost, it needs to be read again, and what there is stays meanwhile.
class conversation {
public:
  explicit conversation(std::string slug);

  // -- reading; one at a time --------------------------------------------------------------------------

  [[nodiscard]] bool is_reading() const noexcept { return reading_.has_value(); }
  /// The first question.
  [[nodiscard]] accumulator::list_comments begin_reading();
  /// The next one; nothing: the reading is over. Errors: `corrupt`, and the reading is given up.
  [[nodiscard]] result<std::optional<accumulator::list_comments>> add_page(const accumulator::comment_list& page);
  void give_up_reading() { reading_.reset(); }

  // -- news --------------------------------------------------------------------------------------------

  /// In whatever order they come; those that are known already change nothing. Errors: `corrupt`, nothing was done.
  result<void> add(const accumulator::comment_news& news);
  /// Somebody else has heard that there is a newer version.
  void note_version(std::int64_t version);
  /// News have come whose predecessors have not, or one that says so: if that stays so, it has to be read.
  [[nodiscard]] bool needs_reading() const;

  // -- what there is -----------------------------------------------------------------------------------

  /// False before the first reading.
  [[nodiscard]] bool is_known() const noexcept { return is_known_; }
  [[nodiscard]] std::int64_t version() const noexcept { return now_.version; }
  /// Grows whenever what is to be shown has changed.
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
  [[nodiscard]] discussion_ref snapshot() const;

private:
  struct reading {
    discussion made;
    std::int64_t last_version = 0;  // Of the newest page.
    std::size_t pages = 0;
    std::vector<accumulator::comment> orphans{};                // Answers to what has not come yet.
    std::map<std::int64_t, accumulator::comment_news> since{};  // What was told meanwhile.
    bool has_missed = false;                                    // There was more.
  };

  void finish_reading();
  void take_waiting();
  /// One news that follows what `d` knows. False: it changes more than it says.
  static bool apply(const accumulator::comment_news& news, discussion& d);
  static accumulator::comment* find(discussion& d, const uid& id);
  /// False: what it answers is not there.
  static bool insert(discussion& d, const accumulator::comment& c);
  static void remove(discussion& d, const uid& id);
  static void trim(discussion& d);

  discussion now_;
  bool is_known_ = false;
  bool is_stale_ = false;                                      // The list is to be read whatever comes.
  std::int64_t heard_of_ = 0;                                  // The greatest version that anybody spoke of.
  std::map<std::int64_t, accumulator::comment_news> waiting_;  // Those behind a gap.
  std::optional<reading> reading_;
  std::uint64_t changes_ = 0;
};

}  // namespace beamline::event_horizon
