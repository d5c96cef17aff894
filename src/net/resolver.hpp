#pragma once

#include "base/result.hpp"
#include "net/byte_stream.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net {

enum class dns_record : std::uint8_t {
  address,  // A and AAAA: the port of the answer is 0.
  service,  // SRV: host names with their ports.
};

/// What a name stands for. A and AAAA are two questions: one of them may bring addresses and the other one nothing at
/// all, not even that there are none. Then there may be more.
struct name_answer : std::vector<endpoint> {
  name_answer() = default;
  name_answer(std::vector<endpoint> all) : vector{std::move(all)} {}

  bool lacks_a = false;
  bool lacks_aaaa = false;
  std::string why{};  // It lacks something.
};

/// Asks for names. Asynchronous; the same rules as byte_stream for threads and completions.
///
/// Errors: `not_found` (there is no such name: an answer), `unavailable` (nobody answered, or nonsense: says nothing
/// about the name, D188).
class resolver {
public:
  using on_answer = std::function<void(result<name_answer>)>;

  virtual ~resolver() = default;
  virtual void resolve(dns_record what, const std::string& name, on_answer done) = 0;
};

}  // namespace beamline::net
