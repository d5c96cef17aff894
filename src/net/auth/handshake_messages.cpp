#include "net/auth/handshake_messages.hpp"

#include "actors/message_codec.hpp"
#include "base/crypto.hpp"
#include "base/node_name.hpp"
#include "net/auth/handshake.hpp"

#include <algorithm>

namespace beamline::net::messages {

namespace {

std::string_view word_of(tag t) {
  switch (t) {
    case tag::hello: return "hello";
    case tag::challenge: return "challenge";
    case tag::dialler_proof: return "the dialler's proof";
    case tag::acceptor_proof: return "the acceptor's proof";
    case tag::go: return "go";
  }
  return "nothing";
}

error invalid(std::string text) { return {errc::invalid, std::move(text)}; }

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

result<void> check_text(std::string_view what, std::string_view text, std::size_t octets_max) {
  if (text.size() > octets_max)
    return error{errc::too_large, std::string{what} + " has " + std::to_string(text.size()) + " octets, at most "
                                      + std::to_string(octets_max) + " are allowed"};
  if (!is_printable(text))
    return invalid(std::string{what} + " has characters other than printable ASCII");
  return {};
}

template <class Message>
bytes write_tagged(tag which, const Message& m) {
  byte_writer out;
  out.u8(static_cast<std::uint8_t>(which));
  encode_to(out, m);
  return out.take();
}

template <class Message>
result<Message> read_tagged(tag which, std::string_view octets) {
  if (octets.size() > handshake_octets_max)
    return error{errc::too_large, "a handshake message of " + std::to_string(octets.size()) + " octets, at most "
                                      + std::to_string(handshake_octets_max) + " are allowed"};
  if (octets.empty())
    return invalid("an empty handshake message");
  auto got = static_cast<std::uint8_t>(octets.front());
  if (got != static_cast<std::uint8_t>(which))
    return invalid("expected " + std::string{word_of(which)} + ", got message " + std::to_string(got));
  return decode<Message>(octets.substr(1));
}

result<void> check_nonce(std::string_view nonce) {
  if (nonce.size() != nonce_octets)
    return invalid("the nonce has " + std::to_string(nonce.size()) + " octets, not " + std::to_string(nonce_octets));
  return {};
}

}  // namespace

card to_message(const node_card& c) {
  return {c.identity.name, c.identity.incarnation, c.role, c.version, c.cluster, c.endpoint, c.is_hidden,
          c.tick_time,     c.contract_hash};
}

node_card from_message(const card& c) {
  return {{c.name, c.incarnation}, c.role, c.version, c.cluster, c.endpoint, c.is_hidden, c.tick_time, c.contract_hash};
}

bytes write(const hello& m) { return write_tagged(tag::hello, m); }

bytes write(const challenge& m) { return write_tagged(tag::challenge, m); }

bytes write(tag which, const proof& m) { return write_tagged(which, m); }

result<void> check(const card& c) {
  // First, since what is wrong with a name is said with the name.
  if (auto ok = check_text("the node name", c.name, node_name_bytes_max); !ok)
    return ok;
  auto name = node_name::parse(c.name);
  if (!name)
    return invalid("the node name is none: " + name.error().message);
  if (name->text() != c.name)
    return invalid("the node name " + c.name + " is not in its canonical form " + name->text());
  if (c.incarnation == 0)
    return invalid("the incarnation of " + c.name + " is 0");
  if (c.tick_time <= duration::zero() || c.tick_time > tick_time_max)
    return invalid("the tick time of " + c.name + " is not between 0 and a day");
  for (const auto& [what, text] :
       {std::pair{"the role", &c.role}, std::pair{"the version", &c.version}, std::pair{"the cluster", &c.cluster}})
    if (auto ok = check_text(what, *text, word_octets_max); !ok)
      return ok;
  return check_text("the endpoint", c.endpoint, endpoint_octets_max);
}

result<hello> read_hello(std::string_view octets) {
  auto m = read_tagged<hello>(tag::hello, octets);
  if (!m)
    return m;
  if (m->what != magic)
    return invalid("the hello is not of a beamline node");
  if (m->protocol_min == 0 || m->protocol_min > m->protocol_max)
    return invalid("the hello offers link protocols " + std::to_string(m->protocol_min) + " to "
                   + std::to_string(m->protocol_max));
  if (auto ok = check(m->from); !ok)
    return ok.error();
  if (auto ok = check_nonce(m->nonce); !ok)
    return ok.error();
  return m;
}

result<challenge> read_challenge(std::string_view octets) {
  auto m = read_tagged<challenge>(tag::challenge, octets);
  if (!m)
    return m;
  if (auto ok = check(m->from); !ok)
    return ok.error();
  if (auto ok = check_nonce(m->nonce); !ok)
    return ok.error();
  return m;
}

result<proof> read_proof(tag which, std::string_view octets) {
  auto m = read_tagged<proof>(which, octets);
  if (!m)
    return m;
  if (auto ok = check_text("the key id", m->key_id, word_octets_max); !ok)
    return ok.error();
  if (m->mac.size() != sha256_octets)
    return invalid("the proof has " + std::to_string(m->mac.size()) + " octets, not " + std::to_string(sha256_octets));
  return m;
}

}  // namespace beamline::net::messages
