#include "sim/links/earlier_self.hpp"

#include "actors/message_contract.hpp"
#include "net/link/relay_frame.hpp"
#include "sim/links/setup.hpp"
#include "testing/net/direct_carrier.hpp"
#include "testing/net/simulated_network.hpp"
#include "testing/world.hpp"

namespace beamline::linked {

namespace {

// Less than it takes until its silence is noticed.
constexpr duration stays = 100ms;

}  // namespace

earlier_self::earlier_self(testing::simulated_node& n, std::uint64_t incarnation)
    : node_{n}, loop_{n}, identity_{n.name(), incarnation}, keys_{options_of(n.world().seed(), n.name()).links.keys} {}

void earlier_self::dial(const std::string& machine, std::uint16_t port) {
  auto like = options_of(node_.world().seed(), node_.name()).links;
  net::attempt::options o;
  o.side = net::link_side::dialler;
  o.to = node_.world().network().address_of(machine, port);
  o.self.identity = identity_;
  o.self.endpoint = to_string(node_.world().network().address_of(node_.name(), port));
  o.self.tick_time = like.tick_time;
  o.self.contract_hash = node_.env().contract().hash();
  o.keys = &keys_;
  o.setup_time = like.setup_time;
  auto which = attempts_.size();
  net::attempt::events e;
  e.judge = [](const net::node_card&, net::verdict) { return net::verdict::ok; };
  e.must_wait = [](bool) { return false; };
  e.proven = [this, which] { come_in(*attempts_[which]); };
  e.failed = [](const net::connect_outcome&) {};
  attempts_.push_back(std::make_shared<net::attempt>(node_.env(), loop_, std::move(o), std::move(e)));
  attempts_.back()->dial(node_.network());
}

/// As much of a link as it takes to be up.
void earlier_self::come_in(net::attempt& a) {
  bytes hello;
  append_relay_frame(hello, net::frame_kind::carried, testing::direct_framing::preface(net::link_side::dialler));
  taken_.push_back(a.take());
  taken_.back().wire->write(std::move(hello), [](const result<void>&) {});
  auto& w = node_.world();
  w.at(
      w.now() + stays, [this, i = taken_.size() - 1] { taken_[i].wire->close(); }, node_.incarnation());
}

}  // namespace beamline::linked
