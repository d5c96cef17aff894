#include "actors/message_codec.hpp"

namespace beamline::detail {

void write_pid(byte_writer& out, const pid& p) {
  out.boolean(static_cast<bool>(p));
  if (!p)
    return;
  out.blob(p.node().name);
  out.varint(p.node().incarnation);
  out.varint(p.id());
  out.blob(p.name());
}

pid read_pid(byte_reader& in) {
  if (!in.boolean())
    return {};
  std::string node{in.blob(255)};
  auto incarnation = in.varint();
  auto id = in.varint();
  std::string name{in.blob(255)};
  if (node.empty() || (id == 0) == name.empty())
    in.fail(errc::invalid, "a pid needs a node and either an id or a name");
  auto identity = std::make_shared<const node_identity>(node_identity{std::move(node), incarnation});
  return id != 0 ? pid{std::move(identity), id} : pid{std::move(identity), std::move(name)};
}

}  // namespace beamline::detail
