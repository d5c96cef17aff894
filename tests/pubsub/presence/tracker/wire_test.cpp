#include "pubsub/presence/tracker/wire.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::presence;

TEST_CASE("every kind of frame is read back, an unknown kind is not supported") {
  wire_beat b;
  b.replica = {"a@sim", 7};
  b.clocks = to_wire({{{"a@sim", 7}, 3}, {{"b@sim", 1}, 4}});
  b.delta = "x";
  b.digest = 9;
  auto read = decode_frame(encode_frame(b));
  REQUIRE(read.ok());
  const auto& back = std::get<wire_beat>(*read);
  CHECK(back.replica == b.replica);
  CHECK(from_wire(back.clocks) == from_wire(b.clocks));
  CHECK(back.delta == "x");
  CHECK(back.digest == 9);
  for (const shard_frame& f :
       std::vector<shard_frame>{wire_announce{}, wire_request{}, wire_transfer{}, wire_permdown{}})
    CHECK(decode_frame(encode_frame(f))->index() == f.index());
  CHECK(decode_frame("").error().code == errc::invalid);
  CHECK(decode_frame("\x09").error().code == errc::unsupported);
}
