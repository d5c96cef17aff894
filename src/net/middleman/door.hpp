#pragma once

#include "net/link/carrier.hpp"

#include <caf/actor_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/monitorable_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace beamline::net {

/// What one carrier is for CAF: the only actor that the peer can write to. It has no mailbox; what comes for it is
/// handled where it is delivered: where CAF reads.
///
/// Takes envelopes, and the middleman's answer about the far door. Anything else (exits, downs, unknown types, empty
/// messages) is counted and dropped. `close` must be called, else the door stays in CAF's registry.
class door final : public caf::monitorable_actor {
public:
  door(caf::actor_config& c, link_side side, carriers::events e)
      : caf::monitorable_actor{c}, side_{side}, events_{std::move(e)} {}

  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit* from) override;
  [[nodiscard]] const char* name() const override { return "beamline.door"; }

  /// Asks the middleman to greet over `scribe`, or to wait for the far side's greeting. Thread-safe.
  void begin(const caf::actor& broker, caf::io::scribe_ptr scribe);
  /// To the far door; dropped before `opened` and after `close`. Thread-safe.
  void send(bytes envelope);
  /// After this no callback runs or will run. Not from within a callback.
  void close();

  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
  void handle_answer(caf::type_erased_tuple& content);
  void handle_envelope(const caf::strong_actor_ptr& sender, bytes octets);
  void open(caf::strong_actor_ptr far);
  void fail(error e);
  void drop() noexcept { dropped_.fetch_add(1, std::memory_order_relaxed); }

  const link_side side_;
  std::atomic<std::uint64_t> dropped_{0};

  std::mutex callbacks_;  // Held while one runs.
  carriers::events events_;
  bool is_answered_ = false;  // `opened` was called.
  bool is_closed_ = false;

  std::mutex far_mutex_;
  caf::strong_actor_ptr far_;
};

}  // namespace beamline::net
