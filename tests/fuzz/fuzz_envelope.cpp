#include "fuzz/targets.hpp"
#include "net/link/gate.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace beamline::fuzz {

namespace {

using namespace net;

constexpr std::uint64_t connection = 7;

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_envelope: not so: %s\n", what);
  std::abort();
}

/// The next envelope of the input: its length in two octets, then all of it, or what follows its head.
bytes next_envelope(std::string_view& rest, bool has_head, std::uint64_t number) {
  byte_writer w;
  if (!has_head) {
    w.u8(envelope_version);
    w.u64(connection);
    w.u64(number);
  }
  auto length =
      static_cast<std::size_t>((static_cast<unsigned char>(rest[0]) << 8) | static_cast<unsigned char>(rest[1]));
  rest.remove_prefix(2);
  auto body = rest.substr(0, length);
  rest.remove_prefix(body.size());
  w.raw(body);
  return w.take();
}

}  // namespace

/// An octet whose lowest bit says whether envelopes come with their heads, then envelopes: a gate receives them.
int fuzz_envelope(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  gate::limits l;
  l.message_octets_max = 100'000;
  gate g{connection, l};
  std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::uint64_t heard = 0, delivered = 0, messages = 0;
  bool is_over = false;
  for (std::uint64_t number = 0; rest.size() >= 2; ++number) {
    auto envelope = next_envelope(rest, (data[0] & 1U) != 0, number);
    heard += envelope.size();
    auto done = g.receive(envelope, [&](lane where, const link_message& m) {
      must(!is_over, "after a fault nothing is delivered");
      must(static_cast<std::size_t>(where) < lanes, "a lane");
      must(m.what == link_message::kind::service || m.what == link_message::kind::signal, "a kind");
      must(m.service.size() <= service_octets_max, "a service");
      delivered += m.service.size() + m.payload.size();
      ++messages;
    });
    must(!is_over || !done, "a fault lasts");
    must(done || !done.error().message.empty(), "a fault has a reason");
    is_over = !done;
    auto c = g.count();
    must(delivered + c.unfinished_octets <= heard, "nothing comes out that did not come in");
    must(c.messages_in == messages, "messages are counted");
    must(!is_over || c.unfinished_octets == 0, "after a fault nothing is kept");
  }
  must(g.take_credit() <= heard, "no credit for what was not heard");
  return 0;
}

}  // namespace beamline::fuzz
