#pragma once

#include "actors/environment.hpp"
#include "net/auth/handshake.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "net/link/carrier.hpp"
#include "net/link/relay_frame.hpp"
#include "net/links.hpp"
#include "net/nodes/loop_timer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// A connection on which two nodes prove who they are: dialled here or accepted, until it is proven or over. On the
/// loop.
class attempt : public std::enable_shared_from_this<attempt> {
public:
  struct options {
    std::uint64_t id = 0;
    link_side side{};
    std::string address{};  // Of the far end, without its port.
    endpoint to{};          // Dialled ones.
    expectation who{};
    bool needs_certificate = false;
    node_card self{};
    const keyring* keys = nullptr;
    std::uint32_t protocol_max = link_protocol_max;
    duration setup_time{};
    duration patience{};  // Of a dial, with those who say that they are the node it is for.
  };
  struct events {
    std::function<std::string(const endpoint& far_end)> object;  // Why nothing is said to whom it dialled; or none.
    std::function<verdict(const node_card& claimed, verdict said)> judge;
    std::function<bool(bool has_waited)> must_wait;      // Whether another attempt counts more; see doorkeeper.
    std::function<void()> shown;                         // Who was accepted has proven its side.
    std::function<void()> proven;                        // `take` gives what a link is made of.
    std::function<void(const connect_outcome&)> failed;  // Once, unless it is given up.
  };

  attempt(environment& env, event_loop& loop, options o, events e);
  ~attempt();
  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

  void dial(byte_network& network);
  void accept(std::unique_ptr<byte_stream> stream);
  /// `must_wait` may say something else now.
  void go_on();
  /// Closes it; nothing is called any more.
  void give_up();

  [[nodiscard]] const options& about() const noexcept { return options_; }
  [[nodiscard]] time_point began() const noexcept { return began_; }
  [[nodiscard]] const node_card* peer() const { return talk_ ? talk_->peer() : nullptr; }
  [[nodiscard]] const std::string& key_id() const { return talk_->key_id(); }
  [[nodiscard]] std::uint32_t protocol() const { return talk_->protocol(); }
  [[nodiscard]] std::uint64_t session() const { return talk_->session(); }
  /// Why the handshake failed; nothing: it did not, or there was none.
  [[nodiscard]] const std::optional<handshake_failure>& failure() const noexcept { return failure_; }
  /// Of an accepted one: the dialler's proof was right, whatever came after it.
  [[nodiscard]] bool is_shown() const {
    return options_.side == link_side::acceptor && talk_ && !talk_->key_id().empty();
  }
  /// It took longer than its set-up time, or than others could wait for.
  [[nodiscard]] bool is_late() const noexcept { return is_late_; }
  void set_late() noexcept { is_late_ = true; }
  /// Of an acceptor's refusal: what is to be logged here; empty: nothing is known of it.
  [[nodiscard]] const std::string& objection() const noexcept { return objection_; }
  void set_objection(std::string why) { objection_ = std::move(why); }

  struct taken {
    std::unique_ptr<byte_stream> wire;
    relay_frame_reader frames;
  };
  [[nodiscard]] taken take();

  std::vector<std::function<void(const connect_outcome&)>> waiters;  // Who asked for it (D29).

private:
  void limit_time(std::string late);
  void begin(std::unique_ptr<byte_stream> stream);
  void read();
  void handle(result<bytes> octets);
  void write();
  void fail(connect_outcome o);
  void fail(const handshake_failure& f);
  [[nodiscard]] std::string peer_name() const;

  environment& env_;
  options options_;
  events events_;
  loop_timer timer_;
  loop_timer patience_;
  time_point began_;
  std::unique_ptr<byte_stream> stream_;
  relay_frame_reader frames_;
  std::optional<handshake> talk_;
  bytes held_;  // Frames that prove something, while `must_wait`.
  bytes out_;
  std::string objection_;
  std::optional<handshake_failure> failure_;  // Told once the last word is out.
  bool has_challenged_ = false;
  bool is_waiting_ = false;
  bool has_waited_ = false;
  bool is_writing_ = false;
  bool is_proven_ = false;
  bool is_late_ = false;
  bool is_over_ = false;
};

}  // namespace beamline::net
