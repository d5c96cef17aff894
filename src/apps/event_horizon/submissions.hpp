#pragma once

#include "actors/process.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/like_reads.hpp"
#include "apps/event_horizon/messages.hpp"
#include "apps/event_horizon/write_limit.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace beamline::event_horizon {

/// The process that passes on what visitors do. One per node, found as `submissions_name`. Its node has an outbox for
/// `cluster::event_classes`, and the default PubSub system.
///
///   views, handlers                submissions                              outbox of the node, or analytics:events
///     start_like, start_comment ->   within the limits? --------------------->   sent, or kept
///     <---- answer ---------------   <-------------------------------------     applied, buffered, refused
///     count_visit -------------->    ------------------------------------->
///     ask_liked ---------------->  like_reads ----------------------------->   the accumulator itself
///
/// `event_horizon.visits_path` and its like say which way each kind goes. What was broadcast is answered as sent: it
/// counts if it arrives. A comment is not broadcast while nobody is there to take it. The numbers that come with an
/// answer go to analytics. A like is remembered for its visitor as soon as it counts, waits or is sent.
class submissions final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process.
  };

  /// Throws when the node has one already.
  submissions(process_context& c, parts p);

private:
  using like_completion = std::function<void(const result<like_answer>&)>;
  using comment_completion = std::function<void(const result<comment_answer>&)>;

  behavior init() override;

  void like(const like_post& what, const like_completion& tell);
  void broadcast_like(const like_post& what, const like_completion& tell);
  void on_like(const like_post& what, const cluster::write_outcome& o, const like_completion& tell);
  void comment(const comment_post& what, const comment_completion& tell);
  void broadcast_comment(const comment_post& what, const comment_completion& tell);
  void on_comment(const comment_post& what, const uid& id, const cluster::write_outcome& o,
                  const comment_completion& tell);
  void visit(const count_visit& m);
  void visit_page(const count_page_visit& m);

  /// What stands against one more write of that visitor at that address; takes it from their limits if nothing does.
  [[nodiscard]] result<void> admit(std::size_t under_way, write_limit& limit, const std::string& visitor,
                                   const std::string& client);
  /// Whether one more visit can go out now.
  [[nodiscard]] bool has_room_for_visit(const std::string& of);
  void note_tracked(const result<uid>& told, const std::string& of);
  [[nodiscard]] cluster::write_done visit_done(std::string of);
  void learn(const std::optional<accumulator::blog_stats>& stats, const std::string& slug);

  parts parts_;
  const event_horizon_options& options_;
  write_limit like_limit_;
  write_limit comment_limit_;
  cluster::tracker tracker_;
  like_reads like_reads_;
  std::size_t likes_ = 0;  // Under way ...
  std::size_t comments_ = 0;
  std::size_t visits_ = 0;  // ... each.
};

}  // namespace beamline::event_horizon
