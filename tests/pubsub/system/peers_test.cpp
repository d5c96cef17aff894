// Several nodes: notes/distribution-test-catalogue.md, Phoenix.PubSub in a cluster and SY11.

#include "base/log.hpp"
#include "net/events.hpp"
#include "pubsub/system/pubsub_node.hpp"

#include "pubsub/system/directory_parts.hpp"
#include "pubsub/system/wire.hpp"

#include <algorithm>

namespace beamline::pubsub::test {

namespace {

constexpr const char* a = "a@sim";
constexpr const char* b = "b@sim";
constexpr const char* c = "c@sim";
constexpr auto fire = topic_class::fire_and_forget;

struct mismatches {
  explicit mismatches(simulated_node& n)
      : handle{n.events().attach<system_mismatch>([this](const system_mismatch& e) {
          all.push_back(std::string{e.system} + " " + std::string{e.node} + " " + std::string{e.what} + " "
                        + std::to_string(e.here) + "/" + std::to_string(e.there));
        })} {}

  std::vector<std::string> all;
  telemetry::handle handle;
};

std::size_t lines_with(simulated_node& n, std::string_view text) {
  auto lines = n.env().log().recent();
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const auto& l) { return l.find(text) != std::string::npos; }));
}

}  // namespace

TEST_CASE("PS13 broadcast reaches the subscribers of all nodes") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b, c}};
    t.start_all();
    t.connect_all();
    auto by = t.spawn(a);
    auto at_b = t.subscriber(b, "topic");
    auto at_c = t.subscriber(c, "topic");
    CHECK(t.broadcast(by, "topic", {1, "x"}));
    CHECK(t.broadcast(by, "topic", {2, "y"}));
    t.settle();
    CHECK(at_b.is_told->all == std::vector<said>{{1, "x"}, {2, "y"}});
    CHECK(at_c.is_told->all == std::vector<said>{{1, "x"}, {2, "y"}});
    CHECK(t.of(b).count().received == 2);
  });
}

TEST_CASE("PS14 local_broadcast stays on its node") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b, c}};
    t.start_all();
    t.connect_all();
    auto here = t.subscriber(a, "topic");
    auto at_b = t.subscriber(b, "topic");
    auto at_c = t.subscriber(c, "topic");
    t.in_turn_of(here, [&](process& p) { CHECK(t.of(a).local_broadcast(p, "topic", fire, share(said{1, {}}), {})); });
    t.settle();
    CHECK(here.numbers() == numbers{1});
    CHECK(at_b.numbers().empty());
    CHECK(at_c.numbers().empty());
  });
}

TEST_CASE("PS15 direct_broadcast reaches the node that is named and no other") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b, c}};
    t.start_all();
    t.connect_all();
    auto by = t.subscriber(a, "topic");
    auto at_b = t.subscriber(b, "topic");
    t.in_turn_of(by, [&](process& p) {
      CHECK(t.of(a).direct_broadcast(p, b, "topic", fire, share(said{1, {}}), {}));
      CHECK(t.of(a).direct_broadcast(p, c, "topic", fire, share(said{2, {}}), {}));
    });
    t.settle();
    CHECK(at_b.numbers() == numbers{1});
    CHECK(by.numbers().empty());
  });
}

TEST_CASE("PS16 pools of different sizes lose nothing, and are told") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    auto sized = [](std::size_t size) {
      system_options o;
      o.pool_size = size;
      return std::vector{o};
    };
    t.start(a, sized(1));
    t.start(b, sized(4));
    mismatches at_a{t.at(a)}, at_b{t.at(b)};
    t.connect_all();
    auto there = t.subscriber(b, "topic");
    auto here = t.subscriber(a, "topic");
    for (std::uint64_t i = 1; i <= 12; ++i) {
      CHECK(t.broadcast(t.spawn(a), "topic", {i, {}}));
      CHECK(t.broadcast(t.spawn(b), "topic", {100 + i, {}}));
    }
    t.settle();
    CHECK(there.numbers().size() == 24);
    CHECK(here.numbers().size() == 24);
    CHECK(at_a.all == std::vector<std::string>{"main b@sim pool_size 1/4"});
    CHECK(at_b.all == std::vector<std::string>{"main a@sim pool_size 4/1"});
  });
}

