#include "fuzz/targets.hpp"
#include "net/auth/recording.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace beamline::fuzz {

namespace {

using namespace net;

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_handshake: not so: %s\n", what);
  std::abort();
}

bool is_fit_for_a_log(const std::string& text) {
  return !text.empty() && text.size() <= 2048 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// An octet of flags, then messages with their length in two octets: one end of a handshake is fed with them.
struct input {
  std::string_view rest;

  bool next(std::string_view& message) {
    if (rest.size() < 2)
      return false;
    auto length =
        static_cast<std::size_t>((static_cast<unsigned char>(rest[0]) << 8) | static_cast<unsigned char>(rest[1]));
    rest.remove_prefix(2);
    message = rest.substr(0, std::min(length, rest.size()));
    rest.remove_prefix(message.size());
    return true;
  }
};

}  // namespace

int fuzz_handshake(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  auto flags = data[0];
  bool at_acceptor = (flags & recording::is_acceptor) != 0;
  auto keys = recording::keys();
  if ((flags & recording::uses_other_key) != 0)
    std::swap(keys.current, keys.others.front());
  handshake h{at_acceptor ? handshake::side::acceptor : handshake::side::dialler,
              recording::options_of(flags, at_acceptor, &keys)};
  (void)h.begin();
  input in{{reinterpret_cast<const char*>(data) + 1, size - 1}};
  bool is_over = false;
  std::size_t sent = 0;
  for (std::string_view message; in.next(message);) {
    auto step = h.receive(message);
    for (const auto& m : step.send)
      must(!m.empty() && m.size() <= handshake_octets_max, "what is sent is a message");
    sent += step.send.size();
    must(!(step.is_done && step.failed), "it is done or has failed");
    must(!is_over || (step.failed && step.send.empty()), "after the end there is nothing but failure");
    if (step.failed)
      must(is_fit_for_a_log(step.failed->detail), "the reason can be logged");
    if (step.is_done) {
      // Only the recorded peer has the key, and only verbatim messages of it pass.
      auto genuine = at_acceptor ? recording::dialler_card() : recording::acceptor_card();
      must(h.peer() != nullptr && *h.peer() == genuine, "nobody else gets in");
      must(!h.key_id().empty() && h.protocol() != 0, "a key and a protocol are known");
    }
    is_over = is_over || step.is_done || step.failed;
  }
  must(sent <= 2, "at most two answers");
  must(is_fit_for_a_log(h.hung_up().detail), "the reason can be logged");
  return 0;
}

}  // namespace beamline::fuzz
