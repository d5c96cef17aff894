#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "testing/climate.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace beamline::testing {

/// One direction of a connection, from the sender's system to the receiver's: octets in pieces that arrive one after
/// another, in the order they were sent, and wait to be read. Knows no machines and no faults but the loss of what is
/// on the way; time is passed in. Not thread-safe.
///
/// Everything random is a hash of `seed` and a count, so that it does not depend on what happens elsewhere.
class octet_pipe {
public:
  struct options {
    std::uint64_t seed = 0;
    span latency{};
    std::size_t held_bytes_max = 0;  // On the way and unread, as far as the sender knows: more is not taken.
    std::size_t piece_bytes_max = 0;
  };

  enum class mark : std::uint8_t {
    none,    // Octets.
    opened,  // The dialler has the connection.
    end,     // Nothing more will be sent.
    reset,   // The connection is broken.
  };

  struct piece {
    mark what = mark::none;
    bytes octets{};
    std::uint64_t number = 0;
    time_point arrives{};
    bool is_through = false;  // A slow link has let it pass.
  };

  explicit octet_pipe(options o) : options_{o} {}

  // -- the sender's end ---------------------------------------------------------------

  /// Takes as many octets, from the first, as there is room for; cuts them into pieces. Once `reset` or `end` was put,
  /// it takes everything and sends nothing.
  [[nodiscard]] std::size_t take(std::string_view octets, time_point now);
  void put(mark what, time_point now);
  /// The receiver has read so many more, and the sender knows.
  void acknowledge(std::size_t octets) noexcept { held_ -= octets; }
  [[nodiscard]] bool is_ended() const noexcept { return is_ended_; }
  [[nodiscard]] bool is_reset() const noexcept { return is_reset_; }

  // -- on the way -----------------------------------------------------------------------

  /// Null: nothing is on the way. May be changed; nothing overtakes it, however late it is.
  [[nodiscard]] piece* first() noexcept { return pieces_.empty() ? nullptr : &pieces_.front(); }
  [[nodiscard]] piece take_first();
  /// Makes two of the first one, if it has more octets than that.
  void split_first(std::size_t octets);
  /// Loses what was sent last: all that is on the way, a part of it or nothing. Only `end` and `reset` may follow.
  void lose_some(time_point now);
  void lose_all(time_point now);

  // -- the receiver's end -----------------------------------------------------------------

  void arrive(bytes octets) { unread_.append(octets); }
  [[nodiscard]] std::size_t unread() const noexcept { return unread_.size() - read_; }
  /// At most `max` octets; often all there are, sometimes less.
  [[nodiscard]] bytes read(std::size_t max);
  void forget_unread() noexcept;
  /// How much was read since the sender was told, if that is worth telling him.
  [[nodiscard]] std::optional<std::size_t> take_read_report() noexcept;

  /// A number that belongs to `purpose` and `number`, always the same one.
  [[nodiscard]] std::uint64_t draw(std::uint64_t purpose, std::uint64_t number) const noexcept;
  [[nodiscard]] duration latency(std::uint64_t number) const noexcept;

private:
  [[nodiscard]] std::size_t piece_size(std::size_t available, std::uint64_t number) const noexcept;
  void send(piece p, time_point now);
  void keep(std::size_t pieces, time_point now);

  options options_;
  std::deque<piece> pieces_;
  std::uint64_t pieces_sent_ = 0, reads_ = 0, losses_ = 0;
  time_point last_arrival_{};
  std::size_t held_ = 0;  // As the sender sees it.
  bytes unread_;
  std::size_t read_ = 0;  // Of `unread_`, not cut off yet.
  std::size_t unreported_ = 0;
  bool is_ended_ = false, is_reset_ = false;
};

/// Between both ends of `s`, by `draw`.
[[nodiscard]] duration pick(span s, std::uint64_t draw) noexcept;

}  // namespace beamline::testing
