#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "web/response.hpp"

#include <string>
#include <string_view>

namespace beamline::web {

/// How an answer leaves on this connection.
struct answer_framing {
  bool keep_alive = true;
  bool head_only = false;     // The request was HEAD: no body, but its length.
  bool without_body = false;  // The status forbids a body; set by `write_head`.
};

/// Status line and fields of an answer. Adds `date`, `content-length`, `connection` and the default headers the
/// answer leaves open. Refuses fields that would break the framing: names that are not tokens, values with line
/// ends or NUL, and `content-length`, `transfer-encoding`, `connection` from the program.
[[nodiscard]] result<std::string> write_head(const response& res, answer_framing& how, std::string_view date);

/// `Tue, 15 Nov 1994 08:12:31 GMT`.
[[nodiscard]] std::string http_date(wall_time when);

}  // namespace beamline::web
