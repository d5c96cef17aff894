#pragma once

#include "net/outbox/event_class.hpp"
#include "net/outbox/messages.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net::outbox::test {

/// A payload that can be merged: who visited.
struct visits {
  std::vector<std::string> visitors;
  BEAMLINE_MESSAGE(visits, "test.visits", 1, visitors)
};

inline bytes visit_of(std::string visitor) { return encode(visits{{std::move(visitor)}}); }
inline std::vector<std::string> visitors_in(const bytes& payload) { return decode<visits>(payload).value().visitors; }

/// Classes as a blog has them: visits may be merged (so many of one) and dropped, likes may be dropped, comments must
/// not be.
inline std::shared_ptr<const class_table> blog_classes(std::size_t merged_max = 1000) {
  auto merge = [merged_max](visits& waiting, const visits& newer) {
    if (waiting.visitors.size() + newer.visitors.size() > merged_max)
      return false;
    waiting.visitors.insert(waiting.visitors.end(), newer.visitors.begin(), newer.visitors.end());
    return true;
  };
  return std::make_shared<const class_table>(std::vector<event_class>{
      {.type = "visit", .when_full = overflow::drop_oldest, .coalesce = coalescing<visits>(merge)},
      {.type = "like", .when_full = overflow::drop_oldest},
      {.type = "comment"},
  });
}

/// The nth event.
inline event numbered(std::uint64_t n, std::string type, std::string key, bytes payload = {}) {
  return {uid{0x7000, n}, std::move(type), std::move(payload), std::move(key),
          wall_time{std::chrono::seconds{1'700'000'000}}};
}

}  // namespace beamline::net::outbox::test
