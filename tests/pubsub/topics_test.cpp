#include "pubsub/topics.hpp"

#include "net/linked_nodes.hpp"
#include "pubsub/events.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::pubsub;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

struct received {
  std::vector<std::string> lines;
  std::vector<std::shared_ptr<const bytes>> payloads;
};

class listener final : public process {
public:
  listener(process_context& c, std::string topic, received& to) : process{c}, topic_{std::move(topic)}, to_{to} {}
  behavior init() override {
    cast(broadcast_on(env()), subscribe{topic_, self()});
    return handlers([this](const broadcast_message& m) {
      to_.lines.push_back(m.topic + " " + *m.payload);
      to_.payloads.push_back(m.payload);
    });
  }

private:
  std::string topic_;
  received& to_;
};

/// Publishes the numbers 0, 1, ... one per turn.
struct go {};
class publisher final : public process {
public:
  publisher(process_context& c, std::string name, int count) : process{c}, name_{std::move(name)}, count_{count} {}
  behavior init() override {
    return handlers([this](const go&) {
      if (next_ == count_)
        return;
      cast(broadcast_on(env()), publish{"t", name_ + std::to_string(next_++)});
      send_after(300us, go{});
    });
  }

private:
  std::string name_;
  int count_;
  int next_ = 0;
};

struct cluster {
  explicit cluster(world& world, testing::simulated_links_options o = {})
      : w{world}, net{world, {"a@sim", "b@sim"}, std::move(o)} {
    for (auto* n : {&a, &b}) {
      net.join(*n, "any");
      n->spawn<topics>();
    }
    w.run();
  }
  /// Casts to the broadcast process of the first node and lets it work.
  template <class M>
  void tell(M m) {
    a.cast(at(a), std::move(m));
    w.run();
  }
  pid at(simulated_node& n) { return broadcast_on(n.env()); }

  world& w;
  linked_nodes net;
  simulated_node& a = w.start_node("a@sim");
  simulated_node& b = w.start_node("b@sim");
};

/// The numbers that one publisher's messages carry, in the order they came.
std::vector<int> numbers_of(const received& r, const std::string& publisher) {
  std::vector<int> all;
  for (const auto& line : r.lines)
    if (line.starts_with("t " + publisher))
      all.push_back(std::stoi(line.substr(2 + publisher.size())));
  return all;
}

}  // namespace

TEST_CASE("a broadcast reaches every subscriber of its topic on every linked node once, its payload shared") {
  testing::for_each_seed(50, [](world& w) {
    received one, two, other, far;
    cluster c{w};
    c.net.connect(c.a, c.b);
    c.a.spawn<listener>("t", one);
    c.a.spawn<listener>("t", two);
    c.a.spawn<listener>("u", other);
    c.b.spawn<listener>("t", far);
    w.run();
    c.tell(publish{"t", "hello"});
    w.advance(10ms);
    for (const auto* r : {&one, &two, &far})
      CHECK(r->lines == std::vector<std::string>{"t hello"});
    CHECK(other.lines.empty());
    CHECK(one.payloads[0] == two.payloads[0]);
  });
}

TEST_CASE("subscribing twice is subscribing once; unsubscribing and dying end it") {
  world w;
  received one, two;
  cluster c{w};
  auto p = c.a.spawn<listener>("t", one);
  auto q = c.a.spawn<listener>("t", two);
  c.tell(subscribe{"t", p});
  c.tell(publish{"t", "1"});
  w.run();
  CHECK(one.lines.size() == 1);
  c.tell(unsubscribe{"t", p});
  c.tell(unsubscribe{"t", p});
  c.tell(unsubscribe{"other", q});
  c.a.kill(q);
  w.run();
  c.tell(publish{"t", "2"});
  w.run();
  CHECK(one.lines.size() == 1);
  CHECK(two.lines.size() == 1);
  SUBCASE("and subscribing again begins it again") {
    c.tell(subscribe{"t", p});
    c.tell(publish{"t", "3"});
    w.run();
    CHECK(one.lines == std::vector<std::string>{"t 1", "t 3"});
  }
  SUBCASE("a subscriber that was dead already is forgotten, too") {
    c.tell(subscribe{"t", q});
    w.run();
    c.tell(publish{"t", "4"});
    CHECK(two.lines.size() == 1);
  }
}

