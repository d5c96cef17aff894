// What the page /cluster is made of, without processes.
#include "apps/event_horizon/cluster/buffer_history.hpp"
#include "apps/event_horizon/cluster/call_window.hpp"
#include "apps/event_horizon/cluster/node_roster.hpp"
#include "apps/event_horizon/cluster/picture.hpp"
#include "apps/event_horizon/cluster/sparkline.hpp"
#include "apps/event_horizon/views/cluster_page.hpp"
#include "apps/event_horizon/views/moments.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::event_horizon;

namespace {

peer_info peer(std::string name, std::string role = "event_horizon", std::uint64_t connection = 1) {
  peer_info p;
  p.identity = {std::move(name), 1};
  p.role = std::move(role);
  p.version = "1.2.3";
  p.connection = connection;
  return p;
}

time_point at(duration d) { return time_point{d}; }

/// Off by a sixteenth at most, and by the microsecond that nothing is measured below.
bool is_about(duration found, duration expected) {
  return found <= expected + expected / 15 + 1us && found >= expected - expected / 15 - 1us;
}

}  // namespace

TEST_CASE("a call_window without calls says so") {
  call_window w;
  CHECK(w.of_last_minutes(at(1h)) == call_window::summary{});
}

TEST_CASE("a call_window finds median and 99th percentile of what was recorded") {
  call_window w;
  for (int ms = 1; ms <= 200; ++ms)
    w.record(at(1h), ms * 1ms);
  const auto s = w.of_last_minutes(at(1h));
  CHECK(s.calls == 200);
  CHECK(is_about(s.median, 100ms));
  CHECK(is_about(s.p99, 198ms));
}

TEST_CASE("one slow call in a hundred is not the 99th percentile, two are") {
  call_window w;
  for (int i = 0; i < 99; ++i)
    w.record(at(1h), 1ms);
  w.record(at(1h), 1s);
  CHECK(is_about(w.of_last_minutes(at(1h)).p99, 1ms));
  w.record(at(1h), 1s);
  CHECK(is_about(w.of_last_minutes(at(1h)).p99, 1s));
}

TEST_CASE("a call_window forgets what is older than its span, slice by slice") {
  call_window w;
  w.record(at(1h), 1s);
  w.record(at(1h + call_window::slice), 2s);
  CHECK(w.of_last_minutes(at(1h + call_window::span - 1ns)).calls == 2);
  CHECK(w.of_last_minutes(at(1h + call_window::span)).calls == 1);
  CHECK(w.of_last_minutes(at(1h + call_window::span + call_window::slice)).calls == 0);
  // The place of the oldest slice is used again.
  w.record(at(1h + call_window::span), 3s);
  const auto s = w.of_last_minutes(at(1h + call_window::span));
  CHECK(s.calls == 2);
  CHECK(is_about(s.p99, 3s));
}

TEST_CASE("a call_window takes durations of any length") {
  call_window w;
  for (auto d : {duration{-5}, duration{0}, duration{999}, duration{24h * 365}})
    w.record(at(0s), d);
  const auto s = w.of_last_minutes(at(0s));
  CHECK(s.calls == 4);
  CHECK(is_about(s.median, 1us));
  CHECK(s.p99 > 120s);
}

