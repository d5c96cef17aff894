#include "testing/net/direct_carrier.hpp"

#include "net/link/gate.hpp"

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace beamline::testing {

namespace {

class queue_loop final : public net::event_loop {
public:
  void post(std::function<void()> fn) override { events_.push_back(std::move(fn)); }
  bool run_one() {
    if (events_.empty())
      return false;
    auto fn = std::move(events_.front());
    events_.pop_front();
    fn();
    return true;
  }
  void run() {
    while (run_one())
      ;
  }

private:
  std::deque<std::function<void()>> events_;
};

/// One end: a carrier, and a relay that hands over what the carrier wants relayed.
struct carrier_end {
  carrier_end(queue_loop& loop, net::link_side side) {
    direct_carriers over{loop};
    net::carriers::events e;
    e.opened = [this](result<void> done) {
      CHECK(done.ok());
      CHECK(received.empty());
      ++opened;
    };
    e.received = [this](bytes envelope) {
      CHECK(opened == 1);
      received.push_back(std::move(envelope));
    };
    here = over.open(side, std::move(e)).value();
  }
  void relay_to(carrier_end& far, std::size_t piece) {
    here->octets().read(piece, [this, &far, piece](result<bytes> octets) {
      if (!octets)
        return;
      CHECK(octets->size() <= piece);
      CHECK(far.here->check(*octets).ok());
      far.here->octets().write(std::move(*octets), [this, &far, piece](result<void> done) {
        if (done)
          relay_to(far, piece);
      });
    });
  }

  std::unique_ptr<net::carrier> here;
  int opened = 0;
  std::vector<bytes> received;
};

}  // namespace

TEST_CASE("a direct carrier brings envelopes to the other end, whatever pieces they are relayed in") {
  for (std::size_t piece : {1U, 3U, 1000U, 1U << 20}) {
    CAPTURE(piece);
    queue_loop loop;
    carrier_end a{loop, net::link_side::dialler}, b{loop, net::link_side::acceptor};
    a.relay_to(b, piece);
    b.relay_to(a, piece);
    CHECK(a.opened + b.opened == 0);
    loop.run();
    CHECK(a.opened == 1);
    CHECK(b.opened == 1);
    std::vector<bytes> sent{"one", bytes(net::gate::envelope_octets_top, 'x'), bytes("\0\0", 2)};
    for (const auto& envelope : sent)
      a.here->send(envelope);
    b.here->send("back");
    CHECK(b.received.empty());
    loop.run();
    CHECK(b.received == sent);
    CHECK(b.here->envelopes_checked() == sent.size());
    CHECK(a.received == std::vector<bytes>{"back"});
  }
}

TEST_CASE("a direct carrier takes as much as a socket would, and completes when it was received") {
  queue_loop loop;
  carrier_end a{loop, net::link_side::acceptor};
  auto octets = direct_framing::preface(net::link_side::dialler);
  for (int i = 0; i < 5; ++i)
    direct_framing::append(octets, bytes(30'000, 'x'));
  std::optional<std::size_t> received_when_done;
  a.here->octets().write(octets, [&](result<void> done) {
    CHECK(done.ok());
    received_when_done = a.received.size();
  });
  CHECK_FALSE(received_when_done.has_value());
  CHECK_THROWS_AS(a.here->octets().write("more", [](result<void>) {}), std::logic_error);
  CHECK(loop.run_one());
  CHECK(a.received.size() == 2);
  CHECK_FALSE(received_when_done.has_value());
  loop.run();
  CHECK(received_when_done == 5U);
}

TEST_CASE("what is not the octets of a direct carrier is refused") {
  queue_loop loop;
  carrier_end a{loop, net::link_side::acceptor};
  auto preface = direct_framing::preface(net::link_side::dialler);
  SUBCASE("another preface") { CHECK_FALSE(a.here->check(direct_framing::preface(net::link_side::acceptor)).ok()); }
  SUBCASE("a good one, in pieces") {
    for (char c : preface)
      CHECK(a.here->check({&c, 1}).ok());
    SUBCASE("then nothing of a length") { CHECK(a.here->check(bytes(4, '\0')).error().code == errc::corrupt); }
    SUBCASE("then too great a length") { CHECK(a.here->check(bytes("\0\1\0\1", 4)).error().code == errc::too_large); }
    SUBCASE("then envelopes") {
      bytes octets;
      direct_framing::append(octets, "one");
      direct_framing::append(octets, "two");
      CHECK(a.here->check(octets).ok());
    }
  }
  SUBCASE("written all the same it breaks the carrier") {
    std::optional<errc> written, read;
    a.here->octets().write("anything", [&](result<void> done) { written = done.error().code; });
    loop.run();
    CHECK(written == errc::unavailable);
    CHECK_FALSE(a.here->octets().is_open());
    a.here->octets().read(10, [&](result<bytes> octets) { read = octets.error().code; });
    loop.run();
    CHECK(read == errc::unavailable);
  }
  CHECK_THROWS_AS(a.here->send("too early"), std::logic_error);
}

TEST_CASE("a carrier that was closed cancels, one that was destroyed calls nobody") {
  queue_loop loop;
  carrier_end a{loop, net::link_side::dialler};
  std::optional<bytes> preface;
  a.here->octets().read(100, [&](result<bytes> octets) { preface = octets.value(); });
  loop.run();
  CHECK(preface == direct_framing::preface(net::link_side::dialler));
  std::optional<errc> read, written;
  a.here->octets().read(10, [&](result<bytes> octets) { read = octets.error().code; });
  a.here->octets().write(direct_framing::preface(net::link_side::acceptor),
                         [&](result<void> done) { written = done.error().code; });
  SUBCASE("closed") {
    a.here->octets().close();
    a.here->octets().close();
    CHECK_FALSE(read.has_value());
    loop.run();
    CHECK(read == errc::cancelled);
    CHECK(written == errc::cancelled);
  }
  SUBCASE("destroyed") {
    a.here.reset();
    loop.run();
    CHECK_FALSE(read.has_value());
    CHECK_FALSE(written.has_value());
  }
  CHECK(a.opened == 0);
}

TEST_CASE("a carrier may be destroyed by whom it calls") {
  for (auto by : {0, 1}) {
    queue_loop loop;
    direct_carriers over{loop};
    std::unique_ptr<net::carrier> c;
    int received = 0;
    net::carriers::events e;
    e.opened = [&](result<void>) {
      if (by == 0)
        c.reset();
    };
    e.received = [&](const bytes&) {
      ++received;
      c.reset();
    };
    c = over.open(net::link_side::acceptor, std::move(e)).value();
    auto octets = direct_framing::preface(net::link_side::dialler);
    direct_framing::append(octets, "one");
    direct_framing::append(octets, "two");
    bool is_done = false;
    c->octets().write(octets, [&](result<void>) { is_done = true; });
    loop.run();
    CHECK(received == by);
    CHECK_FALSE(is_done);
    CHECK_FALSE(c);
  }
}

}  // namespace beamline::testing
