#pragma once

#include "net/linked_nodes.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/procedure.hpp"
#include "net/rpc/server.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net::rpc::test {

namespace rpc = beamline::net::rpc;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

// -- what can be called ---------------------------------------------------------------------------------

struct where_are_you {
  std::string greeting;
  BEAMLINE_MESSAGE(where_are_you, "test.where", 1, greeting)
};
struct nap {
  duration time{};
  std::string key;
  BEAMLINE_MESSAGE(nap, "test.nap", 1, time, key)
};
struct misbehave {
  std::string how;
  std::string text;
  BEAMLINE_MESSAGE(misbehave, "test.misbehave", 1, how, text)
};
/// Written down there.
struct leave_a_note {
  std::string text;
  BEAMLINE_MESSAGE(leave_a_note, "test.note", 1, text)
};
struct stay {
  std::string key;
  BEAMLINE_MESSAGE(stay, "test.stay", 1, key)
};
struct stop_yourself {
  std::string text;
  BEAMLINE_MESSAGE(stop_yourself, "test.stop", 1, text)
};
struct big_value {
  std::uint64_t octets = 0;
  BEAMLINE_MESSAGE(big_value, "test.big", 1, octets)
};
/// Calls on from there.
struct relay {
  std::string node;
  duration within{};
  BEAMLINE_MESSAGE(relay, "test.relay", 1, node, within)
};
struct never_registered {
  BEAMLINE_MESSAGE(never_registered, "test.never_registered", 1)
};
struct ask_served {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(ask_served, "test.served", 1, number)
};
struct served_answer {
  std::int64_t number = 0;
  std::vector<std::string> words;
  BEAMLINE_MESSAGE(served_answer, "test.answer", 1, number, words)
};

/// What the procedures of a node did.
struct record {
  std::vector<std::string> notes;
  std::map<std::string, int> naps;     // How often each key was run.
  std::map<std::string, pid> workers;  // Who stays, by key.
  std::string last_caller;
};

class relaying {
public:
  void operator()(const relay& m, call_context& c, const responder<std::string>& to) const {
    rpc::call<std::string>(c.self(), m.node, where_are_you{"relayed"}, m.within)
        .then([to](const std::string& s) { to.set(s); }, [to](const failure& f) { to.fail_because(f); });
  }
};

inline std::string misbehaving(const misbehave& m) {
  if (m.how == "throw")
    throw throw_value{m.text};
  if (m.how == "exit")
    throw exit_with{reason::custom(m.text)};
  if (m.how == "exit normally")
    throw exit_with{reason::normal()};
  if (m.how == "something else")
    throw 42;
  if (m.how == "badarg")
    return std::string{}.substr(1);
  throw std::runtime_error{m.text};
}

/// Registers all procedures of the tests, and serves two itself.
class servant final : public process {
public:
  servant(process_context& c, record& r) : process{c}, record_{r} {}

private:
  behavior init() override {
    auto& r = record_;
    std::vector<procedure> all{
        function_procedure<where_are_you>([&r](const where_are_you&, call_context& c) {
          r.last_caller = c.info().from_node;
          return c.self().env().self()->name;
        }),
        function_procedure<nap, std::string>(
            [&r](const nap& m, call_context& c, const responder<std::string>& to) {
              ++r.naps[m.key];
              c.run_after(m.time, [to] { to.set("slept"); });
            },
            {.concurrency_max = 2000}),
        function_procedure<misbehave>(&misbehaving),
        function_procedure<leave_a_note>([&r](const leave_a_note& m) { r.notes.push_back(m.text); }),
        function_procedure<stay, std::string>([&r](const stay& m, call_context& c, const responder<std::string>& to) {
          r.workers[m.key] = c.self().self();
          c.run_after(1h, [to] { to.set("long"); });
        }),
        function_procedure<stop_yourself, std::string>(
            [](const stop_yourself& m, call_context& c, const responder<std::string>& to) {
              if (m.text == "throw later")
                c.run_after(1ms, [to] { throw std::runtime_error{"later"}; });
              else if (m.text == "forget")
                c.run_after(1h, [] {});
              else
                c.stop(reason::custom(m.text));
            }),
        function_procedure<big_value>([](const big_value& m) { return std::string(m.octets, 'x'); }),
        function_procedure<relay, std::string>(relaying{}),
        served_procedure<ask_served, served_answer>(self()),
        raw_procedure("test.raw", self()),
    };
    process::cast(rpc_on(env()), register_procedures{std::move(all), self()});
    return handlers(
        [](const ask_served& m) -> served_answer {
          if (m.number < 0)
            throw std::out_of_range{"a negative number"};
          return served_answer{m.number, {"served"}};
        },
        [this](const procedure_call& m) -> deferred {
          auto answer = promise<bytes>();
          if (m.arguments == "refuse")
            answer.fail(reason::custom("busy: later"));
          else if (m.arguments == "die")
            throw std::runtime_error{"division by zero"};
          else if (m.arguments == "never")
            kept_.push_back(answer);
          else
            answer.set(m.procedure + " " + m.arguments + " from " + m.from_node);
          return answer;
        });
  }

