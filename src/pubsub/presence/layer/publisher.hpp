#pragma once

#include "actors/process.hpp"
#include "base/log.hpp"
#include "pubsub/presence/layer/fetch_pool.hpp"
#include "pubsub/presence/layer/ledger.hpp"
#include "pubsub/presence/layer/metas_memory.hpp"
#include "pubsub/presence/layer/publish_order.hpp"
#include "pubsub/presence/presence.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::presence::layer {

// One diff has about so many metas; more go out as several, each in a turn of its own. A key is never split.
inline constexpr std::size_t diff_changes_max = 1000;
// So many diffs of one topic are fetched at the same time; what changes meanwhile goes out as one behind them.
inline constexpr std::size_t diffs_in_flight_max = 8;
// Questions that arrive while the publisher is being restarted; more are answered `busy`.
inline constexpr std::size_t publisher_park_max = 16'384;
// A shard that does not answer for so long: the list is what was heard of it.
inline constexpr duration shard_answer_max = std::chrono::seconds{1};

/// The ledger has something that the publisher has not seen.
struct changes_noted {};

/// Publishes what shards noted in the ledger, and answers for it; see presence.hpp.
class publisher final : public process {
public:
  publisher(process_context& c, std::shared_ptr<const presence_options> o, std::shared_ptr<ledger> l);

private:
  behavior init() override;
  void terminate(const reason& why) override;
  [[nodiscard]] bool is_counting() const { return options_->tracker.mode == tracker_mode::count; }

  // Diffs.
  void look();
  void arm_flush();
  void flush_due();
  void flush(const std::string& topic);
  void wait_for_system(const std::string& topic);
  void look_for_system();
  void send_out(const std::string& topic, topic_ledger::flight f);
  void publish_ready(const std::string& topic);
  bool publish(const std::string& topic, const publish_order::diff_parts& parts);
  bool broadcast(pubsub::system& s, const std::string& topic, const presence_diff& d);
  void tell_metas(const std::string& topic, const publish_order::diff_parts& parts, const presence_diff& d);
  [[nodiscard]] bool is_listened_to(const std::string& topic) const;
  void restore_metas();
  void note_fetch(const std::string& topic, const std::string& why);

  // The list of the tracker, after it was started anew.
  void compare_next();
  bool compare(const std::string& topic, std::uint64_t version, const listing& l);

  // Questions.
  deferred handle_state_of(const std::string& topic, std::optional<std::string> key);
  void answer_state(const std::string& topic, const std::optional<std::string>& key, const reply_promise<json>& p);
  [[nodiscard]] pid shard_for(const std::string& topic) const;
  [[nodiscard]] presence_counters counters();

  // Counts.
  deferred handle_watch_count(const watch_count& w);
  void handle_unwatch_count(const unwatch_count& w);
  [[nodiscard]] std::string objection_to(const watch_count& w);
  void watch_watcher(const pid& who);
  void forget_watcher_if_done(const pid& who);
  [[nodiscard]] std::uint64_t count_of(ledger::books& b, const std::string& topic, const std::string& field) const;
  void tell_counts();
  void drop_abandoned(ledger::books& b);

  std::shared_ptr<const presence_options> options_;
  std::shared_ptr<ledger> ledger_;
  std::uint64_t owner_ = 0;
  std::optional<fetch_pool> fetches_;  // None: nothing is fetched.
  publish_order order_;
  metas_memory metas_;
  std::deque<std::pair<time_point, std::string>> due_;  // Topics to flush, and when.
  std::vector<std::string> unfinished_;                 // With more than one diff may have: in the next turn.
  std::set<std::string> held_;                          // That wait for one of their diffs in flight.
  std::set<std::string> waiting_;                       // That wait for the PubSub system to run again.
  timer_ref system_timer_ = 0;
  timer_ref flush_timer_ = 0;
  time_point flush_timer_at_{};
  std::deque<std::string> to_compare_;
  std::map<pid, watch_ref> watchers_;
  timer_ref count_timer_ = 0;
  time_point count_timer_at_{};
  presence_counters counters_;
  once_per fetch_complaints_{std::chrono::seconds{10}};
  once_per metas_complaints_{std::chrono::seconds{10}};
  once_per refusals_{std::chrono::seconds{10}};
};

/// Names of the processes of a presence.
[[nodiscard]] std::string publisher_name(std::string_view presence);
[[nodiscard]] std::string fetchers_name(std::string_view presence);

}  // namespace beamline::presence::layer
