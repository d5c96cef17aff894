#pragma once

#include "actors/pid.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// What the processes of the blog say to each other, within one node.
namespace beamline::event_horizon {

/// The numbers of a post as last heard of. Of two, the one with the higher version is newer.
struct post_stats {
  std::int64_t likes = 0;
  std::int64_t version = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;

  friend bool operator==(const post_stats&, const post_stats&) = default;
};

/// Cast to the subscribed views whenever the numbers of a post have changed.
struct stats_updated {
  std::string slug;
  post_stats stats;
};

/// A visitor likes a post from now on, or does not. Saying it twice counts once.
struct like_post {
  std::string slug;
  std::string visitor;
  bool liked = true;
};

/// The like was counted.
struct like_answer {
  post_stats stats;
  bool liked = true;  // Of this visitor.
};

// To the analytics process; see `analytics` for who answers what.

/// Call, answered `watch_answer`: casts `stats_updated` of this post to `view` until that process ends.
struct watch_stats {
  std::string slug;
  pid view;
};
struct watch_answer {
  std::optional<post_stats> stats;  // At this moment; none if nothing was heard of the post yet.
};

/// Call, answered `result<like_answer>`: see `like_post`.
struct start_like {
  like_post what;
};

/// Cast, for those who are no process: `done` is called in a turn of the analytics process.
struct start_like_for {
  like_post what;
  std::function<void(const result<like_answer>&)> done;
};

/// Cast: the visitor has opened the post. Counted once per visitor and window, if the accumulator can be reached.
struct count_visit {
  std::string slug;
  std::string visitor;
};

}  // namespace beamline::event_horizon
