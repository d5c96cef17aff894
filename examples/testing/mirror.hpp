#pragma once

// The second half of docs/testing.md: two box offices that tell each other what they sold.

#include "actors/message.hpp"
#include "actors/message_codec.hpp"
#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mirror {

using namespace std::chrono_literals;
using beamline::behavior;
using beamline::process;
using beamline::process_context;

/// A ticket was sold here. (What production counts, tests judge by.)
struct ticket_sold {
  static constexpr std::string_view event_name = "mirror.sold";
  std::uint64_t ticket = 0;
  BEAMLINE_EVENT(ticket)
};
/// A ticket is known here, wherever it was sold.
struct ticket_known {
  static constexpr std::string_view event_name = "mirror.known";
  std::uint64_t ticket = 0;
  BEAMLINE_EVENT(ticket)
};

/// Between nodes: tickets of the sender, and, the other way, those that arrived.
struct tickets {
  std::vector<std::uint64_t> numbers;
  bool is_receipt = false;
  BEAMLINE_MESSAGE(tickets, "mirror.tickets", 1, numbers, is_receipt)
};

/// How a mirror tells the others. One of them loses tickets.
enum class care { tell_once, tell_until_received };

/// What the application is told by its visitors; closed at the end of a test.
struct door {
  bool is_open = true;
};

/// Sells a ticket now and then, as long as the door is open, and mirrors them to every linked node.
class seller final : public process {
public:
  seller(process_context& c, care how, const door& d, std::uint64_t first_ticket)
      : process{c}, care_{how}, door_{d}, last_{first_ticket} {}

  behavior init() override {
    env().peers().register_service("mirror", self());
    for (const auto& p : env().peers().subscribe_with_snapshot(self()))
      meet(p.identity.name);
    sell_later();
    if (care_ == care::tell_until_received)
      remind();
    return handlers([this](const beamline::peer_message& m) { receive(m); },
                    [this](const beamline::node_up& e) { meet(e.peer.identity.name); },
                    [](const beamline::node_down&) {});
  }

private:
  void sell_later() {
    run_after(beamline::duration{static_cast<std::int64_t>(env().random().below(100'000'000))}, [this] {
      if (!door_.is_open)
        return;
      sell();
      sell_later();
    });
  }

  void sell() {
    own_.insert(++last_);
    env().events().emit(ticket_sold{last_});
    env().events().emit(ticket_known{last_});
    for (auto& [node, owed] : owed_) {
      if (care_ == care::tell_until_received)
        owed.insert(last_);
      tell(node, {last_});
    }
  }

  // Who is met for the first time has missed everything so far.
  void meet(const std::string& node) {
    auto [i, is_new] = owed_.try_emplace(node);
    if (!is_new)
      return;
    if (care_ == care::tell_until_received)
      i->second = own_;
    tell(node, own_);
  }

  void remind() {
    for (const auto& [node, owed] : owed_)
      tell(node, owed);
    run_after(200ms, [this] { remind(); });
  }

  void tell(const std::string& node, const std::set<std::uint64_t>& numbers) {
    if (!numbers.empty())
      send(node, {{numbers.begin(), numbers.end()}});
  }

  void receive(const beamline::peer_message& m) {
    auto arrived = beamline::decode<tickets>(m.payload);
    if (!arrived)
      return;
    if (arrived->is_receipt) {
      for (auto number : arrived->numbers)
        owed_[m.from.name].erase(number);
      return;
    }
    for (auto number : arrived->numbers)
      if (known_.insert(number).second)
        env().events().emit(ticket_known{number});
    if (care_ == care::tell_until_received)
      send(m.from.name, {arrived->numbers, true});
  }

  // At most once: a node that is away loses it.
  void send(const std::string& node, const tickets& t) {
    (void)env().peers().send(node, beamline::lane::rpc, "mirror", beamline::encode(t));
  }

  care care_;
  const door& door_;
  std::uint64_t last_;
  std::set<std::uint64_t> own_;
  std::set<std::uint64_t> known_;
  std::map<std::string, std::set<std::uint64_t>> owed_;  // By node: what it has not confirmed.
};

}  // namespace mirror
