#include "web/transport/socket_queue.hpp"

#include <algorithm>
#include <utility>

namespace beamline::web::transport {

void socket_queue::attach(std::weak_ptr<session> connection) {
  auto lock = std::lock_guard{mutex_};
  connection_ = std::move(connection);
}

std::size_t socket_queue::cost() const {
  return pending_bytes_ + (fetched_items_ + items_.size()) * item_overhead_bytes;
}

bool socket_queue::needs_wake() { return !std::exchange(is_woken_, true); }

void socket_queue::send(frame f) {
  // The header is made here, on the sender's thread: the server's thread has enough to do.
  auto item = out_item{make_frame_header(f.binary ? opcode::binary : opcode::text, f.size()), std::move(f.head),
                       std::move(f.body), std::move(f.tail)};
  auto size = item.size();
  {
    auto lock = std::lock_guard{mutex_};
    if (is_ended_ || is_closing_ || has_overflowed_)
      return;
    if (size > limits_.pending_bytes_max - std::min(pending_bytes_, limits_.pending_bytes_max)) {
      has_overflowed_ = true;
      items_ = {};
    } else {
      pending_bytes_ += size;
      items_.push_back(std::move(item));
      is_full_ = is_full_ || cost() > limits_.high_water_bytes || items_.size() >= unfetched_frames_max;
    }
    if (!needs_wake())
      return;
  }
  door_->wake(connection_);
}

void socket_queue::close(std::uint16_t code, std::string_view reason) {
  {
    auto lock = std::lock_guard{mutex_};
    if (is_ended_ || std::exchange(is_closing_, true))
      return;
    close_ = close_request{code == close_code::normal ? close_code::going_away : code, std::string{reason}};
    if (!needs_wake())
      return;
  }
  door_->wake(connection_);
}

void socket_queue::set_paused(bool paused) {
  {
    auto lock = std::lock_guard{mutex_};
    if (is_ended_ || std::exchange(is_paused_, paused) == paused || !needs_wake())
      return;
  }
  door_->wake(connection_);
}

std::size_t socket_queue::pending_bytes() const {
  auto lock = std::lock_guard{mutex_};
  return pending_bytes_;
}

bool socket_queue::writable() const {
  auto lock = std::lock_guard{mutex_};
  return !is_full_ && !is_ended_ && !is_closing_;
}

bool socket_queue::is_open() const {
  auto lock = std::lock_guard{mutex_};
  return !is_ended_ && !is_closing_;
}

bool socket_queue::is_paused() const {
  auto lock = std::lock_guard{mutex_};
  return is_paused_;
}

socket_queue::fetched socket_queue::fetch() {
  auto lock = std::lock_guard{mutex_};
  is_woken_ = false;
  fetched_items_ += items_.size();
  return {std::exchange(items_, {}), std::exchange(close_, std::nullopt), has_overflowed_};
}

void socket_queue::count(std::size_t octets) {
  auto lock = std::lock_guard{mutex_};
  pending_bytes_ += octets;
  ++fetched_items_;
}

bool socket_queue::written(std::size_t octets, std::size_t items_left) {
  auto lock = std::lock_guard{mutex_};
  pending_bytes_ -= std::min(pending_bytes_, octets);  // Less than that when the queue has ended.
  fetched_items_ = items_left;
  if (!is_full_ || cost() > limits_.low_water_bytes)
    return false;
  is_full_ = false;
  return true;
}

void socket_queue::end() {
  auto lock = std::lock_guard{mutex_};
  is_ended_ = true;
  items_ = {};
  pending_bytes_ = fetched_items_ = 0;
}

}  // namespace beamline::web::transport
