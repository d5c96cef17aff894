#include "pubsub/groups/wire.hpp"

namespace beamline::pubsub::groups {

namespace {

template <class M>
result<wire_group_message> decoded(std::string_view octets) {
  auto m = decode<M>(octets);
  if (!m)
    return m.error();
  return wire_group_message{std::move(*m)};
}

}  // namespace

bytes encode_group_message(const wire_group_message& m) {
  byte_writer out;
  out.u8(static_cast<std::uint8_t>(m.index() + 1));
  std::visit([&](const auto& content) { encode_to(out, content); }, m);
  return out.take();
}

result<wire_group_message> decode_group_message(std::string_view octets) {
  if (octets.empty())
    return error{errc::invalid, "an empty message of a scope of process groups"};
  auto kind = static_cast<std::uint8_t>(octets.front());
  octets.remove_prefix(1);
  switch (kind) {
    case 1: return decoded<wire_discover>(octets);
    case 2: return decoded<wire_sync>(octets);
    case 3: return decoded<wire_update>(octets);
    case 4: return decoded<wire_goodbye>(octets);
    default:
      return error{errc::unsupported, "a message of kind " + std::to_string(kind)
                                          + " of a scope of process groups; this release knows 1 to 4"};
  }
}

}  // namespace beamline::pubsub::groups
