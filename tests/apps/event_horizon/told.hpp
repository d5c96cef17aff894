#pragma once

// What readers of a host write, and in a word what they are told of it.

#include "apps/event_horizon/messages.hpp"

#include <string>
#include <utility>
#include <vector>

namespace beamline::test {

using event_horizon::comment_answer;
using event_horizon::like_answer;

inline std::string text_of(const result<like_answer>& r) {
  return !r ? std::string{to_string(r.error().code)} : r->is_waiting ? "waiting" : r->is_sent ? "sent" : "counted";
}
inline std::string text_of(const result<comment_answer>& r) {
  return !r            ? std::string{to_string(r.error().code)}
       : r->is_waiting ? "waiting"
       : r->is_sent    ? "sent"
       : r->is_pending ? "pending"
                       : "shown";
}

/// Completions that write down what each is told.
struct noted {
  std::vector<std::string> all;
  auto note() {
    return [this](const auto& r) { all.push_back(text_of(r)); };
  }
};

inline event_horizon::comment_post remark(std::string visitor = "visitor_1") {
  return {.slug = "hello", .author = "Ann", .content = "Well said.", .visitor = std::move(visitor)};
}

}  // namespace beamline::test