TEST_CASE("a call_window agrees with sorting everything") {
  auto random = seeded_random{7};
  for (int round = 0; round < 50; ++round) {
    call_window w;
    struct call {
      time_point when;
      duration took;
    };
    std::deque<call> all;
    auto now = at(1h);
    for (int i = 0; i < 400; ++i) {
      now += duration{static_cast<std::int64_t>(random.below(3'000'000'000))};
      auto took = duration{static_cast<std::int64_t>(random.below(1ULL << random.below(36)))};
      w.record(now, took);
      all.push_back({now, took});
    }
    const auto first = now.time_since_epoch() / call_window::slice - static_cast<std::int64_t>(call_window::slices) + 1;
    std::vector<duration> kept;
    for (const auto& c : all)
      if (c.when.time_since_epoch() / call_window::slice >= first)
        kept.push_back(std::max<duration>(c.took, 1us));
    std::sort(kept.begin(), kept.end());
    const auto s = w.of_last_minutes(now);
    CAPTURE(round);
    REQUIRE(s.calls == kept.size());
    CHECK(is_about(s.median, kept[(kept.size() + 1) / 2 - 1]));
    CHECK(is_about(s.p99, kept[kept.size() - kept.size() / 100 - 1]));
  }
}

TEST_CASE("a buffer_history keeps the most of each step") {
  buffer_history h;
  CHECK(h.points().empty());
  for (auto [when, size] : {std::pair{0s, 1U}, {1s, 7U}, {4s, 2U}, {5s, 3U}})
    h.record(at(when), size);
  CHECK(h.points() == std::vector<std::uint64_t>{7, 3});
}

TEST_CASE("a buffer_history repeats the last value where nothing was measured") {
  buffer_history h;
  h.record(at(0s), 4);
  h.record(at(20s), 9);
  CHECK(h.points() == std::vector<std::uint64_t>{4, 4, 4, 4, 9});
}

TEST_CASE("a buffer_history is bounded, whatever the rate of samples and however long the pause") {
  buffer_history h;
  for (int i = 0; i < 5000; ++i)
    h.record(at(i * 1s), static_cast<std::uint64_t>(i));
  REQUIRE(h.points().size() == buffer_history::points_max);
  CHECK(h.points().back() == 4999);
  CHECK(h.points().front() == 4999 - 5 * (buffer_history::points_max - 1));
  h.record(at(24h * 365), 1);
  REQUIRE(h.points().size() == buffer_history::points_max);
  CHECK(h.points().back() == 1);
  CHECK(h.points().front() == 4999);
}

TEST_CASE("a sparkline draws steps from left to right, equal ones as one") {
  const auto s = sparkline{.width = 100, .height = 12, .points = 10};
  auto line = [&](std::vector<std::uint64_t> v) { return s.line(v); };
  CHECK(line({}).empty());
  CHECK(line({0}) == "M90 11H100");
  CHECK(line({0, 0, 0}) == "M70 11H100");
  CHECK(line({0, 5, 5, 10}) == "M60 11H70V6H90V1H100");
  CHECK(line(std::vector<std::uint64_t>(10, 0)) == "M0 11H100");
  CHECK(line(std::vector<std::uint64_t>(25, 3)) == "M0 1H100");
  CHECK(s.area(std::vector<std::uint64_t>{0, 10}) == "M80 11H90V1H100V12H80Z");
  CHECK(s.area({}).empty());
}

TEST_CASE("the drawing of what waited has words in its place") {
  CHECK(spoken_history({}) == "Nothing was measured yet.");
  CHECK(spoken_history(std::vector<std::uint64_t>{0, 0}) == "Nothing has waited within the last 10 minutes.");
  CHECK(spoken_history(std::vector<std::uint64_t>{0, 1700, 3}) == "Now 3, at most 1,700 within the last 10 minutes.");
}

TEST_CASE("a node_roster knows who is there, who went, since when and why") {
  node_roster r;
  const auto noon = wall_time{12h};
  r.found(peer("a@x"), at(1s));
  CHECK(r.events().empty());
  r.up(peer("b@x", "accumulator"), at(2s), noon);
  r.down(peer("b@x", "accumulator"), "connection_closed", at(5s), noon + 3s);
  CHECK(r.nodes().at("a@x").is_up);
  const auto& b = r.nodes().at("b@x");
  CHECK_FALSE(b.is_up);
  CHECK(b.role == "accumulator");
  CHECK(b.since == at(5s));
  CHECK(b.why == "connection_closed");
  REQUIRE(r.events().size() == 2);
  CHECK_FALSE(r.events()[0].is_up);
  CHECK(r.events()[0].at == noon + 3s);
  CHECK(r.events()[1].is_up);
  r.up(peer("b@x", "accumulator", 2), at(9s), noon + 7s);
  CHECK(r.nodes().at("b@x").is_up);
  CHECK(r.nodes().at("b@x").since == at(9s));
}

TEST_CASE("the end of a link that was replaced, or that was never seen, says nothing about the node") {
  node_roster r;
  r.up(peer("a@x", "event_horizon", 7), at(1s), {});
  r.down(peer("a@x", "event_horizon", 6), "replaced", at(2s), {});
  CHECK(r.nodes().at("a@x").is_up);
  r.down(peer("z@x"), "connection_closed", at(2s), {});
  CHECK(r.nodes().size() == 1);
  CHECK(r.events().size() == 1);
}

TEST_CASE("a node_roster forgets the nodes that went first, and old events") {
  node_roster r;
  for (int i = 0; i < 100; ++i) {
    auto p = peer("n" + std::to_string(i) + "@x");
    r.up(p, at(i * 1s), {});
    r.down(p, "connection_closed", at(i * 1s + 500ms), {});
  }
  r.up(peer("stays@x"), at(200s), {});
  CHECK(r.nodes().size() == node_roster::gone_max + 1);
  CHECK(r.nodes().count("n99@x") == 1);
  CHECK(r.nodes().count("n84@x") == 1);
  CHECK(r.nodes().count("n83@x") == 0);
  CHECK(r.events().size() == node_roster::events_max);
  CHECK(r.events().front().node == "stays@x");
}

TEST_CASE("public names say nothing of addresses, and tell equal ones apart on every node alike") {
  CHECK(public_names({"event_horizon_1@127.0.0.1", "accumulator_1@127.0.0.1"})
        == std::map<std::string, std::string>{{"event_horizon_1@127.0.0.1", "event_horizon_1"},
                                              {"accumulator_1@127.0.0.1", "accumulator_1"}});
  const auto two = public_names({"blog@10.0.0.7", "blog@10.0.0.8", "counter@10.0.0.9"});
  CHECK(two.at("counter@10.0.0.9") == "counter");
  CHECK(two.at("blog@10.0.0.7") != two.at("blog@10.0.0.8"));
  CHECK(two.at("blog@10.0.0.7").starts_with("blog-"));
  CHECK(two.at("blog@10.0.0.7").size() == 9);
  CHECK(public_names({"blog@10.0.0.8", "blog@10.0.0.7"}) == public_names({"blog@10.0.0.7", "blog@10.0.0.8"}));
  for (const auto& [whole, shown] : two)
    CHECK(shown.find("10.0") == std::string::npos);
}

TEST_CASE("no two nodes are called the same in public, whatever their addresses are") {
  auto shown_of = [](const std::vector<std::string>& nodes) {
    std::set<std::string> out;
    for (const auto& [whole, shown] : public_names(nodes))
      out.insert(shown);
    return out;
  };
  SUBCASE("four digits are the same: a fifth is shown of both") {
    CHECK(shown_of({"event_horizon@10.0.0.240", "event_horizon@10.0.1.198"})
          == std::set<std::string>{"event_horizon-b25df", "event_horizon-b25d8"});
  }
  SUBCASE("all digits are the same: they are numbered") {
    CHECK(shown_of({"blog@host-8d1aaf.example", "blog@host-053599.example"}).size() == 2);
  }
  SUBCASE("a name that looks like one with digits") {
    CHECK(shown_of(
              {"blog@10.0.0.7", "blog@10.0.0.8", *shown_of({"blog@10.0.0.7", "blog@10.0.0.8"}).begin() + "@10.0.0.9"})
              .size()
          == 3);
  }
}

TEST_CASE("why a link ended is said in words, whatever the reason") {
  CHECK(down_words("net_tick_timeout") == "nothing was heard of it for too long");
  CHECK(down_words("cannot open /etc/secret") == "connection lost");
}

TEST_CASE("spans and latencies are said with what matters of them") {
  struct span {
    duration d;
    const char* text;
  };
  for (const auto& s : {span{0s, "0 s"}, span{59'900ms, "59 s"}, span{61s, "1 min"}, span{2h + 59min, "2 h"},
                        span{25h, "1 day"}, span{73h, "3 days"}, span{-5s, "0 s"}}) {
    CHECK(span_words(rounded(s.d)) == s.text);
    CHECK(rounded(rounded(s.d)) == rounded(s.d));
  }
  CHECK(ms_words(84us) == "0.08 ms");
  CHECK(ms_words(3140us) == "3.1 ms");
  CHECK(ms_words(123'456us) == "123 ms");
}

namespace {

struct drawing {
  node_roster others;
  std::map<std::string, picture_parts::report> reports;
  std::optional<net::outbox::status> buffer;
  std::vector<std::uint64_t> waiting;
  std::string remote_prefix;

  [[nodiscard]] cluster_picture at_time(duration now) const {
    return draw({.here = "host_1@127.0.0.1",
                 .role = "event_horizon",
                 .version = "1.2.3",
                 .remote_prefix = remote_prefix,
                 .started = at(0s),
                 .others = others,
                 .reports = reports,
                 .buffer = buffer,
                 .waiting = waiting,
                 .calls = {}},
                at(now));
  }
};

}  // namespace

TEST_CASE("a picture has this host first, then who is there, then who is away") {
  drawing d;
  d.others.found(peer("a@10.0.0.1"), at(0s));
  d.others.found(peer("b@10.0.0.1"), at(0s));
  d.others.found(peer("c@10.0.0.1"), at(0s));
  d.others.down(peer("a@10.0.0.1"), "connection_closed", at(30s), {});
  const auto p = d.at_time(90s);
  REQUIRE(p.nodes.size() == 4);
  CHECK(p.here == "host_1");
  CHECK(p.nodes[0].is_here);
  CHECK(p.nodes[1].name == "b");
  CHECK(p.nodes[2].name == "c");
  CHECK(p.nodes[3].name == "a");
  CHECK(p.nodes[3].lasts == 1min);
  CHECK(p.nodes[3].why == "connection closed");
  CHECK(p.measured == std::vector<std::string>{"host_1", "b", "c"});
  REQUIRE(p.events.size() == 1);
  CHECK(p.events[0].node == "a");
  CHECK(presence_text(p) == "3 of 4");
}

TEST_CASE("a picture shows each node's own measurements, for as long as they are fresh") {
  drawing d;
  d.others.found(peer("b@x"), at(0s));
  d.reports["host_1@127.0.0.1"] = {{{{"b@x", 2ms}}}, at(100s)};
  d.reports["b@x"] = {{{{"host_1@127.0.0.1", 3ms}, {"never heard of@x", 1ms}}}, at(90s)};
  auto p = d.at_time(101s);
  REQUIRE(p.latencies.size() == 2);
  CHECK_FALSE(p.latencies[0][0]);
  CHECK(p.latencies[0][1] == std::optional<duration>{2ms});
  CHECK(p.latencies[1][0] == std::optional<duration>{3ms});
  const auto rows = latency_rows(p);
  CHECK(rows[1].from == "b");
  CHECK(rows[1].cells == std::vector<std::string>{"3.0 ms", "–"});
  p = d.at_time(90s + measured_for + 1ns);
  CHECK(p.latencies[0][1] == std::optional<duration>{2ms});
  CHECK_FALSE(p.latencies[1][0]);
}

TEST_CASE("a table of latencies stays small in a large cluster") {
  drawing d;
  for (int i = 0; i < 200; ++i)
    d.others.found(peer("n" + std::to_string(i) + "@x"), at(0s));
  const auto p = d.at_time(1s);
  CHECK(p.nodes.size() == 201);
  CHECK(p.measured.size() == measured_nodes_max);
  CHECK(p.latencies.size() == measured_nodes_max);
}

TEST_CASE("the outbox is shown without the texts of its errors and the addresses of its targets") {
  using state = cluster_picture::outbox::state;
  drawing d;
  d.buffer.emplace();
  d.buffer->target = "accumulator_1@10.0.0.9";
  d.buffer->last_error = "cannot write /var/lib/x";
  d.buffer->size = 3;
  d.buffer->oldest = 61s;
  auto p = d.at_time(1s);
  REQUIRE(p.buffer.has_value());
  CHECK(p.buffer->target == std::optional<std::string>{"accumulator_1"});
  CHECK(p.buffer->oldest == std::optional<duration>{1min});
  CHECK(p.buffer->is == state::waiting);
  CHECK(state_text(*p.buffer) == "about to send");
  d.buffer->target.reset();
  CHECK(state_text(*d.at_time(1s).buffer) == "waiting for the accumulator");
  d.buffer->is_syncing = true;
  CHECK(d.at_time(1s).buffer->is == state::sending);
  d.buffer->is_failing = true;
  CHECK(d.at_time(1s).buffer->is == state::failing);
  // It says what failed, which is sending and not keeping.
  CHECK(state_text(*d.at_time(1s).buffer) == "waiting for the accumulator, which did not take the last attempt");
  d.buffer->target = "accumulator_1@10.0.0.9";
  CHECK(state_text(*d.at_time(1s).buffer) == "the accumulator did not take the last attempt; it is tried again");
  d.buffer->is_ready = false;
  CHECK(d.at_time(1s).buffer->is == state::loading);
  *d.buffer = net::outbox::status{};
  CHECK(state_text(*d.at_time(1s).buffer) == "empty");
}

TEST_CASE("pictures that look the same are equal, so nothing is sent") {
  drawing d;
  d.others.found(peer("b@x"), at(0s));
  CHECK(d.at_time(61s) == d.at_time(119s));
  CHECK_FALSE(d.at_time(61s) == d.at_time(121s));
}

TEST_CASE("the accumulator shown is the one that is there, else the one that went last") {
  drawing d;
  CHECK(accumulator_of(d.at_time(1s)) == nullptr);
  for (const char* name : {"accumulator_1@x", "accumulator_2@x"})
    d.others.found(peer(name, "accumulator"), at(0s));
  d.others.down(peer("accumulator_1@x", "accumulator"), "connection_closed", at(5s), {});
  CHECK(accumulator_of(d.at_time(9s))->name == "accumulator_2");
  d.others.down(peer("accumulator_2@x", "accumulator"), "connection_closed", at(8s), {});
  auto p = d.at_time(9s);
  CHECK(accumulator_of(p)->name == "accumulator_2");
  CHECK_FALSE(accumulator_of(p)->is_up);
}

TEST_CASE("with a prefix, the accumulator shown is the one of that name, whatever the others are for") {
  drawing d;
  d.remote_prefix = "blue_";
  d.others.found(peer("accumulator_1@x", "accumulator"), at(0s));
  CHECK(accumulator_of(d.at_time(1s)) == nullptr);
  d.others.found(peer("blue_1@x", "counter"), at(0s));
  const auto p = d.at_time(2s);
  REQUIRE(accumulator_of(p) != nullptr);
  CHECK(accumulator_of(p)->name == "blue_1");
}

TEST_CASE("moments are shown in UTC") {
  const auto when = wall_time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}} + 14h + 3min + 7s + 1us;
  CHECK(machine_moment(when) == "2026-11-22T14:03:07Z");
  CHECK(clock_of(when) == "14:03:07");
}
