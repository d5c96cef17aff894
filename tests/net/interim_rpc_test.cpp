#include "net/interim_rpc.hpp"

#include "net/interim_events.hpp"
#include "net/linked_nodes.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

/// A process that serves procedures of all manners.
class server final : public process {
public:
  server(process_context& c, std::map<std::string, int>* served = nullptr) : process{c}, served_{served} {}
  behavior init() override {
    for (const auto* name : {"where", "never", "slow", "die", "huge"})
      cast(rpc_on(env()), register_procedure{name, self()});
    return handlers([this](const procedure_call& c) -> deferred {
      if (served_ != nullptr)
        ++(*served_)[c.arguments];
      if (c.procedure == "die")
        throw std::runtime_error{"division by zero"};
      auto answer = promise<bytes>();
      if (c.procedure == "where")
        answer.set(env().self()->name + " " + c.arguments + " from " + c.from_node);
      else if (c.procedure == "slow")
        run_after(50ms, [answer] { answer.set("late"); });
      else if (c.procedure == "huge")
        answer.set(bytes(2U << 20, 'x'));
      else
        kept_.push_back(answer);
      return answer;
    });
  }

private:
  std::map<std::string, int>* served_;
  std::vector<reply_promise<bytes>> kept_;
};

/// Makes calls and writes down every outcome.
struct make_call {
  rpc_call what;
  duration within;
};
class caller final : public process {
public:
  caller(process_context& c, std::map<std::string, std::vector<std::string>>& outcomes)
      : process{c}, outcomes_{outcomes} {}
  behavior init() override {
    return handlers([this](const make_call& m) {
      auto key = m.what.arguments;
      call<bytes>(rpc_on(env()), m.what, m.within)
          .then([this, key](const bytes&) { outcomes_[key].emplace_back("value"); },
                [this, key](const call_error& e) { outcomes_[key].emplace_back(to_string(e.what)); });
    });
  }

private:
  std::map<std::string, std::vector<std::string>>& outcomes_;
};

/// A blog host and two accumulators; the second by name was started first.
struct cluster {
  explicit cluster(world& world, testing::simple_links_options o = {})
      : w{world}, net{world, {"host@sim", "a@sim", "b@sim"}, std::move(o)} {
    for (auto* n : {&host, &second, &first})
      net.join(*n, n == &host ? "host" : "accumulator");
    rpc = host.spawn<interim_rpc>("host");
    for (auto* n : {&second, &first}) {
      n->spawn<interim_rpc>("accumulator");
      w.run();
      n->spawn<server>();
    }
    w.run();
  }
  void connect() {
    net.connect(host, second);
    net.connect(host, first);
    w.run();
  }
  call_outcome<bytes> ask(std::string procedure, bytes arguments = "x", duration within = 2s,
                          std::string role = "accumulator") {
    return w.try_ask<bytes>(rpc, rpc_call{std::move(role), std::move(procedure), std::move(arguments), within}, 5s);
  }

  world& w;
  linked_nodes net;
  simulated_node& host = w.start_node("host@sim");
  simulated_node& second = w.start_node("b@sim");
  simulated_node& first = w.start_node("a@sim");
  pid rpc;
};

call_error error_in(const call_outcome<bytes>& o) {
  return std::holds_alternative<call_error>(o) ? std::get<call_error>(o)
                                               : call_error{call_error::kind::crashed, reason::custom("got a value")};
}

}  // namespace

TEST_CASE("a call goes to the first linked peer of the role by name, or stays on a node that has the role itself") {
  testing::for_each_seed(30, [](world& w) {
    cluster c{w};
    c.connect();
    auto answer = c.ask("where");
    REQUIRE(std::holds_alternative<bytes>(answer));
    CHECK(std::get<bytes>(answer) == "a@sim x from host@sim");
    c.net.cut(c.host, c.first);
    w.run();
    CHECK(std::get<bytes>(c.ask("where")) == "b@sim x from host@sim");
    // The second accumulator is linked with nobody of its role, and needs nobody.
    auto own = w.try_ask<bytes>(rpc_on(c.second.env()), rpc_call{"accumulator", "where", "y", 1s});
    CHECK(std::get<bytes>(own) == "b@sim y from b@sim");
  });
}

TEST_CASE("a call that cannot succeed fails with exactly what is wrong") {
  world w;
  cluster c{w};
  auto begin = w.now();
  SUBCASE("no peer of the role is linked: noconnection, at once") {
    CHECK(error_in(c.ask("where")) == call_error{call_error::kind::noconnection, {}});
    CHECK(w.now() - begin < 1s);
  }
  SUBCASE("peers are linked, but none has the role") {
    c.connect();
    CHECK(error_in(c.ask("where", "x", 2s, "seater")).what == call_error::kind::noconnection);
  }
  SUBCASE("the peer has no such procedure") {
    c.connect();
    CHECK(error_in(c.ask("what"))
          == call_error{call_error::kind::crashed, reason::custom("notsup: a@sim has no procedure what")});
  }
  SUBCASE("the own node has no such procedure") {
    CHECK(error_in(c.ask("what", "x", 2s, "host"))
          == call_error{call_error::kind::crashed, reason::custom("notsup: host@sim has no procedure what")});
  }
  SUBCASE("nobody answers: timeout, after the time that was given") {
    c.connect();
    begin = w.now();
    CHECK(error_in(c.ask("never")) == call_error{call_error::kind::timeout, {}});
    CHECK(w.now() - begin >= 2s);
    CHECK(w.now() - begin < 2100ms);
  }
  SUBCASE("the handler dies: the caller learns of what; the next call learns that it is gone") {
    c.connect();
    CHECK(error_in(c.ask("die")) == call_error{call_error::kind::crashed, reason::crashed("division by zero")});
    CHECK(error_in(c.ask("where")).what == call_error::kind::noproc);
  }
  SUBCASE("arguments that are too large, no time, no name: refused before anything is sent") {
    c.connect();
    for (const auto& o :
         {c.ask("where", bytes(2U << 20, 'x')), c.ask("where", "x", 0s), c.ask(""), c.ask("where", "x", 24h)}) {
      auto e = error_in(o);
      CHECK(e.what == call_error::kind::crashed);
      bool is_named = e.why.text.starts_with("too_large: ") || e.why.text.starts_with("badarg: ");
      CHECK_MESSAGE(is_named, e.why.text);
    }
  }
  SUBCASE("an answer that does not fit is told, not lost") {
    c.connect();
    CHECK(error_in(c.ask("huge")).why.text.starts_with("too_large: "));
  }
}

