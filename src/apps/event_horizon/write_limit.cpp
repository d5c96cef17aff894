#include "apps/event_horizon/write_limit.hpp"

#include "net/auth/admission.hpp"

namespace beamline::event_horizon {

write_limit::write_limit(const options& o)
    : visitors_{{static_cast<double>(o.per_visitor), o.keys_max}},
      addresses_{{static_cast<double>(o.per_address), o.keys_max}} {}

write_limit::verdict write_limit::take(const std::string& visitor, const std::string& address, wall_time at) {
  if (!visitors_.take(visitor, at))
    return verdict::too_many_of_visitor;
  if (address.empty() || addresses_.take(net::source_of(address), at))
    return verdict::ok;
  visitors_.give_back(visitor);
  return verdict::too_many_of_address;
}

void write_limit::give_back(const std::string& visitor, const std::string& address) {
  visitors_.give_back(visitor);
  if (!address.empty())
    addresses_.give_back(net::source_of(address));
}

}  // namespace beamline::event_horizon
