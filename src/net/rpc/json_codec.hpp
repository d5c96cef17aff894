#pragma once

// Values of calls as JSON, by what a node says of its messages (descriptions.hpp): for people and scripts, who have no
// types.
//
//   bool, i, u, f64, string    as such; integers beyond 2^53 are exact, too
//   duration                   {"ms": 1500} or 1500, milliseconds, with decimals if need be
//   wall_time                  microseconds since 1970
//   uid, pid                   text, as everywhere; a pid can be shown and not given
//   optional<T>                null or T
//   list<T>, map<T>            array, object
//   a message                  an object. Fields at the end may be left out: they keep their defaults there
//   nothing                    null

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "net/rpc/descriptions.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net::rpc {

class json_codec {
public:
  // Messages within messages, lists within lists; deeper is refused.
  static constexpr std::size_t depth_max = 32;

  explicit json_codec(std::vector<message_description> messages);

  /// Errors: `invalid`, naming the field, what it is and what was expected; `unsupported` for a type nobody described.
  [[nodiscard]] result<bytes> encode(std::string_view type, const json& value) const;
  /// Errors: `invalid`, `too_large`, `unsupported`.
  [[nodiscard]] result<json> decode(std::string_view type, std::string_view octets) const;

private:
  struct writer;
  struct reader;

  std::map<std::string, message_description, std::less<>> messages_;
};

}  // namespace beamline::net::rpc
