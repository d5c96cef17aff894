#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/auth/keyring.hpp"
#include "net/auth/node_card.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::net {

// Link protocols this build speaks; the greatest that both do is used.
inline constexpr std::uint32_t link_protocol_min = 1;
inline constexpr std::uint32_t link_protocol_max = 2;

// A longer handshake message is refused (D22).
inline constexpr std::size_t handshake_octets_max = 4096;

/// What the acceptor says of a claim, and what the dialler is told (D13).
enum class verdict : std::uint8_t {
  ok = 1,
  ok_simultaneous,    // Both dialled at once; this connection goes on, the acceptor's own attempt ends (D28).
  nok,                // Both dialled at once; the acceptor's own attempt goes on.
  alive,              // A link of that run is up already; it is replaced if the dialler has none (D27).
  not_allowed,        // The allow-list does not have it (D26), or the other cluster, or too many nodes.
  stale_incarnation,  // A newer run of that name has been seen (D9).
  self,               // It is this very node.
  unsupported,        // No link protocol in common.
};
[[nodiscard]] std::string_view to_string(verdict v) noexcept;

/// Why a handshake ended without a link.
struct handshake_failure {
  enum class kind : std::uint8_t {
    refused,       // The other side said so: `told`; nothing told: it hung up without a word before any proof.
    unproven,      // Its proof is wrong, or it hung up over ours: another cookie.
    unacceptable,  // It is not who was expected, or not allowed here.
    malformed,     // It does not speak the protocol.
  };
  kind what{};
  std::optional<verdict> told{};  // By the other side (refused), or to it (unacceptable).
  std::string detail;             // Names node, key id and remedy; never secrets.
};

/// The five messages by which two nodes prove to each other that they know the cookie (D18-D28). A pure state machine:
/// messages in, messages out. Nothing but these five is understood, and only in this order.
///
///   dialler                                              acceptor
///     hello(protocols, card, nonce)                ──>     judges the claim
///                                                  <──   challenge(verdict, protocol, card, nonce)
///     A = key id, HMAC(K, "A" + transcript + id)   ──>     any verdict but ok, ok_simultaneous, alive ended it
///                                                  <──   B = key id, HMAC(K, "B" + transcript + A)
///     is done; go = key id, HMAC(K, "C" + transcript + B)  ──>  is done
///
/// transcript = SHA-256 of hello and challenge verbatim and of the transport's channel binding, each with its length
/// (D20). What a peer claims is only a claim until `is_done`: neither `judge` nor its caller may give up anything for
/// it before, be it a link that is up (D27) or an attempt of one's own (D28).
///
/// After a wrong proof the acceptor has no last word. A key id that it does not have fails at the same step and in the
/// same time as a wrong key (D21). Besides `judge` the handshake itself refuses another cluster, this very node,
/// another node of the same name, and a peer that its certificate does not name.
///
/// Owned by one connection, not thread-safe. Holds at most one message of the peer's, 4 KiB.
class handshake {
public:
  enum class side : std::uint8_t { dialler, acceptor };

  struct options {
    node_card self;
    const keyring* keys = nullptr;  // Borrowed, for as long as the handshake lasts.
    bytes nonce;                    // 32 octets from the system's generator of random numbers, for this one only.
    bytes channel_binding{};
    std::uint32_t protocol_min = link_protocol_min;
    std::uint32_t protocol_max = link_protocol_max;
    std::string expected_name{};  // Dialler: who it means to reach; empty: whoever is there (D192).
    std::string expected_role{};
    bool is_certified = false;  // The peer must be named by its certificate (D25), `certificate_names`.
    std::vector<std::string> certificate_names{};
    /// Acceptor: what to answer this claim, not proven yet. Dialler: whether to go on with that peer (ok) or not; asked
    /// with what the acceptor said.
    std::function<verdict(const node_card& claimed, verdict said)> judge{};
  };

  /// Throws if the card, the keys or the nonce cannot be: mistakes of the program (`check` of card and keyring).
  handshake(side s, options o);
  ~handshake();
  handshake(handshake&&) noexcept;
  handshake& operator=(handshake&&) noexcept;

  /// What to send first: the dialler's hello; nothing for the acceptor.
  [[nodiscard]] std::vector<bytes> begin();

  struct step {
    std::vector<bytes> send{};  // Even if it failed: the last word.
    bool is_done = false;
    std::optional<handshake_failure> failed{};
  };
  /// One whole message. Once it is done or has failed, any further one fails as malformed.
  [[nodiscard]] step receive(std::string_view message);
  /// The other side hung up.
  [[nodiscard]] handshake_failure hung_up() const;

  /// What the peer claims; proven once it is done. Null: nothing yet.
  [[nodiscard]] const node_card* peer() const;
  [[nodiscard]] verdict said() const;               // By the acceptor.
  [[nodiscard]] const std::string& key_id() const;  // The key it is proven with; empty before a proof.
  [[nodiscard]] std::uint32_t protocol() const;     // 0: none agreed on yet.
  /// What both ends call this connection from now on, and no other: from the transcript. 0 before a proof.
  [[nodiscard]] std::uint64_t session() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Whether a certificate that was issued to these names speaks for that node: `beamline://node/<name@host>`, or
/// `beamline://role/<role>` (D25). Compared octet by octet; no wildcards.
[[nodiscard]] bool certificate_names_node(const std::vector<std::string>& names, const node_card& card);

/// Whether a node can introduce itself so. Errors: `invalid`, which names the field.
[[nodiscard]] result<void> check(const node_card& card);

}  // namespace beamline::net
