#pragma once

#include "base/limiter.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace beamline::event_horizon {

/// Bounds how often one kind of thing may be done: by one visitor, and from one address. A visitor is a cookie, and who
/// throws it away is a new one; an address cannot be thrown away so easily, but many visitors may share it. So what an
/// address may do is a multiple of what a visitor may. Pure; belongs to one process.
class write_limit {
public:
  struct options {
    std::size_t per_visitor = 60;  // In a minute, each.
    std::size_t per_address = 300;
    // Of each kind of key; of more the longest idle one starts anew.
    std::size_t keys_max = 20'000;
  };
  enum class verdict : std::uint8_t { ok, too_many_of_visitor, too_many_of_address };

  explicit write_limit(const options& o);

  /// Takes one for both, or for none. An IPv6 address counts by its /64, which is what one customer has at least. An
  /// empty one is not known, and not limited.
  [[nodiscard]] verdict take(const std::string& visitor, const std::string& address, wall_time at);
  /// Nothing was done after all.
  void give_back(const std::string& visitor, const std::string& address);

private:
  limiter visitors_;
  limiter addresses_;
};

}  // namespace beamline::event_horizon
