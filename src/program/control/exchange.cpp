#include "program/control/exchange.hpp"

#include "program/control/limits.hpp"
#include "program/control/protocol.hpp"

#include <algorithm>
#include <utility>

namespace beamline::program::control {

namespace {

error too_large(std::string_view what, std::size_t octets) {
  return {errc::too_large, std::string{what} + " has " + std::to_string(octets) + " bytes, more than "
                               + std::to_string(answer_bytes_max) + "; ask for a smaller part"};
}

}  // namespace

taken exchange::item(const json& value) {
  auto line = encode_item(value);
  std::unique_lock lock{mutex_};
  if (is_over_)
    return taken::gone;
  // One item larger than the bound may pass when nothing else waits.
  if (line.size() > answer_bytes_max
      || (pending_bytes_ > 0 && pending_bytes_ + line.size() > stream_pending_bytes_max)) {
    ++dropped_;
    return taken::behind;
  }
  pending_bytes_ += line.size();
  leave(std::move(line), false, lock);
  return taken::yes;
}

void exchange::succeed(const json& result) {
  std::uint64_t dropped = 0;
  {
    std::lock_guard lock{mutex_};
    dropped = dropped_;
  }
  auto line = encode_result(result, dropped);
  finish(line.size() <= answer_bytes_max ? std::move(line) : encode_error(too_large("the answer", line.size())));
}

void exchange::fail(const error& e, const json& details) {
  auto line = encode_error(e, details);
  finish(line.size() <= answer_bytes_max ? std::move(line) : encode_error(too_large("the error's text", line.size())));
}

bool exchange::is_wanted() const {
  std::lock_guard lock{mutex_};
  return !is_over_;
}

void exchange::finish(std::string line) {
  std::unique_lock lock{mutex_};
  if (!is_over_)
    leave(std::move(line), true, lock);
}

void exchange::leave(std::string line, bool is_last, std::unique_lock<std::mutex>& lock) {
  lines_.push_back(std::move(line));
  is_last_ = is_over_ = is_last;
  auto was_awake = std::exchange(is_awake_, true);
  lock.unlock();
  if (!was_awake)
    wake_();
}

exchange::batch exchange::collect() {
  std::lock_guard lock{mutex_};
  is_awake_ = false;
  return {std::exchange(lines_, {}), is_last_};
}

void exchange::written(std::size_t octets) {
  std::lock_guard lock{mutex_};
  pending_bytes_ -= std::min(octets, pending_bytes_);
}

bool exchange::give_up() {
  std::lock_guard lock{mutex_};
  return !std::exchange(is_over_, true);
}

}  // namespace beamline::program::control
