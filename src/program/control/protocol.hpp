#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lines of the control socket, each one JSON value and a newline, at most `request_bytes_max` long.
///
///   client ──▶ {"version":1,"verb":"info","positional":["web/sessions"],"arguments":{},"timeout_ms":5000}
///          ◀── {"item":…}                      any number, of verbs that stream
///          ◀── {"alive":true}                  every `alive_interval` until the answer
///          ◀── {"ok":true,"result":…,"version":1}                                      or
///          ◀── {"ok":false,"error":{"code":"not_found","message":…,"details":…},"version":1}
///
/// Only "verb" is needed. Requests of one connection are answered one after another, in order. "node" may name the node
/// that is meant; another one refuses. Unknown members are refused, so that nobody believes in an option that this
/// version does not have.
namespace beamline::program::control {

inline constexpr int protocol_version = 1;

struct request {
  std::string verb{};
  std::vector<std::string> positional{};
  json arguments = json::object();
  std::optional<duration> timeout{};
  std::string node{};  // Empty: whoever it is.
};

/// Reads a request. Errors: `invalid`, `too_large`, or `unsupported` for a later version; each says what to do.
[[nodiscard]] result<request> parse_request(std::string_view line);
[[nodiscard]] std::string encode(const request& r);

[[nodiscard]] std::string encode_item(const json& value);
[[nodiscard]] std::string encode_alive();
/// `dropped` items of the stream never reached the client; told only if there are some.
[[nodiscard]] std::string encode_result(const json& value, std::uint64_t dropped = 0);
/// `details` null: none.
[[nodiscard]] std::string encode_error(const error& e, const json& details = nullptr);

/// A failed answer as the client sees it.
struct failure {
  std::string code;
  std::string message;
  json details;  // Null: none.
};

/// One line from a node.
struct reply {
  enum class kind { item, alive, result, failure };
  kind what = kind::alive;
  json value{};      // Of an item or a result.
  failure failed{};  // Of a failure.
  std::uint64_t dropped = 0;
};

/// Reads a line of an answer; `corrupt` if it is none, `unsupported` if it is of a later version.
[[nodiscard]] result<reply> parse_reply(std::string_view line);

/// `text` in quotes, cut at `shown_bytes_max`, safe for a terminal.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace beamline::program::control
