#pragma once

#include "actors/process.hpp"
#include "base/result.hpp"
#include "sim/toy/messages.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace beamline::toy {

/// Accepts items for other nodes, and keeps each until that node has acknowledged it, over any crash.
///
///   client       outbox            drain          courier          accumulator of the target
///     submit  -> row, commit
///     <- true    wake -----------> take_batch
///                batch ----------> starts ------> batch ---------> effect and dedupe row, commit
///                <------------------------------------------------ acknowledged
///                rows deleted, commit
///                removal is over ---------------> ends
///                                  <------------- (it has ended: the next batch)
class outbox final : public process {
public:
  // An item more is refused.
  static constexpr std::size_t entries_max = 1000;
  static constexpr std::size_t batch_max = 16;

  using process::process;
  behavior init() override;

private:
  using queue = std::map<std::int64_t, std::int64_t>;  // Event -> amount, in the order of acceptance.
  struct waiter {
    std::string target;
    std::vector<std::int64_t> events;
    reply_promise<void> over;
  };

  void load();
  deferred handle_submit(const submit& m);
  batch handle_take(const take_batch& m);
  deferred handle_await(const await_removal& m);
  void handle_acknowledged(const peer_message& m);
  void remove(const std::string& target, std::vector<std::int64_t> events);
  void forget(const std::string& target, const std::vector<std::int64_t>& events);
  void answer_waiters(const std::string& target);
  [[nodiscard]] std::size_t size() const;
  void tell_size();

  std::map<std::string, queue> queues_;  // By target.
  std::set<std::int64_t> leaving_;       // Being deleted.
  std::vector<waiter> waiters_;          // One per courier at most; who has died is found when its batch is gone.
  std::size_t asked_for_ = 0;            // Rows on their way into the table.
  std::int64_t last_event_ = 0;
  bool is_loaded_ = false;
};

}  // namespace beamline::toy
