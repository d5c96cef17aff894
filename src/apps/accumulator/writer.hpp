#pragma once

#include "actors/process_access.hpp"
#include "apps/accumulator/commit_line.hpp"
#include "apps/accumulator/news.hpp"
#include "apps/accumulator/options.hpp"
#include "base/limiter.hpp"
#include "store/database.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace beamline::accumulator {

// The sums of the site and single metrics are told at most so often: many posts change them.
inline constexpr duration sums_interval = std::chrono::milliseconds{100};

/// Turns events into commits, and commits into news and answers; part of the counter, which owns it and in whose turns
/// it acts.
///
///   apply(event, done)     limits -> line -> one transaction for many -> committed
///                                                     `- broadcast what changed, then done(answer) for each
///
/// Nothing is told or answered before it is committed. Versions of a topic only grow, since the store answers in the
/// order of its commits. When the process ends, nobody is answered any more; what is under way may still be committed,
/// which repeating finds out.
class writer {
public:
  using completion = std::function<void(const write_answer&)>;

  writer(process_access self, std::shared_ptr<store::database> db, accumulator_options o);
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  void change(const accumulator_options& o);
  [[nodiscard]] const accumulator_options& options() const noexcept { return options_; }

  /// Whether so many more should be taken now. One batch is always taken when nothing else waits, however large.
  [[nodiscard]] bool has_room(std::size_t writes) const;
  /// `done` is called once, in a later turn.
  void apply(const uid& id, wish what, completion done);
  void apply(const moderate_comment& m, completion done);

private:
  void push(std::variant<incoming, moderate_comment> what, completion done, limiter* limit, std::string visitor);
  [[nodiscard]] limiter* limit_of(const wish& w);
  void pump();
  void commit(const std::vector<write_ptr>& group);
  void on_committed(const result<std::vector<effect>>& r);
  void note(const effect& e);
  void tell();
  void tell_sums();
  template <class M, pubsub::topic_class Class>
  void broadcast(const pubsub::topic<M, Class>& to, const M& m, std::int64_t version);

  process_access self_;
  std::shared_ptr<store::database> db_;
  accumulator_options options_;
  commit_line line_;
  limiter like_limit_;
  limiter comment_limit_;
  news news_;
  bool is_timer_armed_ = false;       // For the next commit.
  bool is_sums_timer_armed_ = false;  // For the next sums.
  time_point sums_at_{};              // When they may be told again.
};

/// `retry`, since nobody could even try.
[[nodiscard]] write_answer busy_answer(std::size_t calls_max);
/// What a failed transaction or an unreadable event means to who sent it.
[[nodiscard]] write_answer failed_answer(const error& why);

}  // namespace beamline::accumulator
