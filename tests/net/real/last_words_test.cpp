// What a peer sent before its connection ended is passed on before it is down, however long CAF needs to bring it.

#include "net/real/real_node.hpp"

#include <atomic>
#include <mutex>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// Keeps what a carrier has received until it is let go.
struct late_envelopes {
  std::mutex mutex;
  std::vector<bytes> kept;
  std::function<void(bytes)> pass_on;
  std::atomic<std::size_t> count{0};

  void keep(bytes envelope) {
    std::lock_guard lock{mutex};
    kept.push_back(std::move(envelope));
    count = kept.size();
  }
  void let_go() {
    std::lock_guard lock{mutex};
    for (auto& envelope : std::exchange(kept, {}))
      pass_on(std::move(envelope));
  }
};

class late_carriers final : public net::carriers {
public:
  late_carriers(net::carriers& real, late_envelopes& late) : real_{real}, late_{late} {}
  result<std::unique_ptr<net::carrier>> open(net::link_side side, events e) override {
    late_.pass_on = std::move(e.received);
    return real_.open(side, {std::move(e.opened), [&late = late_](bytes envelope) { late.keep(std::move(envelope)); }});
  }

private:
  net::carriers& real_;
  late_envelopes& late_;
};

}  // namespace

TEST_CASE("D223 what was read of a connection before it ended is passed on before node_down") {
  late_envelopes late;
  real_node a{{.name = "a@127.0.0.1",
               .wrap = [&](net::carriers& real) { return std::make_unique<late_carriers>(real, late); }}};
  real_node b{{.name = "b@127.0.0.1"}};
  a.link(b);
  for (std::size_t i = 1; i <= 3; ++i) {
    REQUIRE(b.links().send(a.name(), lane::rpc, "witness", std::to_string(i)));
    REQUIRE(eventually([&] { return late.count == i; }));
  }
  REQUIRE(b.close());
  std::string expected = "up b@127.0.0.1";
  SUBCASE("when it comes out of the carrier in time") {
    // b is closed, so a has seen the end.
    CHECK_FALSE(a.seen.wait_for("down b@127.0.0.1 connection_closed", 50ms));
    late.let_go();
    expected += ", message of b@127.0.0.1: 1, message of b@127.0.0.1: 2, message of b@127.0.0.1: 3";
  }
  SUBCASE("and not at all, when it never does") {}
  CHECK(a.seen.wait_for("down b@127.0.0.1 connection_closed"));
  late.let_go();
  CHECK(a.seen.text() == expected + ", down b@127.0.0.1 connection_closed");
}
