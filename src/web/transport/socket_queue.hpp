#pragma once

#include "web/socket.hpp"
#include "web/transport/inbox.hpp"
#include "web/transport/out_queue.hpp"
#include "web/transport/round.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::web::transport {

/// The side of a WebSocket that other threads see: frames and wishes, kept until the connection fetches them.
/// Thread-safe. The connection owns it together with whoever sends; it knows the connection weakly.
class socket_queue final : public socket {
public:
  // A server's thread that is so far behind is not helped by more: with as many frames left for it to fetch the socket
  // is not writable until it has. What changes meanwhile is one diff rather than many.
  static constexpr std::size_t unfetched_frames_max = 4;

  struct limits {
    std::size_t high_water_bytes;
    std::size_t low_water_bytes;
    std::size_t pending_bytes_max;
  };
  socket_queue(limits l, std::shared_ptr<inbox> door, std::shared_ptr<round> rounds)
      : limits_{l}, door_{std::move(door)}, rounds_{std::move(rounds)} {}

  void attach(std::weak_ptr<session> connection);

  void send(frame f) override;
  void close(std::uint16_t code, std::string_view reason) override;
  [[nodiscard]] std::size_t pending_bytes() const override;
  [[nodiscard]] bool writable() const override;
  void pause_reading() override { set_paused(true); }
  void resume_reading() override { set_paused(false); }
  [[nodiscard]] bool is_open() const override;
  void after_round(std::shared_ptr<void> what) override { rounds_->keep(std::move(what)); }

  struct close_request {
    std::uint16_t code;
    std::string reason;
  };
  struct fetched {
    std::vector<out_item> items;
    std::optional<close_request> close;
    bool has_overflowed = false;
  };
  /// Everything since the last time. Server's thread.
  [[nodiscard]] fetched fetch();
  [[nodiscard]] bool is_paused() const;
  /// Control frames of the connection's own count as well.
  void count(std::size_t octets);
  /// Octets left; of what was fetched, so many items have not. Returns whether the queue has just drained.
  [[nodiscard]] bool written(std::size_t octets, std::size_t items_left);
  /// The connection is over: frees what is queued and ignores all that comes.
  void end();

private:
  void set_paused(bool paused);
  [[nodiscard]] bool needs_wake();
  /// What waits, as memory: a thousand small frames cost more than their octets.
  [[nodiscard]] std::size_t cost() const;

  const limits limits_;
  const std::shared_ptr<inbox> door_;
  const std::shared_ptr<round> rounds_;
  mutable std::mutex mutex_;
  std::weak_ptr<session> connection_;
  std::vector<out_item> items_;
  std::optional<close_request> close_;
  std::size_t pending_bytes_ = 0;
  std::size_t fetched_items_ = 0;  // Not written yet.
  bool is_full_ = false;           // Since the high-water mark was passed, until the low one is reached.
  bool is_ended_ = false;
  bool is_closing_ = false;
  bool is_paused_ = false;
  bool is_woken_ = false;  // A wake-up is on its way.
  bool has_overflowed_ = false;
};

}  // namespace beamline::web::transport
