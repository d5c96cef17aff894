#include "net/auth/handshake.hpp"

#include "base/crypto.hpp"
#include "base/planted.hpp"
#include "net/auth/handshake_messages.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::net {

namespace {

using kind = handshake_failure::kind;

bool goes_on(verdict v) { return v == verdict::ok || v == verdict::ok_simultaneous || v == verdict::alive; }

std::optional<verdict> known_verdict(std::uint32_t number) {
  if (number < static_cast<std::uint32_t>(verdict::ok) || number > static_cast<std::uint32_t>(verdict::unsupported))
    return std::nullopt;
  return static_cast<verdict>(number);
}

/// Why it is refused, for people, as far as it can be said without knowing the judge's reasons.
std::string_view meaning(verdict v) {
  switch (v) {
    case verdict::ok:
    case verdict::ok_simultaneous: return "it may come";
    case verdict::nok: return "both dialled at once, and the other attempt goes on";
    case verdict::alive: return "a link of this run of it is up already";
    case verdict::not_allowed: return "it is not allowed (cluster.allow, cluster.id, cluster.peers_max, or banned)";
    case verdict::stale_incarnation: return "a newer run of that name has been seen";
    case verdict::self: return "it is the very same node";
    case verdict::unsupported: return "there is no link protocol in common; upgrade the older one step by step";
  }
  return "an unknown verdict";
}

std::string range_text(std::uint32_t min, std::uint32_t max) {
  return min == max ? std::to_string(min) : std::to_string(min) + " to " + std::to_string(max);
}

// Messages 3 to 5 differ by label, so that none can be sent back at its maker (D20).
bytes mac_of_dialler(std::string_view secret, std::string_view transcript, std::string_view key_id) {
  return hmac_sha256(secret, "A" + bytes{transcript} + bytes{key_id});
}
bytes mac_of_acceptor(std::string_view secret, std::string_view transcript, std::string_view dialler_mac) {
  return hmac_sha256(secret, "B" + bytes{transcript} + bytes{dialler_mac});
}
bytes mac_of_go(std::string_view secret, std::string_view transcript, std::string_view acceptor_mac) {
  return hmac_sha256(secret, "C" + bytes{transcript} + bytes{acceptor_mac});
}

/// In constant time.
bool is_proof(std::string_view mac, std::string_view expected) {
  return constant_time_equal(mac, expected) || planted::is_on(planted::bug::unproven_welcome);
}

}  // namespace

std::string_view to_string(verdict v) noexcept {
  switch (v) {
    case verdict::ok: return "ok";
    case verdict::ok_simultaneous: return "ok_simultaneous";
    case verdict::nok: return "nok";
    case verdict::alive: return "alive";
    case verdict::not_allowed: return "not_allowed";
    case verdict::stale_incarnation: return "stale_incarnation";
    case verdict::self: return "self";
    case verdict::unsupported: return "unsupported";
  }
  return "unknown";
}

bool certificate_names_node(const std::vector<std::string>& names, const node_card& card) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name == "beamline://node/" + card.identity.name
        || (!card.role.empty() && name == "beamline://role/" + card.role);
  });
}

result<void> check(const node_card& card) { return messages::check(messages::to_message(card)); }

struct handshake::state {
  enum class phase : std::uint8_t { unbegun, hello, challenge, dialler_proof, acceptor_proof, go, over };

  side at;
  options o;
  phase awaits = phase::unbegun;
  bytes hello{}, challenge{};  // Verbatim.
  std::optional<node_card> peer{};
  verdict said = verdict::ok;
  std::uint32_t protocol = 0;
  std::string key_id{};
  bytes secret{}, transcript{}, last_mac{};

  step fail(kind what, std::string detail, std::optional<verdict> told = std::nullopt) {
    awaits = phase::over;
    return {{}, false, handshake_failure{what, told, std::move(detail)}};
  }
  step malformed(const error& e) { return fail(kind::malformed, e.message); }

  [[nodiscard]] const std::string& name() const { return peer->identity.name; }
  [[nodiscard]] bool is_named_by_certificate() const {
    return !o.is_certified || certificate_names_node(o.certificate_names, *peer);
  }

  void make_transcript() {
    byte_writer both;
    both.blob(hello);
    both.blob(challenge);
    both.blob(o.channel_binding);
    transcript = sha256(both.written());
  }

  struct judgement {
    verdict what;
    std::string why;
  };
  judgement judge_claim(std::uint32_t their_min, std::uint32_t their_max);
  step receive_hello(std::string_view message);
  step receive_dialler_proof(std::string_view message);
  step receive_go(std::string_view message);

  std::optional<step> objection_to_acceptor();
  step receive_challenge(std::string_view message);
  step receive_acceptor_proof(std::string_view message);
};

// -- acceptor -----------------------------------------------------------------------------

