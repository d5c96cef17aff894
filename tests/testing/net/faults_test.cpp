// Each kind of fault does what simulated_network.hpp says.

#include "testing/net/support.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

std::vector<std::string> notes_of(const std::function<void(world&)>& story) {
  struct reader final : observer {
    [[nodiscard]] bool wants_notes() const override { return true; }
    void on_note(const machine* where, std::string_view text) override {
      lines.push_back((where == nullptr ? "" : where->name() + " ") + std::string{text});
    }
    std::vector<std::string> lines;
  } r;
  world w;
  w.add_observer(r);
  story(w);
  w.remove_observer(r);
  return r.lines;
}

}  // namespace

TEST_CASE("a partition holds what is on the way; after healing it arrives in order and the connection lives") {
  testing::for_each_seed(80, [](world& w) {
    connected_pair c{w};
    c.near.read_all();
    c.far.read_all();
    auto there = numbered(30'000, 1);
    auto back = numbered(30'000, 2);
    c.near.write_in_parts(there, 700);
    c.far.write_in_parts(back, 700);
    w.pass(duration{static_cast<std::int64_t>(w.seed() * 37 % 3000) * 1us});
    c.net.partition("a@sim", "b@sim");
    CHECK(c.net.is_cut("a@sim", "b@sim"));
    CHECK(c.net.is_cut("b@sim", "a@sim"));
    auto had = std::pair{c.near.got.size(), c.far.got.size()};
    w.advance(3s);
    CHECK(c.near.got.size() <= had.first + 5000);  // Read already, not yet told.
    auto then = std::pair{c.near.got.size(), c.far.got.size()};
    w.advance(3s);
    CHECK(std::pair{c.near.got.size(), c.far.got.size()} == then);
    CHECK_FALSE((c.near.has_end && c.far.has_end));
    c.net.heal("b@sim", "a@sim");
    CHECK_FALSE(c.net.is_cut("a@sim", "b@sim"));
    REQUIRE(w.run_until([&] { return c.near.has_end && c.far.has_end; }));
    CHECK(c.far.got == there);
    CHECK(c.near.got == back);
  });
}

TEST_CASE("a partition one way lets the other way through") {
  testing::for_each_seed(40, [](world& w) {
    connected_pair c{w};
    c.near.read_all();
    c.far.read_all();
    c.net.partition_one_way("a@sim", "b@sim");
    CHECK(c.net.is_cut("a@sim", "b@sim"));
    CHECK_FALSE(c.net.is_cut("b@sim", "a@sim"));
    c.near.write("there");
    c.far.write("back");
    w.advance(1s);
    CHECK(c.far.got.empty());
    CHECK(c.near.got == "back");
    c.net.heal_all();
    w.advance(100ms);
    CHECK(c.far.got == "there");
  });
}

TEST_CASE("who hears nothing of what was read does not write more than the bound") {
  world w;
  connected_pair c{w};
  c.far.read_all();
  c.net.partition_one_way("b@sim", "a@sim");
  c.near.write_in_parts(numbered(3 * simulated_network::buffer_bytes_max), 10'000);
  w.advance(2s);
  CHECK(c.far.got.size() == simulated_network::buffer_bytes_max);
  CHECK(c.near.written <= simulated_network::buffer_bytes_max);
  c.net.heal_all();
  REQUIRE(w.run_until([&] { return c.far.has_end; }));
}

TEST_CASE("a reset breaks the connection at both ends, each in its own time, and loses only the end of what was sent") {
  std::size_t lost = 0, apart = 0;
  testing::for_each_seed(150, [&](world& w) {
    connected_pair c{w};
    c.near.read_all();
    c.far.read_all();
    auto there = numbered(5000, 1);
    auto back = numbered(5000, 2);
    c.near.write(there);
    c.far.write(back);
    w.pass(1ms);
    c.net.reset("b@sim", "a@sim");
    REQUIRE(w.run_until([&] { return c.near.read_problem || c.far.read_problem; }));
    auto begin = w.now();
    REQUIRE(w.run_until([&] { return c.near.read_problem && c.far.read_problem; }));
    apart += w.now() - begin > 500us ? 1 : 0;
    CHECK(c.near.read_problem->code == errc::unavailable);
    CHECK(is_prefix(c.far.got, there));
    CHECK(is_prefix(c.near.got, back));
    lost += c.far.got.size() + c.near.got.size() < 10'000 ? 1 : 0;
    CHECK_FALSE(c.near.stream->is_open());
    CHECK_FALSE(c.far.stream->is_open());
    CHECK(c.net.connections() == 0);
    c.near.write("too late");
    w.advance(10ms);
    REQUIRE(c.near.write_problem);
    CHECK(c.near.write_problem->message.find("reset") != std::string::npos);
  });
  CHECK(lost > 50);
  CHECK(apart > 30);
}

TEST_CASE("a half-open connection is found out by writing to it, and not by waiting") {
  testing::for_each_seed(60, [](world& w) {
    connected_pair c{w};
    c.near.read_all();
    c.far.read_all();
    c.net.half_open("a@sim", "b@sim");
    w.advance(30s);
    CHECK(c.near.read_problem);
    CHECK_FALSE(c.far.read_problem);
    CHECK(c.far.stream->is_open());
    CHECK(c.net.connections() == 1);
    c.far.write("is there anybody?");
    w.advance(100ms);
    CHECK(c.far.written == 17);
    REQUIRE(c.far.read_problem);
    CHECK(c.far.read_problem->code == errc::unavailable);
    CHECK(c.net.connections() == 0);
  });
}

TEST_CASE("a stall holds everything for its time, and not longer") {
  testing::for_each_seed(40, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    c.net.stall("a@sim", "b@sim", 700ms);
    auto sent = numbered(5000);
    c.near.write(sent);
    w.advance(699ms);
    CHECK(c.far.got.empty());
    w.advance(100ms);
    CHECK(c.far.got == sent);
  });
}

TEST_CASE("healing ends a stall early; a partition outlasts one") {
  world w;
  connected_pair c{w};
  c.far.read_all();
  c.net.stall("a@sim", "b@sim", 10s);
  c.near.write("x");
  SUBCASE("healed") {
    w.advance(100ms);
    c.net.heal("a@sim", "b@sim");
    w.advance(100ms);
    CHECK(c.far.got == "x");
  }
  SUBCASE("cut") {
    c.net.partition("a@sim", "b@sim");
    w.advance(20s);
    CHECK(c.far.got.empty());
    c.net.heal("a@sim", "b@sim");
    w.advance(100ms);
    CHECK(c.far.got == "x");
  }
}

TEST_CASE("a slow way lets so many octets through and no more, evenly") {
  testing::for_each_seed(20, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    c.net.slow("a@sim", "b@sim", 20);
    auto sent = numbered(20'000);
    c.near.write(sent);
    auto last = std::size_t{0};
    for (int i = 1; i <= 9; ++i) {
      w.advance(100ms);
      CHECK(c.far.got.size() <= static_cast<std::size_t>(i) * 2000);
      CHECK(c.far.got.size() >= static_cast<std::size_t>(i) * 2000 - 400);
      CHECK(c.far.got.size() > last);
      last = c.far.got.size();
    }
    SUBCASE("for as long as it takes") {
      REQUIRE(w.run_until([&] { return c.far.got == sent; }, 200ms));
    }
    SUBCASE("until it is healed") {
      c.near.write(numbered(200'000, 1));
      c.net.heal("a@sim", "b@sim");
      REQUIRE(w.run_until([&] { return c.far.got.size() == 220'000; }, 50ms));
    }
  });
}

TEST_CASE("two connections share a slow way") {
  world w;
  connected_pair c{w};
  auto d = dial(c.a, c.net.address_of("b@sim", 4400));
  REQUIRE(w.run_until([&] { return d->has_value() && c.at_b.accepted.size() == 2; }));
  talker second{std::move(***d)};
  c.far.read_all();
  c.at_b.accepted[1]->read_all();
  c.net.slow("a@sim", "b@sim", 10);
  c.near.write(numbered(10'000));
  second.write(numbered(10'000));
  w.advance(1s);
  auto both = c.far.got.size() + c.at_b.accepted[1]->got.size();
  CHECK(both <= 10'000);
  CHECK(both >= 9'700);
  CHECK(c.far.got.size() > 4000);
  CHECK(c.far.got.size() < 6000);
}

TEST_CASE("random resets follow the climate and end when they are told to") {
  std::size_t broken = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    world w{world_options{.seed = seed, .weather = {.reset_ppm = 50'000}}};
    connected_pair c{w};
    if (seed > 100)
      c.net.end_random_resets();
    c.far.read_all();
    c.near.read_all();
    auto sent = numbered(3000);
    c.near.write_in_parts(sent, 300);
    w.advance(1s);
    CHECK(is_prefix(c.far.got, sent));
    bool is_broken = c.far.read_problem.has_value();
    CHECK(is_broken == (c.far.got != sent || !c.far.has_end));
    CHECK((!is_broken || c.near.read_problem));
    broken += is_broken ? 1 : 0;
    if (seed > 100)
      CHECK_FALSE(is_broken);
  }
  CHECK(broken > 20);
  CHECK(broken < 80);
}

TEST_CASE("whatever happens to a connection, what arrives is a gapless prefix of what was sent") {
  std::size_t whole = 0, part = 0;
  testing::for_each_seed(250, [&](world& w) {
    connected_pair c{w};
    seeded_random random{w.derive_seed(99)};
    auto there = numbered(60'000, 1);
    auto back = numbered(60'000, 2);
    c.near.read_all();
    c.far.read_all();
    c.near.write_in_parts(there, 1 + random.below(3000));
    c.far.write_in_parts(back, 1 + random.below(3000));
    for (int i = 0; i < 6; ++i) {
      w.pass(duration{static_cast<std::int64_t>(random.below(8'000'000))});
      switch (random.below(12)) {
        case 0: c.net.partition("a@sim", "b@sim"); break;
        case 1: c.net.partition_one_way("b@sim", "a@sim"); break;
        case 2: c.net.heal("a@sim", "b@sim"); break;
        case 3: c.net.stall("a@sim", "b@sim", 20ms); break;
        case 4: c.net.slow("a@sim", "b@sim", 1 + random.below(2000)); break;
        case 5: w.pause_node(c.a, 15ms); break;
        case 6: w.pause_node(c.b, 15ms); break;
        case 7: c.net.reset("a@sim", "b@sim"); break;
        case 8: c.net.half_open("b@sim", "a@sim"); break;
        case 9: c.near.stream->close(); break;
        default: break;
      }
    }
    c.net.heal_all();
    w.advance(2s);
    CHECK(is_prefix(c.far.got, there));
    CHECK(is_prefix(c.near.got, back));
    CHECK((c.far.has_end || c.far.read_problem || c.far.stream->is_open()));
    whole += c.far.got == there && c.near.got == back ? 1 : 0;
    part += c.far.got.size() + c.near.got.size() < 120'000 ? 1 : 0;
  });
  CHECK(whole > 50);
  CHECK(part > 50);
}

TEST_CASE("taking away a fault between two machines does not move what happens between two others") {
  auto arrivals = [](bool is_partitioned) {
    world w{5};
    connected_pair c{w};
    auto& d = w.start_node("d@sim");
    auto& e = w.start_node("e@sim");
    auto at_e = listen_at(e);
    at_e.accept_all();
    if (is_partitioned)
      c.net.partition("a@sim", "b@sim");
    c.near.write(numbered(5000));
    c.far.read_all();
    auto to_e = dial(d, c.net.address_of("e@sim", 4400));
    CHECK(w.run_until([&] { return !at_e.accepted.empty() && to_e->has_value(); }));
    talker t{std::move(***to_e)};
    std::vector<duration> when;
    auto& far = *at_e.accepted[0];
    far.read_all();
    for (int i = 0; i < 20; ++i) {
      t.write(numbered(500, static_cast<std::uint64_t>(i)));
      w.advance(5ms);
      when.push_back(duration{static_cast<std::int64_t>(far.got.size())});
      when.push_back(w.elapsed());
    }
    return when;
  };
  CHECK(arrivals(false) == arrivals(true));
}

TEST_CASE("faults, beginnings and ends of connections can be read") {
  auto lines = notes_of([](world& w) {
    connected_pair c{w};
    c.net.partition("a@sim", "b@sim");
    c.net.heal("a@sim", "b@sim");
    c.net.reset("a@sim", "b@sim");
    w.advance(100ms);
  });
  auto has = [&](std::string_view line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); };
  CHECK(has("a@sim connects to b@sim (10.0.0.2:4400)"));
  CHECK(has("a@sim is cut off from b@sim"));
  CHECK(has("a@sim has a good way again to b@sim"));
  CHECK(has("a@sim has all its connections broken with b@sim"));
  CHECK(has("a@sim loses its connection: it was reset by b@sim (10.0.0.2:4400)"));
}