TEST_CASE("SY11 systems of different names exchange nothing, and both sides say so once per link") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(a, {named("x")});
    t.start(b, {named("y")});
    mismatches at_a{t.at(a)}, at_b{t.at(b)};
    t.connect_all();
    auto here = t.spawn(a);
    auto there = t.spawn(b);
    REQUIRE(t.of(b, "y").subscribe(there.who, "topic"));
    int dropped = 0;  // A peer that is known to lack the name is not even sent to.
    auto handle = t.at(b).events().attach<net::peer_message_dropped>([&](const auto&) { ++dropped; });
    for (std::uint64_t i = 1; i <= 3; ++i)
      CHECK(t.broadcast(here, "topic", {i, {}}, fire, {}, "x"));
    t.settle();
    CHECK(there.numbers().empty());
    CHECK(t.of(b, "y").count().received == 0);
    CHECK(dropped == 0);
    CHECK(at_a.all == std::vector<std::string>{"x b@sim name 1/0"});
    CHECK(at_b.all == std::vector<std::string>{"y a@sim name 1/0"});
    CHECK(lines_with(t.at(a), "a peer has no PubSub system of that name") == 1);
    t.net.cut(t.at(a), t.at(b));
    t.connect_all();
    CHECK(at_a.all.size() == 2);
  });
}

TEST_CASE("a node speaks for all of its systems, and each finds its namesake") {
  for_each_seed(20, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(a, {named("x"), named("y")});
    t.start(b, {named("y"), named("z")});
    mismatches at_a{t.at(a)}, at_b{t.at(b)};
    t.connect_all();
    auto here = t.spawn(a);
    std::map<std::string, someone> there;
    for (const auto* name : {"y", "z"}) {
      there[name] = t.spawn(b);
      REQUIRE(t.of(b, name).subscribe(there[name].who, "topic"));
    }
    CHECK(t.broadcast(here, "topic", {1, {}}, fire, {}, "x"));
    CHECK(t.broadcast(here, "topic", {2, {}}, fire, {}, "y"));
    t.settle();
    CHECK(there["y"].numbers() == numbers{2});
    CHECK(there["z"].numbers().empty());
    CHECK(at_a.all == std::vector<std::string>{"x b@sim name 1/0"});
    CHECK(at_b.all == std::vector<std::string>{"z a@sim name 1/0"});
  });
}

TEST_CASE("a system that starts later is announced to the peers that are linked") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(a);
    t.start(b, {});
    mismatches at_a{t.at(a)};
    t.connect_all();
    CHECK(at_a.all.empty());  // It has said nothing yet.
    t.at(b).spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_system(named("other"))}});
    t.settle();
    CHECK(at_a.all == std::vector<std::string>{"main b@sim name 1/0"});
    t.at(b).spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_system({})}});
    t.settle();
    auto there = t.subscriber(b, "topic");
    CHECK(t.broadcast(t.spawn(a), "topic", {1, {}}));
    t.settle();
    CHECK(there.numbers() == numbers{1});
  });
}

TEST_CASE("a system that has ended is announced, and nothing is sent to it any more") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start(a);
    t.start(b, {named("other")});
    auto top = t.at(b).spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {child_system({})}});
    w.run();
    t.connect_all();
    mismatches at_a{t.at(a)};
    t.at(b).exit(top, reason::shutdown());
    w.advance(16s);
    CHECK(at_a.all == std::vector<std::string>{"main b@sim name 1/0"});
  });
}