handshake::state::judgement handshake::state::judge_claim(std::uint32_t their_min, std::uint32_t their_max) {
  auto greatest = std::min(their_max, o.protocol_max);
  if (greatest < std::max(their_min, o.protocol_min))
    return {verdict::unsupported, "it speaks link protocol " + range_text(their_min, their_max) + ", this node "
                                      + range_text(o.protocol_min, o.protocol_max)};
  protocol = greatest;
  if (peer->cluster != o.self.cluster)
    return {verdict::not_allowed,
            "it belongs to cluster \"" + peer->cluster + "\", this node to \"" + o.self.cluster + "\" (cluster.id)"};
  if (peer->identity == o.self.identity)
    return {verdict::self, "this node has dialled itself"};
  if (name() == o.self.identity.name)
    return {verdict::not_allowed, "it has this node's own name; give each node a name of its own (node.name)"};
  if (!is_named_by_certificate())
    return {verdict::not_allowed, "its certificate is for other nodes; it needs the URI name beamline://node/" + name()
                                      + " or beamline://role/" + peer->role};
  auto said_here = o.judge ? o.judge(*peer, verdict::ok) : verdict::ok;
  return {said_here, std::string{meaning(said_here)}};
}

handshake::step handshake::state::receive_hello(std::string_view message) {
  auto m = messages::read_hello(message);
  if (!m)
    return malformed(m.error());
  hello = bytes{message};
  peer = messages::from_message(m->from);
  auto judged = judge_claim(m->protocol_min, m->protocol_max);
  said = judged.what;
  if (!goes_on(said))
    protocol = 0;
  challenge = messages::write(
      messages::challenge{static_cast<std::uint32_t>(said), protocol, messages::to_message(o.self), o.nonce});
  step out;
  if (!goes_on(said))
    out = fail(kind::unacceptable, "refused " + name() + ": " + judged.why, said);
  else
    awaits = phase::dialler_proof;
  out.send.push_back(challenge);
  return out;
}

handshake::step handshake::state::receive_dialler_proof(std::string_view message) {
  auto m = messages::read_proof(messages::tag::dialler_proof, message);
  if (!m)
    return malformed(m.error());
  make_transcript();
  const auto* key = o.keys->find(m->key_id, name());
  // Whoever does not have a key that counts meets one that nobody has: same step, same time, same silence (D21).
  auto decoy = hmac_sha256(o.keys->current.secret, "decoy" + o.nonce);
  secret = key == nullptr ? decoy : key->secret;
  bool is_right = is_proof(m->mac, mac_of_dialler(secret, transcript, m->key_id));
  if (!is_right || key == nullptr)
    return fail(kind::unproven, name() + " could not prove that it knows the cookie: it used key id \"" + m->key_id
                                    + (key == nullptr ? "\", which does not count here with that node (accepted: "
                                                            + o.keys->ids_for(name()) + ")"
                                                      : "\" with another secret")
                                    + "; give both nodes the same cookie");
  key_id = m->key_id;
  last_mac = mac_of_acceptor(secret, transcript, m->mac);
  awaits = phase::go;
  return {{messages::write(messages::tag::acceptor_proof, {key_id, last_mac})}, false, std::nullopt};
}

handshake::step handshake::state::receive_go(std::string_view message) {
  auto m = messages::read_proof(messages::tag::go, message);
  if (!m)
    return malformed(m.error());
  if (m->key_id != key_id || !is_proof(m->mac, mac_of_go(secret, transcript, last_mac)))
    return fail(kind::unproven, "the last message of " + name() + " is not its own; something on the way changes it");
  awaits = phase::over;
  return {{}, true, std::nullopt};
}

// -- dialler ------------------------------------------------------------------------------

std::optional<handshake::step> handshake::state::objection_to_acceptor() {
  if (peer->identity == o.self.identity)
    return fail(kind::refused, "this node has dialled itself", verdict::self);
  if (name() == o.self.identity.name)
    return fail(kind::unacceptable, "there is another node of this node's own name " + name()
                                        + "; give each node a name of its own (node.name)");
  if (!o.expected_name.empty() && name() != o.expected_name)
    return fail(kind::unacceptable, "expected " + o.expected_name + " there, but it is " + name());
  if (!o.expected_role.empty() && peer->role != o.expected_role)
    return fail(kind::unacceptable,
                "expected a node of role " + o.expected_role + " there, but " + name() + " has role " + peer->role);
  if (peer->cluster != o.self.cluster)
    return fail(kind::unacceptable, name() + " belongs to cluster \"" + peer->cluster + "\", this node to \""
                                        + o.self.cluster + "\" (cluster.id)");
  if (!is_named_by_certificate())
    return fail(kind::unacceptable, "the certificate of " + name() + " is for other nodes; it needs the URI name "
                                        + "beamline://node/" + name() + " or beamline://role/" + peer->role);
  if (auto judged = o.judge ? o.judge(*peer, said) : verdict::ok; judged != verdict::ok)
    return fail(kind::unacceptable, "turned " + name() + " down: " + std::string{meaning(judged)}, judged);
  return std::nullopt;
}

