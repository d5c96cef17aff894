#pragma once

#include "actors/process.hpp"
#include "net/outbox/messages.hpp"
#include "sim/outbox/setup.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace beamline::sim_outbox {

/// Makes events of all classes at random times, on both ways, and waits for what becomes of each. Of one key it makes
/// the next one when it knows what became of the last, as one who has to look at a page does: what it was promised in
/// an order must be applied in that order. The kinds:
///
///   like      of a visitor of its own           visit     of a visitor of its own, to a post or the page; merged
///   toggle    the reader's own, given or        passer    a visit of somebody unknown, never merged
///             taken back                        comment
///   delta     likes without a visitor           orphan    a comment on one that does not exist: rejected
class reader final : public process {
public:
  static constexpr duration pause_max = 40ms;

  using process::process;
  behavior init() override;

private:
  struct plan {
    std::string key;
    std::string_view kind;
    std::string visitor{};
    std::int64_t amount = 0;
  };

  void act();
  void act_later();
  void submit_something();
  [[nodiscard]] plan draw(std::string key, const std::string& token);
  [[nodiscard]] net::outbox::event make(const plan& p);
  void submit(const std::string& token, net::outbox::event e, const plan& p);
  void echo(const net::outbox::event& e);

  std::set<std::string> waiting_;  // Keys.
};

}  // namespace beamline::sim_outbox
