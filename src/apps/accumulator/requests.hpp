#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What others ask for, as it comes from other nodes: decoded and checked. Pure.
namespace beamline::accumulator {

struct like {
  std::string slug{};
  std::string visitor{};  // Empty: `delta` counts, else `liked`.
  bool liked = true;
  std::int64_t delta = 0;
};
struct visits {
  metric::scope of = metric::scope::blog;
  std::string name{};
  std::vector<std::string> visitors{};  // Each once, sorted; none: one visit of somebody unknown.
};
struct new_comment {
  std::string slug{};
  std::string author{};
  std::string content{};
  uid parent{};  // Nil: none.
  std::string visitor{};
};

/// What an event asks for; everything in it is well-formed.
using wish = std::variant<like, visits, new_comment>;

struct request {
  wish what{};
  uid event_id{};  // Of a procedure's message; nil in other events, whose id travels outside.
};

/// Whether it could be the id of an event: of version 7, so that it says when it was made.
[[nodiscard]] bool is_event_id(const uid& id) noexcept;

/// Reads an event, or what a writing procedure was called with. Errors: `unsupported` for an unknown type, `invalid`
/// for octets that are no such message and for a field that cannot be, naming it, its value and what was expected.
[[nodiscard]] result<request> read_event(std::string_view type, std::string_view octets, std::size_t comment_bytes_max);

// Arguments of the other procedures. Errors: `invalid`, as above.
[[nodiscard]] result<get_blog_stats> read_get_blog_stats(std::string_view octets);
[[nodiscard]] result<get_liked> read_get_liked(std::string_view octets);
[[nodiscard]] result<metric> read_get_count(std::string_view octets);
[[nodiscard]] result<list_comments> read_list_comments(std::string_view octets);
[[nodiscard]] result<recent_comments> read_recent_comments(std::string_view octets);
[[nodiscard]] result<moderate_comment> read_moderate_comment(std::string_view octets);
[[nodiscard]] result<handle_buffered_event> read_batch(std::string_view octets);

}  // namespace beamline::accumulator
