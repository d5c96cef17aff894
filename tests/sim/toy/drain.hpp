#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"
#include "supervision/nursery.hpp"

#include <map>
#include <string>

namespace beamline::toy {

/// Empties the outbox towards every linked node: one batch and one courier at a time. Begins when a node comes up, when
/// something was accepted, and some time after a failure.
///
///   idle --- node up, wake, retry timer ---> syncing (take a batch, start a courier, wait for its end, again)
///    ^------ nothing is left -------------------|
///    ^------ node down, courier failed: the retry timer is set ------|
class drain final : public process {
public:
  static constexpr duration first_pause = 50ms;  // After a failure; twice as long after each further one ...
  static constexpr duration pause_max = 400ms;   // ... up to this.

  drain(process_context& c, supervision::nursery couriers) : process{c}, couriers_{std::move(couriers)} {}
  behavior init() override;

private:
  struct towards {
    bool is_up = false;
    bool is_syncing = false;
    timer_ref retry = 0;
    duration pause = first_pause;
  };

  void begin(const std::string& target);
  void take(const std::string& target);
  void send(const std::string& target, const batch& b);
  void rest(const std::string& target);
  void fail(const std::string& target);
  void set_syncing(const std::string& target, bool is_syncing);

  supervision::nursery couriers_;
  std::map<std::string, towards> towards_;
};

}  // namespace beamline::toy
