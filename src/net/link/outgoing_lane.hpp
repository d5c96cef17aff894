#pragma once

#include "base/bytes.hpp"
#include "net/link/link_message.hpp"
#include "net/link/octet_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace beamline::net {

/// Messages that wait one behind the other, as octets: a small one as the item that an envelope takes, a large one by
/// itself, to be cut.
class message_queue {
public:
  struct entry {
    std::uint64_t flow = 0;
    std::uint64_t number = 0;  // Among all that came into the lane.
    std::uint32_t octets = 0;
    bool is_large = false;
    /// What the message takes in memory while it waits.
    [[nodiscard]] std::size_t cost() const noexcept { return octets + sizeof(entry); }
  };

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] const entry& front() const noexcept { return entries_.front(); }

  /// `owned`, if there is one, holds the payload, and is moved from if that saves a copy.
  void push(std::size_t lane, const entry& e, const link_message& m, bytes* owned);
  /// Small ones from the front, for as long as they fit before `end` and `is_wanted`; returns how many, and their cost.
  struct moved {
    std::uint64_t messages = 0;
    std::size_t cost = 0;
  };
  template <class IsWanted>
  moved take_small(bytes& out, std::size_t end, IsWanted is_wanted);
  /// The first one, which is large.
  [[nodiscard]] octet_queue take_large();
  /// Moves the first one behind the last one of `to`.
  void hand_over(message_queue& to);
  void drop_front();

private:
  void pop_entry();

  std::deque<entry> entries_;
  bool has_grown_ = false;  // So that the deque holds more than is worth keeping when it is empty.
  octet_queue small_;
  std::deque<octet_queue> large_;
};

/// One lane of a gate towards its peer: what waits in it, which of it goes next, what happens when it is full. Pure,
/// not thread-safe.
///
///   push -> queue ----------------> fill
///             \-> transfers ----->-/
///
/// A transfer belongs to one flow, from the large message that begins it until nothing of that flow waits behind it.
/// The queue and the transfers take turns. What belongs to the flow of a transfer waits behind it; other flows pass.
class outgoing_lane {
public:
  enum class overflow : std::uint8_t { refuse, drop_oldest };
  struct options {
    std::size_t index = 0;  // Which of the four.
    overflow when_full{};
    std::size_t octets_max = 0;      // May wait here, and beside them one message that is larger by itself.
    std::size_t turn_octets = 0;     // A longer item is cut; nobody sends more when others wait.
    std::size_t transfers_max = 16;  // Begun and not ended at once.
  };
  explicit outgoing_lane(options o) : options_{o} {}

  struct taken {
    bool ok = false;
    std::uint64_t dropped = 0;
  };
  /// `owned`, if there is one, holds the payload, and is moved from if the message is taken and that saves a copy.
  [[nodiscard]] taken push(std::uint64_t flow, const link_message& m, bytes* owned);
  /// Appends items to `out`, up to `end`; false: none. At least turn_octets before `end` are enough for one.
  bool fill(bytes& out, std::size_t end);

  [[nodiscard]] bool empty() const noexcept { return messages_ == 0; }
  [[nodiscard]] std::uint64_t waiting_messages() const noexcept { return messages_; }
  [[nodiscard]] std::size_t waiting_octets() const noexcept { return octets_ + oversized_octets_; }
  [[nodiscard]] std::uint64_t messages_out() const noexcept { return messages_out_; }

private:
  // A large message on its way.
  struct begun {
    std::uint64_t id = 0;
    message_queue::entry what{};
    octet_queue rest;
    std::size_t left = 0;  // Of its octets.
  };
  struct transfer {
    std::uint64_t flow = 0;
    std::optional<begun> current{};
    message_queue behind{};
    [[nodiscard]] bool is_done() const noexcept { return !current && behind.empty(); }
  };

  [[nodiscard]] bool is_oversized(const message_queue::entry& e) const noexcept {
    return e.cost() > options_.octets_max;
  }
  void drop_oldest();
  void fill_from_queue(bytes& out, std::size_t end);
  void set_aside();
  [[nodiscard]] bool give_turn(bytes& out, std::size_t end);
  void advance(transfer& t, bytes& out, std::size_t end);
  [[nodiscard]] bool must_wait(const transfer& t) const noexcept;
  void send_piece(transfer& t, bytes& out, std::size_t end);
  void begin(transfer& t);
  void end_current(transfer& t);
  void count_out(const message_queue::moved& m);

  options options_;
  message_queue queue_;
  std::deque<std::unique_ptr<transfer>> transfers_;  // In the order of their turns.
  std::map<std::uint64_t, transfer*> by_flow_;
  std::size_t begun_ = 0;  // Transfers with a current message.
  // What messages take, each in full until the last of it is out: all but the oversized one, those begun among them,
  // and the oversized one.
  std::size_t octets_ = 0, begun_octets_ = 0, oversized_octets_ = 0;
  std::uint64_t messages_ = 0, messages_out_ = 0, pushed_ = 0, last_id_ = 0;
};

}  // namespace beamline::net
