#include "net/auth/recording.hpp"

#include "base/crypto.hpp"
#include "support/source_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

// The handshakes under tests/fuzz/corpus/handshake whose names begin with "complete" were recorded once. They have to
// succeed for ever: a node of this build and one of that build link (D18-D20), to the octet.

namespace beamline::net {

namespace {

namespace fs = std::filesystem;

struct recorded {
  std::string name;
  std::uint8_t flags = 0;
  std::vector<bytes> messages;
};

std::vector<recorded> complete_ones() {
  std::vector<recorded> out;
  for (const auto& one : fs::directory_iterator{testing::source_dir() / "tests/fuzz/corpus/handshake"}) {
    auto name = one.path().filename().string();
    if (!name.starts_with("complete"))
      continue;
    std::ifstream in{one.path(), std::ios::binary};
    bytes octets{std::istreambuf_iterator<char>{in}, {}};
    byte_reader r{octets};
    recorded x{name, r.u8(), {}};
    while (r.remaining() > 0) {
      auto length = r.u16();
      x.messages.emplace_back(r.raw(length));
    }
    REQUIRE(r.finish().ok());
    out.push_back(std::move(x));
  }
  std::ranges::sort(out, {}, &recorded::name);
  return out;
}

}  // namespace

TEST_CASE("a handshake recorded from either end by an earlier build succeeds with this one") {
  auto all = complete_ones();
  CHECK(all.size() >= 6);
  for (const auto& one : all) {
    CAPTURE(one.name);
    bool at_acceptor = (one.flags & recording::is_acceptor) != 0;
    auto keys = recording::keys();
    if ((one.flags & recording::uses_other_key) != 0)
      std::swap(keys.current, keys.others.front());
    handshake h{at_acceptor ? handshake::side::acceptor : handshake::side::dialler,
                recording::options_of(one.flags, at_acceptor, &keys)};
    (void)h.begin();
    bool is_done = false;
    for (const auto& m : one.messages) {
      auto step = h.receive(m);
      CHECK_FALSE(step.failed);
      is_done = step.is_done;
    }
    CHECK(is_done);
    CHECK(*h.peer() == (at_acceptor ? recording::dialler_card() : recording::acceptor_card()));
    CHECK(h.protocol() == (one.name.find("protocol-1") != std::string::npos ? 1 : 2));
    CHECK(h.key_id() == (one.name.find("other-key") != std::string::npos ? "0" : "1"));
  }
}

}  // namespace beamline::net
