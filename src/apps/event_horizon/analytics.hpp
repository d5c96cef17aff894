#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/audience.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/refresh_queue.hpp"
#include "base/id.hpp"
#include "net/outbox/event_class.hpp"
#include "pubsub/subscription.hpp"

#include <functional>
#include <set>
#include <string>

namespace beamline::event_horizon {

/// What waits in the outbox of a node with a blog while no accumulator is there.
[[nodiscard]] net::outbox::class_table event_classes();

/// The process that knows the numbers of all posts, tells the views and passes likes on. One per node, found as
/// `analytics_name`. Its node runs the default PubSub system.
///
///   accumulator                          analytics                          views
///     broadcast blog_stats ------------->  newer than known? ---- stats_updated -->   each subscribed one
///     <---- get_blog_stats at the start,                      <-- watch_stats ------   on mount
///           and when an accumulator is linked                 <-- start_like -------   on a press
///     <---- update_likes                                      ----- result ------->
///     <---- increment_blog_visit, through the outbox          <-- count_visit -----   on a connected mount
///
/// It is woken by broadcasts and reads the newest numbers, so many likes of one post cost it little. Broadcasts may be
/// lost while a link is down; that is why it asks again when one comes up, and when a broadcast does not follow the
/// last one it knows. All numbers pass one gate: an older version never replaces a newer one. It watches the views and
/// forgets those that ended; they watch it, too, and subscribe anew with its successor. What it cannot read is dropped
/// and logged.
class analytics final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process.
    pid rpc;
    refresh_queue::options refresh{};
    // The node has an outbox for `event_classes`: visits wait there while the accumulator is away. Else they are lost.
    bool has_outbox = false;
  };

  /// Throws when the node has one already.
  analytics(process_context& c, parts p);

private:
  using like_completion = std::function<void(const result<like_answer>&)>;

  behavior init() override;

  void listen();
  void listen_to_posts();
  void on_news(pubsub::subscription& of);
  void on_peer(const peer_info& peer);
  reply_promise<watch_answer> watch_view(const watch_stats& m);

  void refresh_everything();
  void refresh();
  void ask(const std::string& slug);

  void like(const like_post& what, const like_completion& tell);
  void on_liked(const like_post& what, const accumulator::write_answer& answer, const like_completion& tell);
  void visit(const count_visit& m);
  void keep_visit(const count_visit& m);

  [[nodiscard]] static result<void> check_stats(const accumulator::blog_stats& stats, std::string_view slug);
  void learn(const accumulator::blog_stats& news);
  void note_gap(const accumulator::blog_stats& news);

  parts parts_;
  audience views_;
  refresh_queue refreshes_;
  uid_source ids_;                  // Of events.
  std::size_t likes_ = 0;           // Under way.
  std::size_t visits_ = 0;          // The same.
  std::set<std::string> listened_;  // Posts whose broadcasts are heard; as many as there were since the start.
  std::set<std::string> gaps_;      // Posts that were asked for because of a gap a moment ago.
};

}  // namespace beamline::event_horizon
