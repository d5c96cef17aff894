#pragma once

#include "actors/environment.hpp"
#include "actors/peers.hpp"
#include "actors/timers.hpp"
#include "net/byte_stream.hpp"
#include "testing/net/link_frames.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace beamline::testing {

/// One connection of a simple link: frames, lanes, and whether the other side is still there. Knows nothing of who may
/// be linked. Owned by the links of a node; its functions are called in events of the node, never from within a call.
class link_session : public std::enable_shared_from_this<link_session> {
public:
  struct options {
    duration tick;
    duration silence_max;
    std::size_t lane_bytes_max;
    std::function<void(const frame&)> on_frame;
    std::function<void(const std::string& why)> on_lost;  // Once, unless it was ended here.
  };

  link_session(environment& env, std::unique_ptr<net::byte_stream> stream, options o);
  ~link_session();
  link_session(const link_session&) = delete;
  link_session& operator=(const link_session&) = delete;

  /// Begins to read and to tick.
  void begin();
  /// Errors: `busy`, by more than the lane may hold; `unavailable`, once it has ended.
  result<void> send(lane where, bytes framed);
  /// What the links say themselves goes before everything and is never refused: it is little.
  void say(bytes framed);
  /// Says that last, then closes; from here on nothing is called.
  void end_with(bytes framed);

  [[nodiscard]] bool is_over() const noexcept { return is_over_; }

private:
  static constexpr std::size_t lanes = 4;

  struct queue {
    std::deque<bytes> frames{};
    std::size_t octets = 0;
  };

  void read();
  void handle_octets(const bytes& octets);
  void write();
  [[nodiscard]] bytes take_batch();
  void arm_tick();
  void handle_tick();
  void lose(const std::string& why);
  void stop();

  environment& env_;
  std::unique_ptr<net::byte_stream> stream_;
  options options_;
  frame_reader frames_;
  queue own_;
  std::array<queue, lanes> lanes_;
  timer_id timer_{};
  std::uint64_t ticks_ = 0;
  std::int64_t silent_ticks_ = 0;
  bool is_writing_ = false;
  bool is_ending_ = false;
  bool is_over_ = false;
};

}  // namespace beamline::testing
