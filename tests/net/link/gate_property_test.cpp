#include "gates.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace beamline::net {

namespace {

/// Random work for two gates, each message with its flow and its number in it; whoever breaks a promise fails the test.
class storm {
public:
  explicit storm(std::uint64_t seed) : random_{seed}, limits_{random_limits()}, g_{limits_} {
    auto check_arrival = [this](lane where, const link_message& m) { note_arrival(where, m); };
    g_.sink = check_arrival;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i)
      step();
    g_.pass_everything();
    check_all_arrived();
  }

private:
  using key = std::pair<std::size_t, std::uint64_t>;  // Lane and flow.
  struct flow_state {
    std::uint64_t sent = 0, dropped = 0;
    std::uint64_t arrived = 0, next = 0;
  };

  gate::limits random_limits() {
    gate::limits l;
    l.envelope_octets_max = gate::envelope_octets_least + random_.below(random_.below(2) == 0 ? 200 : 20'000);
    l.window_octets = 2 * l.envelope_octets_max + random_.below(40'000);
    l.transfers_max = 1 + random_.below(4);
    for (auto& octets : l.lane_octets)
      octets = 500 + random_.below(60'000);
    l.message_octets_max = 50'000 + random_.below(50'000);
    return l;
  }

  std::size_t random_size() {
    switch (random_.below(8)) {
      case 0: return random_.below(limits_.message_octets_max + 100);
      case 1: return random_.below(3 * limits_.envelope_octets_max);
      default: return random_.below(200);
    }
  }

  void step() {
    switch (random_.below(6)) {
      case 0: send_one(); break;
      case 1:
        if (!g_.wire.empty())
          g_.deliver_one();
        break;
      case 2:
        if (random_.below(20) == 0)
          g_.pass_everything();
        break;
      default: push(); break;
    }
    check_bounds();
  }

  void push() {
    auto where = static_cast<lane>(random_.below(lanes));
    auto flow = random_.below(5);
    auto& f = flows_[{static_cast<std::size_t>(where), flow}];
    byte_writer w;
    w.varint(flow);
    w.varint(f.sent);
    auto head = w.take();
    auto size = random_size();
    auto payload = head + pattern(size, flow + f.sent);
    auto is_service = random_.below(2) == 0;
    auto done = is_service ? g_.here.push(where, flow, {message_kind::service, "svc", payload})
                           : g_.here.push(where, flow, {message_kind::signal}, bytes{payload});
    auto is_too_large = payload.size() + (is_service ? 3 : 0) > limits_.message_octets_max;
    CHECK((done.what == fate::too_large) == is_too_large);
    CHECK((done.dropped == 0 || where == lane::broadcast));
    if (done.what == fate::queued) {
      ++f.sent;
      largest_ = std::max(largest_, payload.size());
    }
    dropped_ += done.dropped;
  }

  void send_one() {
    auto before = g_.here.count().on_the_way_octets;
    auto envelope = g_.here.next();
    if (!envelope)
      return;
    CHECK(envelope->size() <= limits_.envelope_octets_max);
    CHECK(g_.here.count().on_the_way_octets == before + envelope->size());
    g_.wire.push_back(std::move(*envelope));
  }

  void note_arrival(lane where, const link_message& m) {
    byte_reader in{m.payload};
    auto flow = in.varint(), number = in.varint();
    auto& f = flows_[{static_cast<std::size_t>(where), flow}];
    // Nothing twice, nothing out of order, and no gap but where broadcasts were dropped.
    if (where == lane::broadcast)
      CHECK(number >= f.next);
    else
      CHECK(number == f.next);
    CHECK(number < f.sent);
    auto rest = in.raw(in.remaining());
    CHECK(rest == pattern(rest.size(), flow + number));
    f.next = number + 1;
    ++f.arrived;
  }

  void check_bounds() {
    auto c = g_.here.count();
    CHECK(c.on_the_way_octets <= limits_.window_octets);
    for (std::size_t i = 0; i < lanes; ++i)
      CHECK(c.waiting_octets[i] <= limits_.lane_octets[i] + largest_ + 100);
  }

  void check_all_arrived() {
    std::uint64_t missing = 0;
    for (const auto& [k, f] : flows_) {
      if (static_cast<lane>(k.first) == lane::broadcast)
        missing += f.sent - f.arrived;
      else
        CHECK(f.arrived == f.sent);
    }
    CHECK(missing == dropped_);
    auto c = g_.here.count();
    CHECK(c.broadcasts_dropped == dropped_);
    CHECK(total(c.waiting_octets) == 0);
    CHECK(total(c.waiting_messages) == 0);
    CHECK(g_.there.count().unfinished_octets == 0);
    CHECK(c.messages_out == g_.there.count().messages_in);
  }

  seeded_random random_;
  gate::limits limits_;
  gate_pair g_;
  std::map<key, flow_state> flows_;
  std::uint64_t dropped_ = 0;
  std::size_t largest_ = 0;
};

}  // namespace

TEST_CASE("I7 per lane and flow a prefix of what went in comes out, and all of it in the end") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    storm{seed}.run(600);
  }
}

TEST_CASE("I7 when the link is lost nothing but a suffix is lost") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed};
    gate::limits l;
    l.envelope_octets_max = gate::envelope_octets_least;
    gate_pair g{l};
    std::map<std::uint64_t, std::vector<std::string>> sent, came;
    for (int i = 0; i < 200; ++i) {
      auto flow = random.below(4);
      auto payload = std::to_string(flow) + pattern(random.below(random.below(5) == 0 ? 5000 : 50), random.next());
      if (g.push(lane::rpc, flow, payload) == fate::queued)
        sent[flow].push_back(payload);
    }
    // The link ends somewhere.
    for (auto envelopes = random.below(60); envelopes > 0 && g.pass_one(); --envelopes)
      ;
    for (const auto& a : g.arrived)
      came[static_cast<std::uint64_t>(a.payload[0] - '0')].push_back(a.payload);
    for (const auto& [flow, payloads] : came) {
      REQUIRE(payloads.size() <= sent[flow].size());
      CHECK(std::equal(payloads.begin(), payloads.end(), sent[flow].begin()));
    }
  }
}

}  // namespace beamline::net
