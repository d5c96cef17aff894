#include "pubsub/presence/tracker/wire.hpp"

namespace beamline::presence {

namespace {

template <class M>
result<shard_frame> decoded(std::string_view octets) {
  auto m = decode<M>(octets);
  if (!m)
    return m.error();
  return shard_frame{std::move(*m)};
}

}  // namespace

bytes encode_frame(const shard_frame& f) {
  byte_writer out;
  out.u8(static_cast<std::uint8_t>(f.index() + 1));
  std::visit([&](const auto& content) { encode_to(out, content); }, f);
  return out.take();
}

result<shard_frame> decode_frame(std::string_view octets) {
  if (octets.empty())
    return error{errc::invalid, "an empty message of a presence shard"};
  auto kind = static_cast<std::uint8_t>(octets.front());
  octets.remove_prefix(1);
  switch (kind) {
    case 1: return decoded<wire_announce>(octets);
    case 2: return decoded<wire_beat>(octets);
    case 3: return decoded<wire_request>(octets);
    case 4: return decoded<wire_transfer>(octets);
    case 5: return decoded<wire_permdown>(octets);
    default:
      return error{errc::unsupported,
                   "a message of kind " + std::to_string(kind) + " of a presence shard; this release knows 1 to 5"};
  }
}

std::vector<wire_clock> to_wire(const clock_map& c) {
  std::vector<wire_clock> all;
  all.reserve(c.size());
  for (const auto& [r, counter] : c)
    all.push_back({r, counter});
  return all;
}

clock_map from_wire(const std::vector<wire_clock>& c) {
  clock_map all;
  for (const auto& w : c)
    all[w.replica] = w.counter;
  return all;
}

}  // namespace beamline::presence
