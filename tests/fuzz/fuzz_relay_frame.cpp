#include "fuzz/targets.hpp"
#include "net/link/relay_frame.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace beamline::fuzz {

namespace {

using namespace net;

struct outcome {
  bytes frames;  // Written again.
  std::optional<error> fault;
  friend bool operator==(const outcome&, const outcome&) = default;
};

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_relay_frame: not so: %s\n", what);
  std::abort();
}

outcome read_all(std::string_view octets, std::size_t piece, bool is_authenticated) {
  relay_frame_reader reader;
  if (is_authenticated)
    reader.allow_all();
  outcome o;
  for (; !octets.empty() && !o.fault; octets.remove_prefix(std::min(piece, octets.size()))) {
    reader.feed(octets.substr(0, piece));
    for (;;) {
      auto frame = reader.next();
      if (!frame)
        o.fault = frame.error();
      if (!frame || !*frame)
        break;
      must(!(*frame)->body.empty() && (*frame)->body.size() <= relay_frame_octets_max, "a body has a length in bounds");
      must(((*frame)->kind == frame_kind::handshake) != is_authenticated, "a kind is at its place");
      append_relay_frame(o.frames, (*frame)->kind, (*frame)->body);
    }
  }
  if (o.fault) {
    reader.feed("more");
    auto again = reader.next();
    must(!again && again.error() == *o.fault, "after a fault nothing is read");
  }
  return o;
}

}  // namespace

/// An octet whose lowest bit says whether the handshake is done, the others in which pieces the rest comes.
int fuzz_relay_frame(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  auto is_authenticated = (data[0] & 1U) != 0;
  std::string_view octets{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = read_all(octets, octets.size() + 1, is_authenticated);
  must(octets.starts_with(whole.frames), "frames are written as they were read");
  must(read_all(octets, 1 + (data[0] >> 1U), is_authenticated) == whole, "pieces make no difference");
  return 0;
}

}  // namespace beamline::fuzz
