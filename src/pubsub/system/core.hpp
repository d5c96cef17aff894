#pragma once

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"
#include "pubsub/system/peer_board.hpp"
#include "pubsub/system/topic_table.hpp"
#include "pubsub/system/wire.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::pubsub::detail {

/// Figures as they are counted; see system::counters.
struct live_counters {
  std::atomic<std::uint64_t> subscriptions{0}, broadcasts{0}, received{0}, deliveries{0}, signals_merged{0},
      overflows{0}, duplicates{0}, stale{0}, peer_drops{0}, worker_drops{0}, unreadable{0}, unknown_dispatchers{0},
      dispatch_failures{0}, values_evicted{0};
};

/// One system: the table of its topics, and everything that happens in the turns of others. Its processes are workers
/// on it: partition processes remove the dead, the receiver and its workers hand in what peers send, the herald knows
/// the peers. It outlives them.
class core final : public system {
public:
  core(environment& env, peer_board& peers, system_options o);

  [[nodiscard]] const system_options& about() const noexcept override { return options_; }
  [[nodiscard]] const std::string& node_name() const noexcept override { return env_.self()->name; }

  result<subscription_ptr> subscribe(const pid& who, const std::string& topic, subscribe_options o) override;
  std::size_t unsubscribe(const pid& who, std::string_view topic) override;
  std::size_t unsubscribe(const subscription_ptr& one) override;

  result<void> broadcast(process& from, const std::string& topic, topic_class kind, message m,
                         const broadcast_options& o) override;
  result<void> broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                              const broadcast_options& o) override;
  result<void> local_broadcast(process& from, const std::string& topic, topic_class kind, message m,
                               const broadcast_options& o) override;
  result<void> local_broadcast_from(process& from, const std::string& topic, topic_class kind, message m,
                                    const broadcast_options& o) override;
  result<void> direct_broadcast(process& from, std::string_view node, const std::string& topic, topic_class kind,
                                message m, const broadcast_options& o) override;

  [[nodiscard]] message last_value(std::string_view topic) const override { return table_.of(topic).value(topic); }
  [[nodiscard]] std::size_t subscribers(std::string_view topic) const override {
    return table_.of(topic).subscribers(topic);
  }
  [[nodiscard]] counters count() const override;

  // -- for its processes, and for who delivers -----------------------------------------------------------

  [[nodiscard]] environment& env() const noexcept { return env_; }
  [[nodiscard]] topic_table& table() noexcept { return table_; }
  [[nodiscard]] live_counters& counting() noexcept { return counts_; }
  /// Its options with what depends on the node filled in.
  [[nodiscard]] system_options settled(system_options o) const;
  void set_running(bool is_running) noexcept { is_running_ = is_running; }

  /// What a peer sent, in a worker's turn.
  void receive(process& in, const std::string& node, const wire_broadcast& b);
  /// A last value that a peer knows, in the herald's turn.
  void learn(process& in, const std::string& node, const wire_value& v);
  /// What a peer sent could not be used.
  void drop_remote(const std::string& node, std::string_view why, std::string_view detail);
  /// The process is no more: its subscriptions in that partition end.
  void forget(std::size_t partition, std::uint64_t process);
  /// A full mailbox refused what was for this subscription.
  void overflowed(const subscription_ptr& one);

private:
  struct outgoing {
    topic_class kind;
    message m;
    const broadcast_options& options;
    std::uint64_t but = 0;      // Whose subscriptions are left out.
    std::size_t octets = 0;     // Encoded, if it was.
    std::uint64_t version = 0;  // Of a last value that is kept.
    bool is_reminder = false;   // It is no wonder when it is known already.
  };
  enum class reach : std::uint8_t { here, everywhere, one_peer };

  [[nodiscard]] std::optional<error> objection_to(std::string_view topic) const;
  result<void> send_out(process& from, reach where, std::string_view node, const std::string& topic, outgoing o);
  void tell_peer(const std::string& node, const std::string& topic, const bytes& encoded);
  void tell_here(process& in, const std::string& topic, const outgoing& o, const std::string& origin);
  [[nodiscard]] std::uint64_t next_version();
  void note_version(std::uint64_t v);
  [[nodiscard]] const dispatcher* find_dispatcher(const std::string& name);

  environment& env_;
  peer_board& peers_;
  const system_options options_;
  const std::string service_;
  topic_table table_;
  live_counters counts_;
  std::atomic<bool> is_running_{false};
  std::atomic<std::uint64_t> last_subscription_{0};
  std::atomic<std::uint64_t> newest_version_{0};
  once_per drop_log_{10s}, overflow_log_{10s}, limit_log_{10s}, remote_log_{10s}, evict_log_{10s};
  telemetry::handle shed_handle_;
};

}  // namespace beamline::pubsub::detail
