#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/log.hpp"
#include "pubsub/system/core.hpp"
#include "pubsub/system/directory_parts.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace beamline::pubsub::detail {

// A part of the last values is about so long, so that they share the link with others; so many parts go to one peer
// before others get a turn.
inline constexpr std::size_t values_part_octets = 64U << 10;
inline constexpr std::size_t values_parts_per_turn = 8;
// After the link had no room.
inline constexpr duration herald_retry = std::chrono::milliseconds{100};
// So often nodes compare their last values, and what one has lost it is sent after at most two of these; and so often
// it is looked whether a system of this node has ended, of which peers are told.
inline constexpr duration digest_interval = std::chrono::seconds{15};

/// To one that did not speak: from now on it does.
struct speak_now {};
/// From the one that speaks: a peer has said that it runs this system, too.
struct peer_has_system {
  std::string node;
  std::uint64_t connection = 0;
  bool is_question = false;
};

/// How far the last values of a system have been sent.
struct values_place {
  std::size_t partition = 0;
  std::string after;
};

/// Knows the peers of one system. At node_up both nodes announce their systems and then exchange their last values;
/// now and then they compare them.
///
///   node_up         ── announcement, a question ──>           the peer's speaker ── announcement ──> back
///   announcement    ── values, values ... ──>                 older ones are dropped there
///   every interval  ── digest ──>                             twice different? ── values ... ──> back
///
/// One herald of a node speaks for all of its systems, since announcements are one service.
class herald final : public process {
public:
  herald(process_context& c, core* of) : process{c}, of_{*of}, parts_{env().get<directory>().parts()} {}

private:
  struct peer {
    peer_info info;
    bool owes_announcement = false;
    bool is_question = false;
    bool has_system = false;
    std::optional<values_place> next_value;  // Its values are under way.
    bool differed = false;                   // At its last digest.
    // When it was last sent all values since they differed. Should that not have helped, nothing will: it does not know
    // these messages.
    std::optional<std::pair<wire_digest, wire_digest>> repaired{};
  };

  behavior init() override;
  void terminate(const reason& why) override;

  void on_up(const peer_info& up);
  void on_down(const peer_info& down);
  void speak();
  void announce_to_all(bool is_question);
  void handle_announcement(const peer_message& m);
  void handle_values(const peer_message& m);
  void meet(const peer_has_system& m);

  void want_flush(duration d);
  void flush();
  [[nodiscard]] bool flush_announcement(peer& p);
  [[nodiscard]] bool flush_values(peer& p);
  [[nodiscard]] bool send_part(peer& p);
  [[nodiscard]] std::optional<wire_values> next_part(values_place& at) const;
  /// False: the lane is full.
  [[nodiscard]] bool send(const peer& p, const std::string& service, bytes octets);

  void compare();
  [[nodiscard]] std::optional<wire_digest> digest();
  void handle_digest(peer& p, const wire_digest& theirs);

  core& of_;
  directory_parts& parts_;
  std::map<std::string, peer> peers_;
  peer_board::pool_map announced_;
  bool is_flush_due_ = false;
  once_per complaints_{10s};
};

}  // namespace beamline::pubsub::detail
