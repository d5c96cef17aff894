#pragma once

#include "web/frame_codec.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace beamline::web::transport {

// What a waiting item takes beside its octets, about: itself, in a vector that grows by doubling, and what the heap
// adds to its parts.
inline constexpr std::size_t item_overhead_bytes = 256;

/// Octets that leave together: an HTTP answer or a WebSocket frame.
struct out_item {
  frame_header header;
  std::string head;
  std::shared_ptr<const std::string> body;
  std::string tail;

  [[nodiscard]] std::size_t size() const { return header.size + head.size() + (body ? body->size() : 0) + tail.size(); }
};

/// What waits to be written on one connection, as buffers for one gather write. Not thread-safe. Empty, it holds
/// no memory worth speaking of.
class out_queue {
public:
  void push(out_item item) { items_.push_back(std::move(item)); }
  [[nodiscard]] bool empty() const { return at_ == items_.size(); }
  /// Items that are not written completely.
  [[nodiscard]] std::size_t size() const { return items_.size() - at_; }

  /// Fills `out` with the next octets, in order; returns how many buffers.
  [[nodiscard]] std::size_t fill(std::span<boost::asio::const_buffer> out) const {
    auto n = std::size_t{0};
    auto skip = offset_;
    auto add = [&](std::string_view part) {
      if (skip >= part.size()) {
        skip -= part.size();
      } else if (n < out.size()) {
        out[n++] = boost::asio::const_buffer{part.data() + skip, part.size() - skip};
        skip = 0;
      }
    };
    for (auto i = at_; i < items_.size() && n < out.size(); ++i) {
      const auto& item = items_[i];
      add(item.header.view());
      add(item.head);
      if (item.body)
        add(*item.body);
      add(item.tail);
    }
    return n;
  }

  /// Forgets the first `octets`, which were written.
  void consume(std::size_t octets) {
    offset_ += octets;
    while (at_ < items_.size() && offset_ >= items_[at_].size()) {
      offset_ -= items_[at_].size();
      items_[at_] = {};  // Lets go of a shared body at once.
      ++at_;
    }
    if (at_ == items_.size())
      items_ = {};
    else if (at_ > items_.size() / 2)
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(at_));
    else
      return;
    at_ = 0;
  }

private:
  std::vector<out_item> items_;
  std::size_t at_ = 0;      // The first item not written completely ...
  std::size_t offset_ = 0;  // ... and how much of it was.
};

}  // namespace beamline::web::transport