handshake::step handshake::state::receive_challenge(std::string_view message) {
  auto m = messages::read_challenge(message);
  if (!m)
    return malformed(m.error());
  challenge = bytes{message};
  peer = messages::from_message(m->from);
  auto told = known_verdict(m->verdict);
  if (!told)
    return fail(kind::refused,
                name() + " answered with verdict " + std::to_string(m->verdict) + ", which this build does not know");
  said = *told;
  if (!goes_on(said))
    return fail(kind::refused,
                name() + " refused this node: " + std::string{to_string(said)} + ", " + std::string{meaning(said)},
                said);
  if (m->protocol < o.protocol_min || m->protocol > o.protocol_max)
    return fail(kind::malformed, name() + " chose link protocol " + std::to_string(m->protocol) + ", offered were "
                                     + range_text(o.protocol_min, o.protocol_max));
  if (auto objection = objection_to_acceptor())
    return *objection;
  protocol = m->protocol;
  make_transcript();
  const auto& key = o.keys->to_prove_to(name());
  secret = key.secret;
  key_id = key.id;
  last_mac = mac_of_dialler(secret, transcript, key_id);
  awaits = phase::acceptor_proof;
  return {{messages::write(messages::tag::dialler_proof, {key_id, last_mac})}, false, std::nullopt};
}

handshake::step handshake::state::receive_acceptor_proof(std::string_view message) {
  auto m = messages::read_proof(messages::tag::acceptor_proof, message);
  if (!m)
    return malformed(m.error());
  if (m->key_id != key_id || !is_proof(m->mac, mac_of_acceptor(secret, transcript, last_mac)))
    return fail(kind::unproven, name() + " could not prove that it knows the cookie of key id \"" + key_id
                                    + "\"; this may be an impostor");
  awaits = phase::over;
  return {{messages::write(messages::tag::go, {key_id, mac_of_go(secret, transcript, m->mac)})}, true, std::nullopt};
}

// -- both ---------------------------------------------------------------------------------

handshake::handshake(side s, options o) : state_{std::make_unique<state>(state{s, std::move(o)})} {
  const auto& given = state_->o;
  if (given.keys == nullptr)
    throw std::logic_error{"a handshake needs keys"};
  given.keys->check().value();
  check(given.self).value();
  if (given.nonce.size() != messages::nonce_octets)
    throw std::logic_error{"a handshake needs a nonce of " + std::to_string(messages::nonce_octets) + " octets, not "
                           + std::to_string(given.nonce.size())};
}

handshake::~handshake() = default;
handshake::handshake(handshake&&) noexcept = default;
handshake& handshake::operator=(handshake&&) noexcept = default;

std::vector<bytes> handshake::begin() {
  auto& s = *state_;
  if (s.awaits != state::phase::unbegun)
    return {};
  if (s.at == side::acceptor) {
    s.awaits = state::phase::hello;
    return {};
  }
  s.awaits = state::phase::challenge;
  s.hello = messages::write(messages::hello{std::string{messages::magic}, s.o.protocol_min, s.o.protocol_max,
                                            messages::to_message(s.o.self), s.o.nonce});
  return {s.hello};
}

handshake::step handshake::receive(std::string_view message) {
  auto& s = *state_;
  switch (s.awaits) {
    case state::phase::hello: return s.receive_hello(message);
    case state::phase::challenge: return s.receive_challenge(message);
    case state::phase::dialler_proof: return s.receive_dialler_proof(message);
    case state::phase::acceptor_proof: return s.receive_acceptor_proof(message);
    case state::phase::go: return s.receive_go(message);
    case state::phase::unbegun: return s.fail(kind::malformed, "a handshake message before the handshake began");
    case state::phase::over: break;
  }
  return s.fail(kind::malformed, "a handshake message after the end of the handshake");
}

handshake_failure handshake::hung_up() const {
  const auto& s = *state_;
  switch (s.awaits) {
    case state::phase::hello: return {kind::malformed, {}, "hung up without saying who it is"};
    case state::phase::challenge:
      return {kind::refused,
              {},
              "hung up over our hello: it is no node, or it has too many strangers at the door, or "
              "makes this address wait after failures"};
    case state::phase::dialler_proof:
      return {kind::refused, {}, s.name() + " hung up before it proved itself: it does not want this node"};
    case state::phase::acceptor_proof:
      return {kind::unproven,
              {},
              s.name() + " hung up over our proof: it has another cookie, or does not accept key id \"" + s.key_id
                  + "\"; its log says which"};
    case state::phase::go:
      return {kind::unproven, {}, s.name() + " hung up over our proof, although its own was right"};
    case state::phase::unbegun:
    case state::phase::over: break;
  }
  return {kind::refused, {}, "hung up"};
}

const node_card* handshake::peer() const { return state_->peer ? &*state_->peer : nullptr; }
verdict handshake::said() const { return state_->said; }
const std::string& handshake::key_id() const { return state_->key_id; }
std::uint32_t handshake::protocol() const { return state_->protocol; }

std::uint64_t handshake::session() const {
  byte_reader first{state_->transcript};
  return state_->transcript.empty() ? 0 : first.u64();
}

}  // namespace beamline::net
