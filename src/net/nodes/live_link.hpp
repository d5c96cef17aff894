#pragma once

#include "actors/environment.hpp"
#include "base/result.hpp"
#include "net/auth/node_card.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "net/link/carrier.hpp"
#include "net/link/control.hpp"
#include "net/link/gate.hpp"
#include "net/link/liveness.hpp"
#include "net/link/relay_frame.hpp"
#include "net/nodes/loop_timer.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// One authenticated connection with a peer, until it ends: relays between the wire and the carrier, ticks, grants
/// credit, compares message tables, and passes messages on.
///
///   push -> gate -> carrier ..CAF.. carrier.octets ─> relay frames ─> wire
///   message <- gate <- carriers::events.received ..CAF.. carrier.octets <─ check <─ relay frames <─ wire
///
/// Lives on the loop; `push` may be called from any thread, and `events::message` is called on any. What arrives before
/// `open` waits, as much as the peer's window allows. When the connection is gone, what was read of it is passed on
/// before the link is lost (D223); nothing is passed on after `end` has returned (D52).
class live_link : public std::enable_shared_from_this<live_link> {
public:
  struct options {
    node_card self;
    node_card peer;
    std::uint64_t connection = 0;  // The number it has on this node.
    std::uint64_t session = 0;     // The number both nodes have for it.
    std::string key_id{};
    std::uint32_t protocol = 0;
    link_side side{};
    gate::limits lanes{};
    int tick_intensity = 4;
    duration setup_time{};  // For the carrier to come up and the tables to be exchanged.
  };
  struct events {
    /// Carrier and tables are there: it can be used. Once.
    std::function<void()> ready;
    /// It must end: `why` is a down_reason. Once, and not after `end`; the link does nothing more by itself.
    std::function<void(std::string_view why, const std::string& detail)> lost;
    std::function<void(const std::vector<control::neighbour>&)> neighbours;
    /// Error: the peer sent what cannot be read; the link is lost.
    std::function<result<void>(lane, const link_message&)> message;
    /// After `end`: the goodbye has left, or its time is up; the wire is closed. Not if it was closed at once.
    std::function<void()> closed;
    /// A push was refused, or older broadcasts had to go. On any thread.
    std::function<void(lane, gate::pushed)> overflow;
  };

  live_link(environment& env, event_loop& loop, std::unique_ptr<byte_stream> wire, relay_frame_reader frames, options o,
            events e);
  ~live_link();
  live_link(const live_link&) = delete;
  live_link& operator=(const live_link&) = delete;

  // -- on the loop -------------------------------------------------------------------------

  /// Starts relaying over a carrier of these.
  void begin(carriers& over);
  /// From now on messages are passed on, first what has come already.
  void open();
  void tell_neighbours(const std::vector<control::neighbour>& known);
  /// Ends it: says goodbye with `why` if the peer may still hear it. True: the link is to be kept until `closed`.
  bool end(std::string_view why, const std::string& detail);

  // -- on any thread -----------------------------------------------------------------------

  /// Errors: `busy`, `too_large`, `unavailable` (it has ended).
  result<void> push(lane where, std::uint64_t flow, link_message m, bytes&& payload);

  [[nodiscard]] const options& about() const noexcept { return options_; }
  /// Fixed once it is ready: what cannot be exchanged with that peer.
  [[nodiscard]] const std::vector<std::string>& disabled() const noexcept { return disabled_; }
  [[nodiscard]] const std::string& remote() const noexcept { return remote_; }
  [[nodiscard]] time_point up_since() const noexcept { return up_since_; }
  [[nodiscard]] gate::counters count() const;
  [[nodiscard]] std::uint64_t wire_octets_in() const noexcept { return octets_in_; }
  [[nodiscard]] std::uint64_t wire_octets_out() const noexcept { return octets_out_; }
  [[nodiscard]] std::optional<duration> latency() const;

private:
  void read_wire();
  void handle_wire(result<bytes> octets);
  void handle_frames();
  void handle_control(const control_message& m);
  void handle_contract(const control::contract& part);
  void read_carrier();
  void write_carrier();
  void drained(std::size_t octets);
  void say(const control_message& m);
  void say_pending();
  void write_wire();
  void receive(bytes envelope);
  result<void> pass_on(std::string_view envelope);
  void send_contract();
  void become_ready();
  void check_life();
  void lose(std::string_view why, std::string detail);
  void drain(std::string detail);
  void finish_drain();
  void close_wire();
  void send_next(std::unique_lock<std::mutex>& held);

  environment& env_;
  event_loop& loop_;
  options options_;
  events events_;
  std::unique_ptr<byte_stream> wire_;
  std::string remote_;
  relay_frame_reader frames_;
  std::unique_ptr<carrier> carrier_;
  liveness life_;
  loop_timer life_timer_;
  loop_timer setup_timer_;
  bytes control_out_;  // Frames that go before everything else.
  // Said with the next write, the newest or the sum of each: a peer that does not read costs no more by what it sends.
  std::optional<control::tick> tick_;
  std::optional<control::tock> tock_;
  std::uint64_t credit_ = 0;
  bytes carried_out_;
  bytes to_carrier_;
  bool is_reading_wire_ = false;
  bool is_writing_wire_ = false;
  bool is_writing_carrier_ = false;
  bool is_reading_carrier_ = false;
  bool is_carrier_open_ = false;
  bool has_contract_ = false;
  bool is_ready_ = false;
  bool is_over_ = false;
  bool is_closing_ = false;              // The goodbye is on its way; then the wire is closed.
  std::string goodbye_;                  // What the peer said last.
  std::optional<std::string> wire_end_;  // The connection is gone; why.
  contract_joiner contract_;
  std::vector<std::string> disabled_;
  time_point up_since_{};  // Fixed once it is ready.
  std::atomic<std::uint64_t> octets_in_{0};
  std::atomic<std::uint64_t> octets_out_{0};
  std::atomic<duration::rep> latency_us_{-1};

  mutable std::mutex out_mutex_;  // Guards what is sent.
  gate out_;
  std::size_t in_carrier_ = 0;  // Octets given to the carrier that it has not given back for relaying.
  bool can_send_ = false;

  mutable std::mutex in_mutex_;  // Guards what is received; held while messages are passed on.
  gate in_;
  std::vector<bytes> early_;
  std::size_t early_octets_ = 0;
  std::uint64_t received_ = 0;  // Envelopes.
  bool is_open_ = false;
  bool is_deaf_ = false;
  bool is_draining_ = false;
};

}  // namespace beamline::net
