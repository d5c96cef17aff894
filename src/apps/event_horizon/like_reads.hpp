#pragma once

#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/scoreboard.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::event_horizon {

// Questions that are under way to the accumulator at a time: after a deploy every open tab has one.
inline constexpr std::size_t like_reads_max = 64;
// Those that wait for their turn, and those of which the outbox is asked: of each one more is not asked.
inline constexpr std::size_t like_reads_waiting_max = 10'000;

/// Finds out whether visitors like posts: the accumulator knows, and this node knows better of what it has not told it
/// yet. Belongs to submissions, in whose turns all is called; what is found out goes to the scoreboard.
///
///   ask ---->  a like of the visitor is under way --------------------> what this node knows, once it has its outcome
///              one was buffered, and the outbox says that it waits ---> the same, at once
///              else: get_liked, like_reads_max at a time -------------> what the accumulator says;
///                    pressed meanwhile -------------------------------> as above
///                    no answer ---------------------------------------> nothing; nor to those behind it
class like_reads {
public:
  using completion = std::function<void(const liked_now&)>;

  /// Both must outlive it.
  like_reads(process& self, scoreboard& known) : self_{self}, known_{known} {}
  like_reads(const like_reads&) = delete;
  like_reads& operator=(const like_reads&) = delete;

  /// `done` is called once.
  void ask(const ask_liked& what, completion done);
  /// The visitor has pressed Like, and from then on until the same number of calls of `settled` it is on its way.
  void pressed(const std::string& slug, const std::string& visitor);
  void settled(const std::string& slug, const std::string& visitor);

private:
  using name = std::pair<std::string, std::string>;  // Slug, visitor.
  struct question {
    name of;
    completion done;
    bool is_overtaken = false;  // The visitor has pressed since.
    uid gone{};                 // An entry of which the outbox says that it waits no more.
  };
  using question_ptr = std::shared_ptr<question>;
  struct press {
    std::size_t under_way = 0;
    std::vector<completion> listening{};
  };

  void enter(const question_ptr& q);
  /// True: `done` is called by what this node knows, or the question enters again. False: the accumulator is to say.
  [[nodiscard]] bool is_for_this_node(const question_ptr& q);
  void pump();
  void send(const question_ptr& q);
  void on_answer(const question_ptr& q, const cluster::read_outcome<accumulator::like_state>& o);
  /// Says what this node knows, once nothing of it is on its way.
  void tell_known(const name& of, const completion& done);

  process& self_;
  scoreboard& known_;
  std::deque<question_ptr> line_;
  std::multimap<name, question_ptr> under_way_;
  std::size_t at_outbox_ = 0;
  std::map<name, press> presses_;
};

}  // namespace beamline::event_horizon
