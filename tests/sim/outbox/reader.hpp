#pragma once

#include "actors/process.hpp"
#include "base/bytes.hpp"
#include "net/outbox/event_class.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace beamline::sim_outbox {

/// What the whole program of one run shares, on all its nodes; reached by `env().get<load_gate>()`.
struct load_gate {
  bool is_load_on = true;
};

/// The tokens in a payload.
[[nodiscard]] std::vector<std::string> tokens_in(const bytes& payload);

/// `comment`, never merged, and `visit`, up to `merged_max` in one. Neither may be dropped.
[[nodiscard]] std::shared_ptr<const net::outbox::class_table> event_classes();
inline constexpr std::size_t merged_max = 5;

/// Makes events at random times, on both ways, and waits for what becomes of each. Of one key it makes the next one
/// when it knows what became of the last, as one who has to look at a page does: what it was promised in an order must
/// be applied in that order.
class reader final : public process {
public:
  static constexpr duration pause_max = 40ms;
  static constexpr std::uint64_t keys = 4;

  using process::process;
  behavior init() override;

private:
  void act();
  void act_later();
  void submit_something();

  std::set<std::string> waiting_;  // Keys.
};

}  // namespace beamline::sim_outbox
