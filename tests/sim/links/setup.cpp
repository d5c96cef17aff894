#include "sim/links/setup.hpp"

namespace beamline::linked {

namespace {

constexpr std::string_view last_node = "c@sim";

net::keyring keys_of(cookies which, bool is_last) {
  net::keyring k;
  k.current = {"2", "the cookie of this run of nodes"};
  if (which == cookies::rotated) {
    const net::auth_key previous{"1", "the cookie before that one"};
    k.others.push_back(is_last ? k.current : previous);
    if (is_last)
      k.current = previous;
  } else if (which == cookies::wrong && is_last) {
    k.current.secret = "some cookie of somebody else";
  }
  return k;
}

}  // namespace

cookies cookies_of(std::uint64_t seed) {
  switch (seed % 8) {
    case 3: return cookies::wrong;
    case 6: return cookies::rotated;
    default: return cookies::same;
  }
}

bool is_outcast(std::uint64_t seed, std::string_view node) {
  return cookies_of(seed) == cookies::wrong && node == last_node;
}

bool may_be_linked(std::uint64_t seed, std::string_view one, std::string_view other) {
  return one != other && !is_outcast(seed, one) && !is_outcast(seed, other);
}

testing::simulated_links_options options_of(std::uint64_t seed, std::string_view node) {
  testing::simulated_links_options o;
  o.links.keys = keys_of(cookies_of(seed), node == last_node);
  // The slowest climates need a quarter of a second for a handshake. And what is healed must be linked again soon,
  // whatever failed before.
  o.links.setup_time = 600ms;
  o.links.strangers.back_off_min = 20ms;
  o.links.strangers.back_off_max = 320ms;
  if (seed % 3 == 0) {  // What is said goes in pieces, and waits for credit.
    o.links.lanes.window_octets = 8U << 10;
    o.links.lanes.envelope_octets_max = 1U << 10;
  }
  return o;
}

}  // namespace beamline::linked
