// The last steps of docs/testing.md: a story about two nodes and a cable, and then a thousand stories that nobody
// wrote.

#include "mirror.hpp"
#include "testing/cluster.hpp"
#include "testing/explore/explore.hpp"
#include "testing/net/simulated_links.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>

using namespace beamline;
using namespace beamline::testing;
using namespace mirror;

namespace {

const std::vector<std::string> both = {"east@sim", "west@sim"};

/// What a node runs.
void boot(simulated_node& n, care how, const door& d) {
  simulated_links::start(n, both);
  n.spawn<seller>(how, d, n.name() == "east@sim" ? 0U : 1'000'000U);
}

/// What was sold anywhere, and who knows of it.
class books final : public checker {
public:
  books() : checker{"nobody knows a ticket that was never sold"} {}

  void on_start(simulated_node& n) override {
    handles_.push_back(n.events().attach<ticket_sold>([this](const ticket_sold& e) { sold_.insert(e.ticket); }));
    handles_.push_back(n.events().attach<ticket_known>([this, &known = known_[n.name()]](const ticket_known& e) {
      known.insert(e.ticket);
      if (!sold_.contains(e.ticket))
        fail("ticket " + std::to_string(e.ticket));
    }));
  }

  [[nodiscard]] bool does_everybody_know_everything(std::string& why) const {
    for (const auto& [node, known] : known_)
      for (auto ticket : sold_)
        if (!known.contains(ticket)) {
          why = node + " does not know ticket " + std::to_string(ticket);
          return false;
        }
    return true;
  }

private:
  std::set<std::uint64_t> sold_;
  std::map<std::string, std::set<std::uint64_t>> known_;
  std::vector<telemetry::handle> handles_;
};

}  // namespace

TEST_CASE("tickets that were sold while the cable was cut are known after it is mended") {
  for_each_seed(50, [](world& w) {
    door visitors;
    cluster c{w, both, [&](simulated_node& n) { boot(n, care::tell_until_received, visitors); }};
    auto& b = c.check<books>();
    c.start();
    c.advance(500ms);
    c.partition("east@sim", "west@sim");
    c.advance(1s);
    std::string why;
    CHECK_FALSE(b.does_everybody_know_everything(why));
    c.heal();
    visitors.is_open = false;
    c.expect(
        "both know all tickets", [&] { return b.does_everybody_know_everything(why); }, 3s);
  });
}

namespace {

class two_offices final : public scenario {
public:
  explicit two_offices(care how) : care_{how} {}
  [[nodiscard]] std::vector<std::string> nodes() const override { return both; }
  void boot(simulated_node& n) override { ::boot(n, care_, visitors_); }
  void add_checkers(cluster& c) override { books_ = &c.check<books>(); }
  void stop_load(cluster&) override { visitors_.is_open = false; }
  bool is_settled(cluster&, std::string& why) override { return books_->does_everybody_know_everything(why); }

private:
  care care_;
  door visitors_;
  books* books_ = nullptr;
};

explorer under_network_faults(care how) {
  return explore("two box offices", [how] { return std::make_unique<two_offices>(how); })
      .faults({fault_kind::partition, fault_kind::partition_one_way, fault_kind::reset, fault_kind::half_open,
               fault_kind::stall, fault_kind::pause})
      .strike_at({"mirror.sold", "event_horizon.cluster.connection"})
      .tune([](plan& p) { p.weather.reset_ppm = 0; });  // Only what a plan names.
}

}  // namespace

TEST_CASE("whatever the network does, everybody knows every ticket in the end") {
  under_network_faults(care::tell_until_received)
      .seeds(100)
      .must_happen({"mirror.sold", "event_horizon.cluster.connection"})
      .run();
}

TEST_CASE("telling once loses tickets, and a cut or a reset is all it takes") {
  auto found = under_network_faults(care::tell_once).seeds(100).expect_violation("settles");
  REQUIRE(found.smallest);
  CHECK(found.smallest->faults.size() <= 2);
  MESSAGE(found.report);
}
