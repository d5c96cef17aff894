#include "net/auth/admission.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace beamline::net {

std::string source_of(const std::string& address) {
  in6_addr parsed{};
  if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1 || IN6_IS_ADDR_LOOPBACK(&parsed))
    return address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
    inet_ntop(AF_INET, &parsed.s6_addr[12], text.data(), text.size());
    return text.data();
  }
  std::fill(std::begin(parsed.s6_addr) + 8, std::end(parsed.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &parsed, text.data(), text.size());
  return std::string{text.data()} + "/64";
}

duration admission::back_off(std::uint32_t steps_before) const {
  auto wait = limits_.back_off_min;
  for (std::uint32_t i = 0; i < steps_before && wait < limits_.back_off_max; ++i)
    wait *= 2;
  return std::min(wait, limits_.back_off_max);
}

admission::entry* admission::find(const std::string& address, time_point now) {
  auto found = addresses_.find(source_of(address));
  if (found == addresses_.end())
    return nullptr;
  auto& e = found->second;
  if (e.failures > 0 && now >= e.closed_until + 2 * limits_.back_off_max)
    e.failures = 0;
  if (e.lines > 0 && now >= e.silent_until + 2 * limits_.back_off_max)
    e.lines = 0;
  return &e;
}

admission::entry* admission::find_or_make(const std::string& address, time_point now) {
  if (auto* known = find(address, now))
    return known;
  if (addresses_.size() >= limits_.addresses_max) {
    // Those with open connections are needed for counting; there are at most connections_max of them.
    auto quiet = addresses_.end();
    for (auto it = addresses_.begin(); it != addresses_.end(); ++it)
      if (it->second.open == 0 && (quiet == addresses_.end() || it->second.last < quiet->second.last))
        quiet = it;
    if (quiet == addresses_.end())
      return nullptr;
    addresses_.erase(quiet);
  }
  return &addresses_[source_of(address)];
}

bool admission::is_closed(const std::string& address, time_point now) {
  const auto* known = find(address, now);
  return limits_.connections_per_address_max != 0 && known != nullptr && now < known->closed_until;
}

std::string_view admission::enter(const std::string& address, time_point now) {
  bool is_shared = limits_.connections_per_address_max == 0;
  const auto* known = find(address, now);
  if (is_closed(address, now))
    return "its address is made to wait after a failure";
  if (!is_shared && known != nullptr && known->open >= limits_.connections_per_address_max)
    return "too many connections of its address that have not authenticated";
  if (open_ >= limits_.connections_max)
    return "too many connections that have not authenticated";
  auto* e = find_or_make(address, now);
  if (e == nullptr)
    return "too many addresses with connections that have not authenticated";
  ++open_;
  ++e->open;
  e->last = now;
  return {};
}

void admission::left(const std::string& address, outcome how, time_point now) {
  auto* e = find(address, now);
  if (e == nullptr || e->open == 0)
    return;
  --open_;
  --e->open;
  e->last = now;
  if (how == outcome::failed) {
    if (now >= e->closed_until)
      e->closed_until = now + back_off(e->failures++);
    return;
  }
  // It has shown that whoever is there knows the cookie.
  if (how == outcome::authenticated)
    *e = {.open = e->open, .last = now};
  if (e->open == 0 && e->failures == 0 && e->lines == 0)
    addresses_.erase(source_of(address));
}

admission::log_decision admission::note_failure(const std::string& address, time_point now) {
  auto* e = find_or_make(address, now);
  if (e == nullptr)
    return {false, 0};
  e->last = now;
  if (now < e->silent_until) {
    ++e->silent;
    return {false, e->silent};
  }
  e->silent_until = now + back_off(e->lines++);
  auto before = e->silent;
  e->silent = 0;
  return {true, before};
}

}  // namespace beamline::net
