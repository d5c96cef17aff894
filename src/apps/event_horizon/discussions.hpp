#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/audience.hpp"
#include "apps/event_horizon/conversation.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/refresh_queue.hpp"
#include "apps/event_horizon/waiting_room.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

// Discussions that nobody looks at are kept for the next reader, so many; of more the one that was not asked for the
// longest is forgotten. Those that views watch are kept besides: at most one per post.
inline constexpr std::size_t idle_discussions_max = 100;
// Views are told of a discussion at most so often.
inline constexpr duration discussion_interval = std::chrono::milliseconds{50};

/// The process that knows the comments of the posts that are read. One per node, found as `discussions_name`. Its node
/// runs the default PubSub system.
///
///   accumulator                          discussions                        views
///     broadcast comment_news ----------->   follows what is known? --- discussion_updated -->  each that watches
///     <---- list_comments, page by page                            <-- watch_discussion -----  on mount
///           for the first one who asks, when an                    <-- prepare_for ----------  first renders
///           accumulator is linked, after a gap                     <-- comments_moved -------  analytics
///
/// What is known is told as an immutable snapshot that all views share, and kept on the node's discussion board for
/// first renders. A gap in the news, or a number that says there were more, is waited for `gap_wait`; then the list is
/// read again.
class discussions final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process.
    pid rpc;
    refresh_queue::options refresh{};
    std::size_t idle_max = idle_discussions_max;
  };

  /// Throws when the node has one already.
  discussions(process_context& c, parts p);

private:
  struct entry {
    conversation of;
    std::list<std::string>::iterator use;  // In `by_use_`.
    std::uint64_t told = 0;                // `conversation::changes` that views were told of.
    bool is_gap_timed = false;
    std::string_view why = "unknown";  // It has to be read.
  };
  using entries = std::map<std::string, entry, std::less<>>;

  behavior init() override;

  // -- which there are
  entry* open(const std::string& slug);
  void touch(entry& e);
  void forget_idle();
  void forget(const std::string& slug);

  // -- what is heard
  void on_news(const accumulator::comment_news& m);
  void on_moved(const comments_moved& m);
  void on_peer(const peer_info& peer);
  void note_gap(const std::string& slug, entry& e);

  // -- what is asked
  void want(const std::string& slug, std::string_view why);
  void read();
  void ask(const std::string& slug, const accumulator::list_comments& page);
  void on_page(const std::string& slug, const accumulator::comment_list& page);
  void on_failure(const std::string& slug, std::string_view why);

  // -- who is told
  reply_promise<watch_discussion_answer> watch_view(const watch_discussion& m);
  void prepare(const prepare_for& m);
  void changed(const std::string& slug);
  void tell();
  void tell_one(const std::string& slug, entry& e);

  parts parts_;
  entries entries_;
  std::list<std::string> by_use_;  // All of them, the one that was asked for last at the end.
  audience views_;
  refresh_queue readings_;
  waiting_room first_renders_;
  std::set<std::string> untold_;  // Have changed since the views were told.
  bool is_pausing_ = false;       // Views were told less than `discussion_interval` ago.
};

}  // namespace beamline::event_horizon