TEST_CASE("what cannot be broadcast or subscribed is refused with its reason") {
  world w;
  cluster c{w};
  auto refused = [&](auto m) {
    auto outcome = w.try_ask<std::string>(c.at(c.a), std::move(m));
    REQUIRE(std::holds_alternative<call_error>(outcome));
    auto e = std::get<call_error>(outcome);
    CHECK_MESSAGE(e.why.text.starts_with("badarg: "), to_string(e));
  };
  SUBCASE("no topic") { refused(publish{"", "x"}); }
  SUBCASE("a topic that is too long") { refused(publish{std::string(topic_bytes_max + 1, 't'), "x"}); }
  SUBCASE("a payload that is too large") { refused(publish{"t", bytes(broadcast_payload_bytes_max + 1, 'x')}); }
  SUBCASE("a subscription without a topic") { refused(subscribe{"", c.at(c.a)}); }
  SUBCASE("a subscriber on another node") { refused(subscribe{"t", c.at(c.b)}); }
  SUBCASE("nobody") { refused(subscribe{"t", pid{}}); }
}

TEST_CASE("the largest payload with the longest topic fits into a message between nodes") {
  world w;
  received far;
  cluster c{w};
  c.net.connect(c.a, c.b);
  std::string topic(topic_bytes_max, 't');
  c.b.spawn<listener>(topic, far);
  w.run();
  c.tell(publish{topic, bytes(broadcast_payload_bytes_max, 'x')});
  w.advance(50ms);
  CHECK(far.lines.size() == 1);
}

TEST_CASE("a broadcast that the link does not take is counted, and local subscribers get it all the same") {
  world w;
  received one;
  testing::simulated_links_options o;
  o.links.lanes.message_octets_max = 50;
  cluster c{w, o};
  c.net.connect(c.a, c.b);
  c.a.spawn<listener>("t", one);
  w.run();
  std::uint64_t dropped = 0;
  auto h = c.a.events().attach<broadcast_dropped>([&](const broadcast_dropped& e) { dropped = e.total; });
  c.tell(publish{"t", bytes(100, 'x')});
  w.run();
  CHECK(dropped == 1);
  CHECK(one.lines.size() == 1);
}

TEST_CASE("each publisher's messages come in its order; a link that drops loses some and never swaps or repeats") {
  testing::for_each_seed(200, [](world& w) {
    received near, far;
    cluster c{w};
    c.net.connect(c.a, c.b);
    c.a.spawn<listener>("t", near);
    c.b.spawn<listener>("t", far);
    auto p = c.a.spawn<publisher>("p", 30);
    auto q = c.a.spawn<publisher>("q", 30);
    auto r = c.b.spawn<publisher>("r", 30);
    w.run();
    bool is_cut = w.seed() % 2 == 0;
    c.a.cast(p, go{});
    c.a.cast(q, go{});
    c.b.cast(r, go{});
    w.advance(3ms);
    if (is_cut) {
      c.net.shake(c.a, c.b);
      w.advance(1ms);
      c.net.connect(c.a, c.b);
    }
    w.advance(1s);
    for (const auto* who : {"p", "q", "r"})
      for (const auto* at : {&near, &far}) {
        auto seen = numbers_of(*at, who);
        bool is_near = (at == &near) == (who[0] != 'r');
        CHECK(std::is_sorted(seen.begin(), seen.end()));
        CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
        if (is_near || !is_cut)
          CHECK_MESSAGE(seen.size() == 30, who << " in seed " << w.seed());
        else
          CHECK(seen.size() < 30);
      }
  });
}
