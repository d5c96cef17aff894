#pragma once

// The accumulator as every process of a host calls it.
//
//   cluster::update_likes(*this, slug, visitor, true, [this](const cluster::write_outcome& o) {
//     if (const auto* a = std::get_if<cluster::applied>(&o)) ...     it counts; a->stats are the numbers with it
//     else if (std::get_if<cluster::buffered>(&o)) ...               it waits in the outbox, and will count
//     else std::get<cluster::refused>(o).why                         it does not count
//   });
//   cluster::get_blog_stats(*this, slug, [this](const cluster::read_outcome<blog_stats>& o) {...});
//
// Writes go through the outbox of the node (docs/outbox.md): sent directly while an accumulator is linked and nothing
// of that post waits, and kept otherwise; one that fails on its way, or has no answer after outbox.call_time, is kept
// under the same id. Reads are never kept. Each function is called once, in a later turn of the process; never, when
// the process ends before.
//
// The accumulator is a node of the role, or, with `cluster.remote_prefix`, one whose name begins with that; writes stay
// with one until it fails (D199), reads take the first by name.

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "base/result.hpp"
#include "net/outbox/api.hpp"
#include "net/outbox/event_class.hpp"
#include "net/rpc/prepared_call.hpp"
#include "net/rpc/time_limit.hpp"
#include "pubsub/subscription.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace beamline::event_horizon::cluster {

/// What waits in the outbox of a node with a blog while no accumulator is there: visits of one post or page, in one
/// window, as one entry; they are dropped, oldest first, when it is full. Likes and comments are refused then.
/// `visit_window` is accumulator.visit_window, or a whole fraction of it: the accumulator books an entry in one window.
[[nodiscard]] net::outbox::class_table event_classes(duration visit_window = accumulator::visit_window_default);

/// Which nodes are asked, where it is not the role that says it. Provided to the environment of a node, or not.
struct owners {
  std::string remote_prefix{};  // Of their names, compared as it is. Empty: the role.
};

// -- writes -------------------------------------------------------------------------------------------

/// It counts, or had before. Nothing in it: the accumulator answered in words of another release.
struct applied {
  std::optional<accumulator::blog_stats> stats{};
  std::optional<accumulator::metric_count> count{};  // Of a page.
  std::optional<accumulator::comment> made{};
};
using net::outbox::buffered;
using net::outbox::refused;
using write_outcome = std::variant<applied, buffered, refused>;
using write_done = std::function<void(const write_outcome&)>;

/// Any event of `event_classes`, by its message; `key`: events of one key are applied in the order they were made.
/// Returns the id.
uid execute_or_buffer(process& self, std::string type, std::string key, bytes payload, write_done done);

/// A visit of a page that is no post, or of a post; an empty visitor: somebody unknown.
void increment_visit(process& self, const std::string& page, const std::string& visitor, write_done done);
void increment_blog_visit(process& self, const std::string& slug, const std::string& visitor, write_done done);
/// From now on the visitor likes the post, or does not.
void update_likes(process& self, const std::string& slug, const std::string& visitor, bool liked, write_done done);
/// Without a visitor: `delta` likes more; never below zero.
void update_likes(process& self, const std::string& slug, std::int64_t delta, write_done done);
/// Returns the id under which it will be shown; `c.event_id` is not looked at.
uid add_comment(process& self, accumulator::add_comment c, write_done done);

// -- the cluster ------------------------------------------------------------------------------------------

/// How this node stands with the others, at this moment.
struct cluster_status {
  bool connected = false;             // An accumulator that is asked is linked.
  std::vector<std::string> nodes{};   // All that are linked, by name.
  std::vector<std::string> remote{};  // Of these, the accumulators that are asked: by role, or by prefix.

  friend bool operator==(const cluster_status&, const cluster_status&) = default;
};
[[nodiscard]] cluster_status status(const environment& env);

// -- reads ----------------------------------------------------------------------------------------------

struct read_error {
  enum class cause : std::uint8_t {
    disconnected,  // No accumulator is linked, or the link to it went down before it answered.
    rpc_failed,    // It did not answer in time, or answered with an error.
  };
  cause what = cause::rpc_failed;
  std::string why{};  // For people.
};
template <class R>
using read_outcome = std::variant<R, read_error>;

// A read without an answer has failed after this.
inline constexpr duration read_time = std::chrono::seconds{5};

