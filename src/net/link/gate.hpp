#pragma once

#include "actors/peers.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/envelope.hpp"
#include "net/link/fragment_joiner.hpp"
#include "net/link/link_message.hpp"
#include "net/link/outgoing_lane.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace beamline::net {

/// What waits for one peer, lane by lane, and what arrives from it: pure, not thread-safe.
///
///   push(message) -> lanes -> next(): envelopes of at most envelope_octets_max, as long as the window is open
///   receive(envelope) -> checks number and connection, joins fragments -> messages, in order
///
/// An envelope holds many small messages, or a piece of a large one (D66): one that is longer than a turn, half an
/// envelope, goes in pieces, in turn with the others of its lane and with the small messages of other flows. Per lane
/// and flow messages come out there in the order they went in here, each at most once, and as long as the link lasts
/// without a gap (but for broadcasts that were dropped). A message of one flow does not wait for one of another,
/// however large.
///
/// A higher lane always goes first in an envelope, and lower ones get what it leaves; only a lane of which
/// passed_over_max envelopes in a row held nothing gets half of the next one, so that nobody starves however many calls
/// are made. When a lane is full (D67), `rpc` and `presence` refuse, `control` is at its end, `broadcast` drops its
/// oldest messages of which nothing is on the way yet.
///
/// Memory: per lane lane_octets and one message that is larger, at each end; what a message takes counts, until the
/// last of it is on the way. A lane that is empty holds nothing.
class gate {
public:
  // What `limits` can be at most, whatever is asked for: a peer accepts no more.
  static constexpr std::size_t envelope_octets_top = 64U << 10;
  static constexpr std::size_t message_octets_top = 1U << 30;
  static constexpr std::size_t transfers_top = 64;
  // And at least.
  static constexpr std::size_t envelope_octets_least = 1U << 10;
  static constexpr unsigned passed_over_max = 16;
  // So much that was handled is always told, also with a larger window than the peer's.
  static constexpr std::size_t credit_octets_max = 64U << 10;

  struct limits {
    // What may wait in a lane; a message that is larger by itself is taken beside it, one at a time.
    std::array<std::size_t, lanes> lane_octets{1U << 20, 16U << 20, 8U << 20, 16U << 20};
    // Name of the service and payload. A larger one is refused (`too_large`), and ends the link if received.
    std::size_t message_octets_max = 64U << 20;
    // Envelopes on the way that the far gate has not handled yet (design section 4). Two envelopes at least; with less
    // than 64 KiB more than an envelope the far gate must have the same.
    std::size_t window_octets = 256U << 10;
    std::size_t envelope_octets_max = 32U << 10;
    std::size_t transfers_max = 16;  // Large messages in pieces at once, per lane; others wait behind them.
  };
  /// `connection` is the same at both ends, and of no other link between them. Limits out of bounds count as the
  /// nearest.
  gate(std::uint64_t connection, const limits& l);

  struct pushed {
    enum class fate : std::uint8_t { queued, busy, too_large, overflow };  // overflow: control; the link must end.
    fate what{};
    std::uint64_t dropped = 0;  // Older broadcasts that had to go for it.
  };
  /// A broadcast is `busy` only when what is under way leaves no room for it, whatever is dropped, or when it is the
  /// second one that is larger than its lane.
  [[nodiscard]] pushed push(lane where, std::uint64_t flow, const link_message& m);
  /// The same with `payload` for that of `m`: not copied if it is large and queued, else left as it is.
  [[nodiscard]] pushed push(lane where, std::uint64_t flow, link_message m, bytes&& payload);

  /// The next envelope to send; nothing: nothing waits, or the window is shut.
  [[nodiscard]] std::optional<bytes> next();
  /// The far gate has handled so many octets more. Error: `corrupt`, more than are on the way.
  result<void> note_credit(std::uint64_t octets);

  using sink = std::function<void(lane, const link_message&)>;
  /// Calls `to` for each message that is complete; the views are valid during the call, which may push, but not
  /// receive. Errors: `corrupt`, `too_large`: the link must end (D68). What came before the fault has been delivered,
  /// nothing after it ever will be: everything that is received from then on gets the same error.
  result<void> receive(std::string_view envelope, const sink& to);
  /// What the far gate is to be told was handled; 0: nothing worth a frame yet.
  [[nodiscard]] std::uint64_t take_credit();

  struct counters {
    std::array<std::uint64_t, lanes> waiting_octets{};
    std::array<std::uint64_t, lanes> waiting_messages{};
    std::uint64_t messages_out = 0, messages_in = 0;
    std::uint64_t octets_out = 0, octets_in = 0;  // Of envelopes.
    std::uint64_t broadcasts_dropped = 0, refused = 0, on_the_way_octets = 0;
    std::uint64_t unfinished_octets = 0;  // Of messages that came in part.
  };
  [[nodiscard]] counters count() const;

private:
  [[nodiscard]] pushed push(lane where, std::uint64_t flow, const link_message& m, bytes* owned);
  [[nodiscard]] std::size_t find_passed_over() const;
  void note_passed_over(const std::array<bool, lanes>& has_gone);
  result<void> read_head(byte_reader& in) const;
  result<void> read_item(byte_reader& in, const sink& to);
  result<void> deliver(std::size_t where, std::string_view message, const sink& to);
  result<void> read_envelope(std::string_view envelope, const sink& to);

  std::uint64_t connection_;
  limits limits_;
  std::size_t turn_octets_;

  std::array<outgoing_lane, lanes> out_;
  std::array<unsigned, lanes> passed_over_{};  // Envelopes in a row that took nothing of what waited.
  std::uint64_t next_out_ = 0;
  std::uint64_t on_the_way_ = 0, octets_out_ = 0;
  std::uint64_t broadcasts_dropped_ = 0, refused_ = 0;

  fragment_joiner in_;
  std::uint64_t next_in_ = 0;
  std::uint64_t handled_ = 0;  // And not told to the peer.
  std::uint64_t octets_in_ = 0, messages_in_ = 0;
  std::optional<error> fault_;
};

}  // namespace beamline::net
