#pragma once

// The outbox of a node: events that must reach a target, in order, once.
//
//   any process                  outbox                                    target (role, or prefix of its name)
//     submit{e}   ------------->  direct: nothing of its key waits ------>   outbox.handle_buffered_event
//     <-- applied{answer} ------  <----------------------------------------  answers
//                                 else, or when that fails:
//     <-- buffered{id} ---------  written (durable), then in batches ----->
//     <-- refused{why} ---------  full, or no such event
//
// What holds. An event that was reported `applied` or `buffered` takes effect once, given a target that remembers ids,
// whatever crashes in between; or it becomes a dead letter, or is dropped by a class that allows it, counted. Events of
// one key take effect in the order they came, over both ways, and over restarts. With a target that stays linked and
// answers, the queue empties by itself. After each drain, however it ends, the outbox is idle.
//
// Queue, dead letters and bounds: queue.hpp. When it sends: drain.hpp. It loads its table before it has started; who is
// linked at that moment counts as having come up. At its end it is given `flush_time` to send what waits; in memory,
// what is left then goes to the recovery file.

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/log.hpp"
#include "net/outbox/api.hpp"
#include "net/outbox/drain.hpp"
#include "net/outbox/event_class.hpp"
#include "net/outbox/express.hpp"
#include "net/outbox/options.hpp"
#include "net/outbox/queue.hpp"
#include "net/outbox/recovery.hpp"
#include "net/outbox/targets.hpp"
#include "net/outbox/watchers.hpp"
#include "net/rpc/failure.hpp"
#include "net/rpc/prepared_call.hpp"
#include "store/database.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net::outbox {

struct outbox_parts {
  std::shared_ptr<const class_table> classes;
  std::string target_role;
  std::string remote_prefix{};  // Of the names of targets; empty: the role decides.
  std::string own_role{};       // Of this node.
  // The target's, which is called with a `handle_buffered_event` and answers `event_answers`.
  std::string procedure{handle_buffered_event::message_name};
  std::shared_ptr<store::database> store{};      // Null: in memory.
  std::shared_ptr<outbox::recovery> recovery{};  // Null: what cannot be kept is lost, logged and counted.
};

// Events on the direct way at the same time; one more is kept at once.
inline constexpr std::size_t direct_max = 1000;
// Rows of one transaction.
inline constexpr std::size_t save_rows_max = 1000;
// Submissions that come while the table is loaded; one more is refused.
inline constexpr std::size_t early_max = 1000;
// A table that cannot be read is tried again so often, after a pause; then the outbox gives up.
inline constexpr int load_tries_max = 10;
inline constexpr duration load_pause = 500ms;
// After a write that failed, and that nobody waits for, the next try comes after this.
inline constexpr duration save_pause = 1s;
// Dead letters beyond outbox.dead_max that wait for a recovery file which cannot be written, and their payloads: of
// more the oldest are lost, logged and counted.
inline constexpr std::size_t evicted_max = 1000;
inline constexpr std::uint64_t evicted_bytes_max = 4U << 20;
// At the end, for what must still be written once the time to send is over.
inline constexpr duration last_write_time = 500ms;

static_assert(call_time_max + 2s <= answer_time);  // Or an event that is kept would be told refused.

class server final : public process {
public:
  server(process_context& c, outbox_parts p, outbox_options o = {});

private:
  using tell_function = std::function<void(const outcome&)>;
  /// Who is told what became of an event.
  struct waiter {
    uid id;  // Of the entry.
    std::string type, key;
    tell_function tell;
  };
  struct counts {
    std::uint64_t accepted = 0, applied = 0, rejected = 0, refused = 0, merged = 0, lost = 0;
  };

  behavior init() override;
  void handle_stop_order(const reason& why) override { close(why); }
  [[nodiscard]] behavior requests();

  // -- life
  void load();
  void on_load_failed(const error& why);
  void on_loaded(std::vector<row> rows);
  void on_up(const peer_info& peer);
  void close(const reason& why);
  void write_rest();
  void end_if_done();
  void end_now();

  // -- in
  void submit_event(submit m, tell_function tell_it);
  [[nodiscard]] std::optional<refused> objection_to(const submit& m) const;
  [[nodiscard]] std::string objection_to(const event& e) const;
  void keep(event e, queue::ticket t, queue::how h);
  void fall_back();
  void answer(queue::ticket t, const outcome& o);
  void tell_dropped(const std::vector<event>& gone);

  // -- what goes on by itself; `advance` ends every turn that changed something
  void advance();
  void save();
  void finish_save(const result<void>& r);

  // -- what cannot be kept
  void lose(std::uint64_t count, std::string_view because);
  void write_down(const std::vector<row>& rows, std::string_view why, std::function<void(const result<void>&)> then);
  void write_evicted();
  void give_up_evicted();
  void forget_evicted(std::size_t count);

  // -- what is sent
  [[nodiscard]] rpc::prepared_call<event_answers> call_target(std::vector<event> events, duration within);
  void send_direct();
  void on_direct(const std::string& target, time_point since, const rpc::outcome<event_answers>& o);
  void take_direct(const event_answer& v);
  void send_queued();
  void on_drained(const std::string& target, const std::vector<place>& sent, time_point since,
                  const rpc::outcome<event_answers>& o);
  [[nodiscard]] std::string settle(const std::vector<place>& sent, const event_answers& a);
  void note_failure(const std::string& target, const std::string& why);
  void arm_timer(std::optional<time_point> at);

  // -- asked for
  [[nodiscard]] status look() const;
  [[nodiscard]] entry_list list(std::size_t count) const;
  [[nodiscard]] entry_list list_dead_letters(std::size_t count) const;
  [[nodiscard]] std::uint64_t retry(const std::optional<uid>& id);
  [[nodiscard]] std::uint64_t discard(const std::optional<uid>& id);
  [[nodiscard]] standing stand() const;
  void tell_watchers();
  [[nodiscard]] reply_promise<standing> add_watcher(const pid& who);
  void import_all(const std::vector<event>& events, const reply_promise<import_report>& to);
  void tell(std::string_view action, std::uint64_t count = 1) const;
  void tell_settled(const event& e, std::string_view how) const;

  outbox_parts parts_;
  outbox_options options_;
  queue queue_;
  express express_{direct_max};
  drain drain_;
  targets targets_;
  watchers watchers_;
  counts counts_;

  std::map<queue::ticket, waiter> waiters_;
  queue::ticket last_ticket_ = 0;
  struct early {
    submit what;
    tell_function tell;
  };
  std::deque<early> early_;
  int load_tries_ = 0;
  bool is_ready_ = false;

  std::vector<row> evicted_;  // Oldest first; not in the recovery file yet.
  bool is_writing_evicted_ = false;
  time_point write_again_{};

  std::uint64_t told_dropped_ = 0;
  bool was_syncing_ = false;
  time_point save_again_{};
  std::string last_error_;
  std::optional<time_point> next_attempt_;
  timer_ref timer_ = 0;
  std::optional<time_point> timer_at_;

  std::optional<reason> closing_;
  bool has_written_rest_ = false;
  bool is_over_ = false;
  once_per full_log_{60s}, drop_log_{60s}, save_log_{60s};
};

}  // namespace beamline::net::outbox