[[nodiscard]] bool has_prefix(const environment& env);
/// Whether it is one that is asked.
[[nodiscard]] bool is_owner(const environment& env, const peer_info& peer);
/// The linked node that a read goes to by its name. Nothing: there is none, or the role decides.
[[nodiscard]] std::optional<std::string> owner_by_prefix(const environment& env);
[[nodiscard]] read_error read_error_from(const net::rpc::failure& f);

/// A call of the accumulator with the outcomes of rpc. `via`: the rpc process of this node, for who holds it.
template <class R, wire_message Request>
[[nodiscard]] net::rpc::prepared_call<R> call_owner(process& self, const Request& request, net::rpc::time_limit within,
                                                    pid via = {}) {
  using net::rpc::detail::target;
  auto to = target{target::by::role, std::string{accumulator::role}, std::move(via)};
  if (auto named = owner_by_prefix(self.env()))
    to = target{target::by::node, *named};
  else if (has_prefix(self.env()))
    to.name = "with the configured prefix";  // That no node has: the call ends as noconnection.
  return {process_access{self}, std::move(to), std::string{Request::message_name}, encode(request), within};
}

/// Reads: `done(const read_outcome<R>&)`.
template <class R, wire_message Request, class Done>
void execute_sync(process& self, const Request& request, Done done, duration within = read_time) {
  call_owner<R>(self, request, within).then([done = std::move(done)](const net::rpc::outcome<R>& o) {
    if (const auto* f = std::get_if<net::rpc::failure>(&o))
      done(read_outcome<R>{read_error_from(*f)});
    else
      done(read_outcome<R>{std::get<0>(o)});
  });
}

void get_blog_stats(process& self, const std::string& slug,
                    std::function<void(const read_outcome<accumulator::blog_stats>&)> done);
/// Whether the visitor likes the post.
void get_liked(process& self, const std::string& slug, const std::string& visitor,
               std::function<void(const read_outcome<accumulator::like_state>&)> done);
void get_site_stats(process& self, std::function<void(const read_outcome<accumulator::site_stats>&)> done);
/// Of `site.visits`, `page.home.visits`, `blog.hello.likes`, ...
void get_realtime_count(process& self, const std::string& metric,
                        std::function<void(const read_outcome<accumulator::metric_count>&)> done);

// -- broadcasts -------------------------------------------------------------------------------------------

/// The process is cast `accumulator::metric_count` whenever the metric changes; at once what is known. Errors: as of
/// pubsub::system::subscribe, and `invalid` for what is no metric.
result<pubsub::subscription_ptr> subscribe_to_metrics(process& self, std::string_view key);
/// How many subscriptions there were.
std::size_t unsubscribe_from_metrics(process& self, std::string_view key);
/// The process is cast `accumulator::blog_stats` of the post.
result<pubsub::subscription_ptr> subscribe_blog_stats(process& self, std::string_view slug);

// -- the best-effort path -----------------------------------------------------------------------------------

/// Publishes events on analytics:events, numbered, so that the accumulator counts what did not arrive. What is
/// published while no accumulator is linked is lost, and counted here (`analytics.lost`, `disconnected`). Only what is
/// on its way when an accumulator crashes is counted by nobody. Belongs to one process.
///
/// Errors: as of pubsub::system::broadcast; nothing was published then.
class tracker {
public:
  explicit tracker(process& self);

  /// Whether anybody counts what is published now.
  [[nodiscard]] bool is_heard() const { return !find_owners().empty(); }
  /// Returns the id of the event.
  result<uid> track_blog_visit(const std::string& slug, const std::string& visitor);
  /// Of nobody in particular, if `visitor` is empty. What is liked no more is said with `track_unlike`.
  result<uid> track_blog_like(const std::string& slug, const std::string& visitor);
  result<uid> track_unlike(const std::string& slug, const std::string& visitor);
  /// `data`: `content`, `author`, `parent` and `visitor`.
  result<uid> track_blog_comment(const std::string& slug, std::map<std::string, std::string> data);
  result<uid> track_visit(const std::string& page, const std::string& visitor);

private:
  template <wire_message M>
  result<uid> publish(const M& m);
  void begin_source();
  /// Who counts now what is published.
  [[nodiscard]] std::set<node_identity> find_owners() const;

  process& self_;
  uid_source ids_;
  std::string source_;              // This process, and who heard it first.
  std::set<node_identity> owners_;  // They: the last ones there were.
  std::uint64_t sequence_ = 0;
};

}  // namespace beamline::event_horizon::cluster
