#pragma once

#include "web/options.hpp"
#include "web/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace beamline::web {

// Empty lines before a request line that are forgiven, as RFC 9112 asks for.
inline constexpr std::size_t leading_empty_lines_max = 2;

// A line between chunks of a body (size, extensions, trailer) longer than this is refused (400).
inline constexpr std::size_t chunk_line_bytes_max = 4096;

/// Turns the octets of one connection into requests. Pure: knows no sockets.
///
/// Beast's parser knows the grammar; this class adds what it is lenient about (each of these smuggles a request
/// past somebody): bare line feeds, folded lines, repeated Content-Length or Host, Content-Length beside
/// Transfer-Encoding, codings other than `chunked`. Memory: the octets appended and not yet used, and the
/// request being read; both bounded by the limits in `web_options`.
class http_reader {
public:
  /// `limits` must outlive the reader.
  explicit http_reader(const web_options& limits);
  ~http_reader();

  enum class state {
    idle,      // Nothing of the next request has come.
    head,      // Request line and fields are coming.
    body,      // The fields are complete and checked, the body is coming.
    complete,  // `take` the request.
    failed,    // Answer with `failure()` and close.
  };
  struct refusal {
    int status = 400;
    std::string detail;
  };

  /// Adds octets from the peer.
  void append(std::string_view octets);
  /// Reads on as far as possible.
  state advance();

  /// The request, when complete; also as far as known when failed (for its `accept` field). The reader then
  /// starts with the next one, whose octets may be there already.
  [[nodiscard]] request take();
  [[nodiscard]] const refusal& failure() const { return refusal_; }
  /// In `body`: the client waits for `100 Continue` before it sends the body. True once per request.
  [[nodiscard]] bool wants_continue();
  /// Whether octets were appended that no request has used.
  [[nodiscard]] bool has_input() const { return used_ < input_.size(); }
  /// Those octets; for the protocol the connection is upgraded to.
  [[nodiscard]] std::string take_input() { return input_.substr(used_); }

private:
  class parser;

  state fail(int status, std::string detail);
  state read_head();
  state read_body();
  [[nodiscard]] bool scan_head();
  [[nodiscard]] bool check_fields();
  [[nodiscard]] bool check_framing();
  [[nodiscard]] bool check_host();
  void forget_used();

  const web_options& limits_;
  state state_ = state::idle;
  refusal refusal_;
  std::string input_;
  std::size_t used_ = 0;     // Octets at the front of `input_` that are done with.
  std::size_t scanned_ = 0;  // Where the search for the end of the fields goes on.
  std::size_t line_ = 0;     // Where the line being scanned starts.
  std::size_t lines_ = 0;
  std::size_t empty_lines_ = 0;
  bool wants_continue_ = false;
  std::unique_ptr<parser> parser_;  // While a request is being read.
  request request_;
};

}  // namespace beamline::web
