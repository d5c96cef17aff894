#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/audience.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/refresh_queue.hpp"
#include "apps/event_horizon/telling_pace.hpp"
#include "apps/event_horizon/waiting_room.hpp"
#include "base/time.hpp"
#include "pubsub/subscription.hpp"

#include <set>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// The process that knows the numbers of all posts and of the site, and tells the views. One per node, found as
/// `analytics_name`. Its node runs the default PubSub system.
///
///   accumulator                          analytics                          views
///     broadcast blog_stats, site_stats -->  newer than known? --- stats_updated, site_updated --> each subscribed one
///     <---- get_blog_stats, get_site_stats                    <-- watch_stats, watch_site ------  on mount
///           at the start, when one is linked,                 <-- prepare_for ------------------  first renders
///           and after a gap                                   <-- learned_stats ----------------  submissions
///
/// It is woken by broadcasts and reads the newest numbers, so many likes of one post cost it little. Broadcasts may be
/// lost while a link is down; that is why it asks again when one comes up, and when a broadcast does not follow the
/// last one it knows, and once in a while anyway. All numbers pass one gate: an older version never replaces a newer
/// one. It watches the views and forgets those that ended; they watch it, too, and subscribe anew with its successor.
/// Many views are told of changes that follow each other closely at once (telling_pace.hpp). What it cannot read is
/// dropped and logged.
class analytics final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process.
    pid rpc;
    refresh_queue::options refresh{};
    // All numbers are asked for again so often: the owner may have ended between a commit and its broadcast, with no
    // link going down and no later broadcast to show the gap.
    duration snapshot_interval = 60s;
  };

  /// Throws when the node has one already.
  analytics(process_context& c, parts p);

private:
  behavior init() override;

  // -- what is heard
  void listen();
  void listen_to_posts();
  void on_news(pubsub::subscription& of);
  void on_site_news(pubsub::subscription& of);
  void on_peer(const peer_info& peer);
  void note_gap(const std::string& slug, std::int64_t known, std::int64_t previous);

  // -- what is asked
  void want_everything();
  void refresh_everything();
  void refresh_once_in_a_while();
  void refresh();
  void ask(const std::string& slug);
  void ask_site();
  void on_answer(const std::string& slug);
  void on_failure(const std::string& slug, std::string_view why);

  // -- what is known
  [[nodiscard]] static result<void> check_stats(const accumulator::blog_stats& stats, std::string_view slug);
  [[nodiscard]] static result<void> check_site(const accumulator::site_stats& stats);
  void learn(const accumulator::blog_stats& news);
  void learn_site(const accumulator::site_stats& news);

  // -- who is told
  void announce(const std::string& slug);
  void tell_views(const std::string& slug);
  template <class Answer>
  reply_promise<Answer> admit(audience& to, std::string_view slug, const pid& view, const Answer& now);
  void prepare(const prepare_for& m);
  void await(const std::string& slug, const prepare_for& m);

  parts parts_;
  audience views_;
  audience site_views_;      // Under `of_site`.
  refresh_queue refreshes_;  // The same.
  telling_pace pace_;        // The same.
  waiting_room first_renders_;
  std::set<std::string> listened_;  // Posts whose broadcasts are heard; at most scoreboard::posts_max.
  std::set<std::string> gaps_;      // Posts that were asked for because of a gap a moment ago.
};

}  // namespace beamline::event_horizon
