#include "supervision/tasks/stream_window.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace beamline::supervision {

std::size_t stream_window::ask() {
  if (is_input_over_)
    return 0;
  // What runs may finish behind the head, too, and needs its place in the buffer.
  auto taken = running_ + asked_;
  auto free = options_.max_concurrency - taken;
  auto room = options_.buffered_max - std::min(options_.buffered_max, finished_.size());
  auto n = finished_.empty() ? free : std::min(free, room - std::min(room, taken));
  asked_ += n;
  return n;
}

stream_window::index stream_window::start() {
  if (asked_ == 0 || is_input_over_)
    throw std::logic_error{"stream_window: input " + std::to_string(next_) + " came without being asked for"};
  --asked_;
  ++running_;
  return next_++;
}

void stream_window::end_input() {
  is_input_over_ = true;
  asked_ = 0;
}

std::vector<stream_window::index> stream_window::finish(index i) {
  if (running_ == 0 || i >= next_ || i < head_ || finished_.contains(i))
    throw std::logic_error{"stream_window: item " + std::to_string(i) + " finished, but it is not running"};
  --running_;
  if (!options_.ordered)
    return {i};
  finished_.insert(i);
  std::vector<index> now;
  while (!finished_.empty() && *finished_.begin() == head_) {
    now.push_back(head_++);
    finished_.erase(finished_.begin());
  }
  return now;
}

}  // namespace beamline::supervision
