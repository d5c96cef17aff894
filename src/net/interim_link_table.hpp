#pragma once

// The part of the interim link that knows no sockets: who is linked, what may be sent, who is told.
// Included by the link itself only.

#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "base/log.hpp"
#include "net/interim_link.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace beamline::net {

/// Another number is another protocol: such nodes refuse each other.
inline constexpr std::uint32_t link_protocol = 1;

/// The only type that CAF carries between nodes. `where` is a `lane`, or `link_verb` for the links' own talk.
struct link_envelope {
  std::uint8_t where = 0;
  std::string service;
  std::string payload;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, link_envelope& e) {
    return f(caf::meta::type_name("beamline.link"), e.where, e.service, e.payload);
  }
};

/// In `link_envelope::where`: `service` names one of the messages below, `payload` encodes it.
inline constexpr std::uint8_t link_verb = 255;

struct link_hello {
  std::uint32_t protocol = link_protocol;
  std::string node;
  std::uint64_t incarnation = 0;
  std::string role;
  std::string endpoint;  // Where the sender can be dialled.
  bool wants_answer = true;
  BEAMLINE_MESSAGE(link_hello, "hello", 1, protocol, node, incarnation, role, endpoint, wants_answer)
};
struct link_refused {
  std::string why;
  BEAMLINE_MESSAGE(link_refused, "refused", 1, why)
};
struct link_goodbye {
  std::string why;
  BEAMLINE_MESSAGE(link_goodbye, "goodbye", 1, why)
};
/// So many octets more of the sender's were handled.
struct link_ack {
  std::uint64_t octets = 0;
  BEAMLINE_MESSAGE(link_ack, "ack", 1, octets)
};

/// Implements `peers`; the gate process feeds it with what arrives. Thread-safe: one mutex guards all of it and
/// is held while messages are put into mailboxes, so that status events and messages keep their order
/// for everybody (D51-D54). Nothing called under it blocks, and handlers of this area's telemetry must not
/// call back.
class link_table final : public peers {
public:
  link_table(node& n, std::string role);

  // -- peers -------------------------------------------------------------------------

  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber) override;
  result<void> route(const pid& to, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> list() const override;

  // -- called by the gate and by the link ----------------------------------------------

  /// The gate of this node and its address. Nothing is sent before; who said hello already is answered now.
  void open(caf::strong_actor_ptr own_gate, std::string endpoint);
  /// Says hello to a gate and asks for an answer.
  void greet(const caf::strong_actor_ptr& gate);
  /// What a gate sent.
  void receive(const caf::strong_actor_ptr& from, const link_envelope& e);
  /// A gate is out of reach, or has ended.
  void lose(const caf::actor_addr& gate, const std::string& why);
  /// Says goodbye to everybody and lets go of every handle. Nothing is linked from then on.
  void close(const std::string& why);

  [[nodiscard]] bool is_linked(const caf::actor_addr& gate) const;
  /// Whether the peer that can be dialled there is linked, and by which gate.
  [[nodiscard]] caf::actor_addr gate_at(const std::string& endpoint) const;

private:
  struct link {
    peer_info peer;
    std::string endpoint;
    caf::strong_actor_ptr gate;
    std::uint64_t unacknowledged = 0;  // Sent and not acknowledged yet, in charged octets.
    std::uint64_t received = 0;        // Received and not acknowledged yet.
  };
  using links = std::map<std::string, link>;

  void handle_hello(const caf::strong_actor_ptr& from, const link_hello& hello);
  [[nodiscard]] std::string objection_to(const caf::strong_actor_ptr& from, const link_hello& hello) const;
  void handle_verb(const caf::strong_actor_ptr& from, const link_envelope& e);
  void handle_payload(link& l, const link_envelope& e);
  void say_hello(const caf::strong_actor_ptr& gate, bool wants_answer);
  void bring_up(const caf::strong_actor_ptr& gate, const link_hello& hello);
  void take_down(links::iterator l, const std::string& why);
  template <class Event>
  void tell(const Event& event) {
    for (const auto& p : subscribers_)
      node_.cast(p, Event{event});
  }
  void drop(std::string_view node, std::string_view service, std::string_view why);
  void note_once(const std::string& topic, const std::string& why);
  void post(const caf::strong_actor_ptr& gate, link_envelope e);
  template <class Verb>
  void post_verb(const caf::strong_actor_ptr& gate, const Verb& v) {
    post(gate, {link_verb, std::string{Verb::message_name}, encode(v)});
  }
  [[nodiscard]] links::iterator find(const caf::actor_addr& gate);

  node& node_;
  std::string role_;
  mutable std::mutex mutex_;  // Guards what follows.
  caf::strong_actor_ptr own_gate_;
  std::string own_endpoint_;
  links links_;
  std::vector<std::pair<caf::strong_actor_ptr, link_envelope>> early_;  // Hellos that came before `open`.
  bool is_closed_ = false;
  std::map<std::string, pid> services_;
  std::set<pid> subscribers_;
  std::set<std::string> noted_;  // What was logged once already.
  std::uint64_t dropped_ = 0;
  once_per drop_log_{10s};
};

}  // namespace beamline::net