TEST_CASE("nobody's subscriptions are taken in the name of a process of another node") {
  for_each_seed(2, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.subscriber(a, "topic");
    auto elsewhere = std::make_shared<node_identity>(node_identity{"b@sim", 1});
    CHECK(t.of(a).unsubscribe(pid{elsewhere, s.who.id()}, "topic") == 0);
    CHECK(t.of(a).unsubscribe(pid{}, "topic") == 0);
    CHECK(t.of(a).subscribers("topic") == 1);
  });
}

TEST_CASE("whoever speaks for a node may be killed, and another system's herald goes on") {
  for_each_seed(10, [](world& w) {
    pubsub_cluster t{w, {a, b, c}};
    t.start(a, {named("x"), named("y")});
    t.start(b, {named("x"), named("y")});
    t.start(c, {named("x")});
    t.net.connect(t.at(a), t.at(b));
    t.settle();
    for (const auto& info : t.at(a).processes().list(w.now()))
      if (info.label == "herald")
        t.at(a).kill(pid{t.at(a).env().self(), info.id});
    t.settle();
    mismatches at_a{t.at(a)};
    t.net.connect(t.at(a), t.at(c));
    t.settle();
    CHECK(at_a.all == std::vector<std::string>{"y c@sim name 1/0"});
    auto there = t.spawn(c);
    REQUIRE(t.of(c, "x").subscribe(there.who, "topic"));
    CHECK(t.broadcast(t.spawn(a), "topic", {1, {}}, fire, {}, "x"));
    t.settle();
    CHECK(there.numbers() == numbers{1});
  });
}

namespace {

/// Counts what peers say to a service.
class eavesdropper final : public process {
public:
  eavesdropper(process_context& context, std::string service, std::size_t& messages)
      : process{context}, service_{std::move(service)}, messages_{messages} {}
  behavior init() override {
    env().peers().register_service(service_, self());
    return handlers([this](const peer_message&) { ++messages_; });
  }

private:
  std::string service_;
  std::size_t& messages_;
};

}  // namespace

TEST_CASE("however many systems a node has, one announcement tells a peer of all of them") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all({named("x"), named("y"), named("z")});
    std::size_t announcements = 0;
    t.at(b).spawn<eavesdropper>(std::string{announcement_service}, announcements);
    w.run();
    t.connect_all();
    CHECK(announcements == 2);  // Its question, and its answer.
  });
}

TEST_CASE("when who speaks for a node is killed and its system is given up, somebody else takes over") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    auto& n = w.start_node(a);
    prepare(n);
    t.net.join(n, "any");
    supervision::supervisor_spec top;
    top.children.push_back(child_system(named("x")));
    top.children.push_back(child_system(named("y")));
    top.children.back().restart = supervision::restart_type::temporary;
    n.spawn<supervision::supervisor>(std::move(top));
    w.run();
    auto& parts = n.env().get<directory>().parts();
    while (find_system(n.env(), "y") != nullptr) {
      n.kill(pid{n.env().self(), parts.herald_of("y")});
      w.run();
    }
    t.start(b, {named("z")});
    mismatches at_a{n};
    t.connect_all();
    w.advance(20s);
    CHECK(at_a.all == std::vector<std::string>{"x b@sim name 1/0"});
  });
}

TEST_CASE("broadcast_from reaches processes of other nodes whatever their id") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    auto here = t.subscriber(a, "topic");
    auto there = t.subscriber(b, "topic");
    CHECK(here.who.id() == there.who.id());  // Same order of births on both: the id alone says nothing.
    t.in_turn_of(here, [&](process& p) { CHECK(t.of(a).broadcast_from(p, "topic", fire, share(said{1, {}}), {})); });
    t.settle();
    CHECK(here.numbers().empty());
    CHECK(there.numbers() == numbers{1});
  });
}

