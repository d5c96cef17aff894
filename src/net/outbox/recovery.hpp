#pragma once

#include "base/result.hpp"
#include "net/outbox/entry.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What an outbox accepted and could not keep: written down for people, to be imported when they have seen to it.
///
/// One event per line, as JSON:
///   {"id":"0192…","type":"add_comment","key":"hello","at":1700000000000000,"merged":1,"payload":"<base64url>","why":"…"}
/// `at` is in microseconds since 1970, before 2200; `why` and `merged` are for the reader.
namespace beamline::net::outbox {

/// The port to that file. Thread-safe; does not block.
class recovery {
public:
  virtual ~recovery() = default;
  /// Appends these lines, each ending with a line feed; `done` is called once, on any thread, when they are on the disk
  /// or with why they are not.
  virtual void append(std::string lines, std::function<void(result<void>)> done) = 0;
};

// A longer line is no event.
inline constexpr std::size_t recovery_line_bytes_max = 2 * payload_bytes_max + 4096;

/// One event, with the line feed.
[[nodiscard]] std::string recovery_line(const row& r, std::string_view why);
/// Error: `invalid`, says what is wrong with it.
[[nodiscard]] result<event> parse_recovery_line(std::string_view line);

/// A whole file. Lines that are no events are told by number; empty ones are skipped.
struct recovered {
  std::vector<event> events;
  std::vector<std::string> problems;  // `line 7: …`
};
[[nodiscard]] recovered parse_recovery_file(std::string_view text);

}  // namespace beamline::net::outbox
