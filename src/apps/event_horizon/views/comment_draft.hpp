#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "web/live/form.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What a reader writes on the page of a post, before and after it is sent: forms, and comments that the discussion of
/// the post does not have yet. Pure.
namespace beamline::event_horizon {

// Comments of this reader that the page shows beside the discussion; of more, the oldest is not shown any more.
inline constexpr std::size_t own_comments_max = 20;
// From so few letters left on, a form says how many.
inline constexpr std::size_t letters_left_shown_max = 500;

/// A form for a comment as it stands.
struct comment_draft {
  web::live::form form;
  bool is_sending = false;  // Its comment is on the way; the text stays until it is known what became of it.

  friend bool operator==(const comment_draft&, const comment_draft&) = default;
};

/// The fields of a form as they came, checked as `check_comment` does.
[[nodiscard]] web::live::form checked_draft(const json& fields, std::size_t bytes_max);
/// The same with a complaint of the blog about the text.
[[nodiscard]] web::live::form refused_draft(const json& fields, const std::string& why);
/// An empty form, but for the name, so that it need not be typed again.
[[nodiscard]] web::live::form fresh_draft(const std::string& author);
/// What is said below the text, which counts without the white space around it: nothing while there is plenty of room.
[[nodiscard]] std::string room_left(const web::live::form& f, std::size_t bytes_max);

/// A comment of this reader that is not part of the discussion.
struct own_comment {
  enum class fate : std::uint8_t {
    taken,    // The discussion will have it in a moment.
    waiting,  // In the outbox of this node.
    sent,     // It was in the outbox, which is empty by now; or it was broadcast.
    pending,  // A moderator looks at it first.
  };
  accumulator::comment what;
  fate how = fate::taken;

  friend bool operator==(const own_comment&, const own_comment&) = default;
};

/// What stands below such a comment.
[[nodiscard]] std::string note_of(own_comment::fate f);

/// `22 November 2026, 14:05 UTC`
[[nodiscard]] std::string long_moment(wall_time at);

/// `/blog/hello?reply=<id>#answer-form`
[[nodiscard]] std::string answer_path(const std::string& slug, const uid& thread);

}  // namespace beamline::event_horizon