  record& record_;
  std::vector<reply_promise<bytes>> kept_;
};

// -- who calls ------------------------------------------------------------------------------------------

struct in_your_turn {
  std::function<void(process&)> run;
};
/// Runs what the test says in its own turns.
class caller final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([this](const in_your_turn& m) { m.run(*this); });
  }
};

/// Nodes with an rpc process and the procedures above; `a@sim` has a caller.
struct call_cluster {
  explicit call_cluster(world& the_world, std::vector<std::string> the_names = {"a@sim", "b@sim", "c@sim"})
      : w{the_world}, names{std::move(the_names)}, net{w, names} {
    add_messages(w.contract());
    for (const auto& n : names)
      start(n);
    who = a().spawn<caller>();
    for (const auto& n : names)
      if (n != "a@sim")
        net.connect(a(), at(n));
    w.run();
  }

  simulated_node& start(const std::string& name) {
    auto& n = w.start_node(name);
    net.join(n, name.substr(0, 1) == "a" ? "home" : "far");
    servers[name] = n.spawn<server>(name.substr(0, 1) == "a" ? "home" : "far");
    w.run();
    servants[name] = n.spawn<servant>(did[name]);
    w.run();
    return n;
  }
  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  simulated_node& a() { return at("a@sim"); }
  simulated_node& b() { return at("b@sim"); }

  /// In a turn of the caller.
  void run(std::function<void(process&)> fn) {
    a().cast(who, in_your_turn{std::move(fn)});
    w.run();
  }
  /// The outcome of a call of `a@sim`; runs the world until it is there.
  template <class R, class Request>
  outcome<R> call(const std::string& node, const Request& request, time_limit within = 5s) {
    auto got = std::make_shared<std::optional<outcome<R>>>();
    run([&](process& p) { rpc::call<R>(p, node, request, within).then([got](const outcome<R>& o) { *got = o; }); });
    w.expect(
        "the call of " + std::string{Request::message_name} + " ends", [&] { return got->has_value(); }, 10min);
    return std::move(**got);
  }
  template <class R, class Request>
  std::vector<outcome<R>> multicall(std::vector<std::string> nodes, const Request& request, time_limit within = 5s) {
    auto got = std::make_shared<std::optional<std::vector<outcome<R>>>>();
    run([&](process& p) {
      rpc::multicall<R>(p, std::move(nodes), request, within).then([got](const std::vector<outcome<R>>& all) {
        REQUIRE_FALSE(got->has_value());
        *got = all;
      });
    });
    w.expect(
        "the multicall ends", [&] { return got->has_value(); }, 10min);
    return std::move(**got);
  }
  /// Of the caller; 0 when nothing of its calls is left.
  std::uint32_t pending() { return a().processes().info(who.id(), w.now())->pending; }

  world& w;
  std::vector<std::string> names;
  std::map<std::string, record> did;
  linked_nodes net;
  std::map<std::string, pid> servers, servants;
  pid who;
};

/// `slept`, or the failure as text.
template <class V>
std::string text_of(const std::variant<V, failure>& o) {
  if (const auto* f = std::get_if<failure>(&o))
    return to_string(*f);
  if constexpr (std::is_same_v<V, std::string>)
    return std::get<0>(o);
  else
    return "a value";
}
/// `ok`, or the status of the failure.
template <class V>
std::string status(const std::variant<V, failure>& o) {
  const auto* f = std::get_if<failure>(&o);
  return f == nullptr ? "ok" : std::string{status_of(*f)};
}

}  // namespace beamline::net::rpc::test
