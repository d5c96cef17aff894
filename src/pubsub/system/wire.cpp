#include "pubsub/system/wire.hpp"

namespace beamline::pubsub {

namespace {

template <class M>
result<wire_values_message> decoded(std::string_view octets) {
  auto m = decode<M>(octets);
  if (!m)
    return m.error();
  return wire_values_message{std::move(*m)};
}

}  // namespace

std::uint64_t sender_of_broadcast(std::string_view octets) {
  byte_reader in{octets};
  (void)in.varint();  // The version of the message ...
  (void)in.varint();  // ... and how many fields it has.
  byte_reader field{in.blob(in.remaining())};
  auto sender = field.varint();
  return in.ok() && field.ok() ? sender : 0;
}

bytes encode_values_message(const wire_values_message& m) {
  byte_writer out;
  out.u8(static_cast<std::uint8_t>(m.index() + 1));
  std::visit([&](const auto& content) { encode_to(out, content); }, m);
  return out.take();
}

result<wire_values_message> decode_values_message(std::string_view octets) {
  if (octets.empty())
    return error{errc::invalid, "an empty message about last values"};
  auto kind = static_cast<std::uint8_t>(octets.front());
  octets.remove_prefix(1);
  switch (kind) {
    case 1: return decoded<wire_values>(octets);
    case 2: return decoded<wire_digest>(octets);
    default:
      return error{errc::unsupported,
                   "a message of kind " + std::to_string(kind) + " about last values; this release knows 1 and 2"};
  }
}

}  // namespace beamline::pubsub