TEST_CASE("a call that the lane has no room for is answered busy, at once") {
  world w;
  cluster c{w, {.lane_bytes_max = 100}};
  c.connect();
  auto begin = w.now();
  CHECK(error_in(c.ask("where", bytes(100, 'x'))) == call_error{call_error::kind::busy, {}});
  CHECK(w.now() - begin < 10ms);
  CHECK(std::holds_alternative<bytes>(c.ask("where")));
}

TEST_CASE("a lost link fails the calls that wait for it at once") {
  testing::for_each_seed(50, [](world& w) {
    cluster c{w};
    c.connect();
    std::map<std::string, std::vector<std::string>> outcomes;
    auto p = c.host.spawn<caller>(outcomes);
    c.host.cast(p, make_call{{"accumulator", "never", "1", 60s}, 90s});
    w.advance(10ms);
    CHECK(outcomes.empty());
    if (w.seed() % 2 == 0)
      c.net.cut(c.host, c.first);
    else
      c.net.shake(c.host, c.first);
    w.advance(10ms);
    CHECK(outcomes["1"] == std::vector<std::string>{"noconnection"});
  });
}

TEST_CASE("late and repeated replies are dropped and counted") {
  world w;
  cluster c{w};
  c.connect();
  std::uint64_t dropped = 0;
  auto h = c.host.events().attach<rpc_reply_dropped>([&](const rpc_reply_dropped& e) { dropped = e.total; });
  SUBCASE("late") {
    CHECK(error_in(c.ask("slow", "x", 49ms)).what == call_error::kind::timeout);
    w.advance(1s);
    CHECK(dropped == 1);
  }
  SUBCASE("repeated") {
    c.net.is_doubling = true;
    CHECK(std::get<bytes>(c.ask("where")) == "a@sim x from host@sim");
    w.advance(1s);
    CHECK(dropped == 3);  // Both messages came twice: four answers for one call.
  }
}

TEST_CASE("more calls than may wait are answered busy, and there is room again afterwards") {
  world w;
  cluster c{w};
  c.connect();
  std::map<std::string, std::vector<std::string>> outcomes;
  auto p = c.host.spawn<caller>(outcomes);
  for (std::size_t i = 0; i < rpc_calls_max; ++i)
    c.host.cast(p, make_call{{"accumulator", "never", "n", 5s}, 60s});
  w.advance(1s);
  CHECK(outcomes.empty());
  CHECK(error_in(c.ask("where")).what == call_error::kind::busy);
  w.advance(10s);
  CHECK(outcomes["n"].size() == rpc_calls_max);
  CHECK(std::holds_alternative<bytes>(c.ask("where")));
}

TEST_CASE("every call has exactly one outcome and runs at most once, however the link drops") {
  testing::for_each_seed(300, [](world& w) {
    std::map<std::string, std::vector<std::string>> outcomes;
    std::map<std::string, int> served;
    linked_nodes net{w, {"host@sim", "a@sim"}};
    auto& host = w.start_node("host@sim");
    auto& other = w.start_node("a@sim");
    net.join(host, "host");
    net.join(other, "accumulator");
    host.spawn<interim_rpc>("host");
    other.spawn<interim_rpc>("accumulator");
    w.run();
    other.spawn<server>(&served);
    auto p = host.spawn<caller>(outcomes);
    net.connect(host, other);
    seeded_random chance{w.derive_seed(5)};
    for (int i = 0; i < 30; ++i) {
      const auto* procedure = chance.below(4) == 0 ? "slow" : "where";
      host.cast(p, make_call{{"accumulator", procedure, std::to_string(i), 20ms}, 1s});
      if (chance.below(6) == 0)
        net.shake(host, other);
      else if (chance.below(20) == 0)
        net.cut(host, other);
      else if (chance.below(4) == 0)
        net.connect(host, other);
      w.pass(duration{static_cast<std::int64_t>(chance.below(4'000'000))});
    }
    w.advance(2s);
    CHECK(outcomes.size() == 30);
    for (const auto& call : outcomes)
      CHECK_MESSAGE(call.second.size() == 1, "call " << call.first << " in seed " << w.seed());
    for (const auto& call : served)
      CHECK_MESSAGE(call.second == 1, "call " << call.first << " in seed " << w.seed());
  });
}