TEST_CASE("what cannot cross is refused before anybody is told, local subscribers included") {
  for_each_seed(5, [](world& w) {
    pubsub_cluster t{w, {a}};
    t.start_all();
    auto s = t.subscriber(a, "topic");
    t.in_turn_of(s, [&](process& p) {
      auto& main = t.of(a);
      auto unknown = main.broadcast(p, "topic", fire, share(unspeakable{1}), {});
      REQUIRE_FALSE(unknown);
      CHECK(unknown.error().code == errc::unsupported);
      auto large = main.broadcast(p, "topic", fire, share(said{1, std::string(broadcast_octets_max, 'x')}), {});
      REQUIRE_FALSE(large);
      CHECK(large.error().code == errc::too_large);
      CHECK(large.error().message.find("\"topic\" is over the limit of 1047552") != std::string::npos);
      auto largest = main.broadcast(p, "topic", fire, share(said{2, std::string(broadcast_octets_max - 16, 'x')}), {});
      CHECK(largest);
      for (const auto& name : {std::string{}, std::string(topic_octets_max + 1, 't')}) {
        auto named = main.broadcast(p, name, fire, share(said{1, {}}), {});
        REQUIRE_FALSE(named);
        CHECK(named.error().code == errc::invalid);
        CHECK(main.subscribe(p.self(), name).error().code == errc::invalid);
      }
      auto id = main.broadcast(p, "topic", fire, share(said{1, {}}), {.event_id = std::string(129, 'e')});
      REQUIRE_FALSE(id);
      CHECK(id.error().message == "an event id has at most 128 octets, this one has 129");
    });
    w.run();
    CHECK(s.numbers() == numbers{2});
    CHECK(t.of(a).subscribe(pid{}, "topic").error().code == errc::invalid);
    CHECK(t.of(a).subscribe(pid{t.at(a).env().self(), std::string{"name"}}, "topic").error().code == errc::invalid);
    auto elsewhere = std::make_shared<node_identity>(node_identity{"b@sim", 1});
    CHECK(t.of(a).subscribe(pid{elsewhere, std::uint64_t{7}}, "topic").error().code == errc::invalid);
  });
}

TEST_CASE("the largest broadcast crosses") {
  for_each_seed(2, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    std::string topic(topic_octets_max, 't');
    auto there = t.subscriber(b, topic);
    auto m = said{1, std::string(broadcast_octets_max - 16, 'x')};
    CHECK(t.broadcast(t.spawn(a), topic, m, fire, {.event_id = std::string(event_id_octets_max, 'e')}));
    w.advance(5s);
    CHECK(there.numbers() == numbers{1});
    CHECK(t.of(a).count().peer_drops == 0);
  });
}

TEST_CASE("what a peer sends that cannot be read is dropped, counted and told") {
  for_each_seed(3, [](world& w) {
    pubsub_cluster t{w, {a, b}};
    t.start_all();
    t.connect_all();
    std::vector<std::string> why;
    auto handle = t.at(b).events().attach<remote_dropped>([&](const remote_dropped& e) { why.emplace_back(e.why); });
    auto send = [&](const std::string& service, const bytes& octets) {
      CHECK(t.at(a).env().peers().send(b, lane::broadcast, service, octets));
      t.settle();
    };
    send("pubsub:main", "");
    send("pubsub:main", "\x01\x09garbage");
    send("pubsub:main", encode(wire_broadcast{5, "topic", 0, 0, {}, {}, "nobody.knows", "x"}));
    send("pubsub:main", encode(wire_broadcast{5, "", 0, 0, {}, {}, "test.said", encode(said{})}));
    send("pubsub:main", encode(wire_broadcast{5, "t", 1, 1ULL << 63, {}, {}, "test.said", encode(said{})}));
    send("pubsub:main", encode(wire_broadcast{
                            5, "t", 0, 0, {}, std::string(event_id_octets_max + 1, 'e'), "test.said", encode(said{})}));
    send("pubsub:main:values", "\x07");
    send("pubsub", "\xff");
    CHECK(t.of(b).count().unreadable == 8);
    CHECK(why == std::vector<std::string>(8, "unreadable"));
    auto there = t.subscriber(b, "topic");
    CHECK(t.broadcast(t.spawn(a), "topic", {1, {}}));
    t.settle();
    CHECK(there.numbers() == numbers{1});
  });
}

}  // namespace beamline::pubsub::test
