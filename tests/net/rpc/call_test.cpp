#include "actors/message_contract.hpp"
#include "net/rpc/events.hpp"
#include "net/rpc/limits.hpp"
#include "net/rpc/support.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using namespace beamline::net::rpc::test;
using kind = rpc_error::kind;

TEST_CASE("RC1 a call gives the value, from a peer and from the own node, with a time limit and without") {
  testing::for_each_seed(8, [](world& w) {
    call_cluster c{w};
    for (const auto& limit : {time_limit{10s}, time_limit::infinity(), time_limit::until(w.now() + 10s)})
      for (const auto& node : c.names) {
        auto o = c.call<std::string>(node, where_are_you{"hello"}, limit);
        CHECK(text_of(o) == node);
        CHECK(c.did[node].last_caller == "a@sim");
      }
    w.advance(20s);
    CHECK(c.pending() == 0);
  });
}

TEST_CASE("RC2 an exception of the procedure is failed, with its type, its text and where") {
  world w;
  call_cluster c{w};
  for (const auto* node : {"a@sim", "b@sim"}) {
    auto o = c.call<std::string>(node, misbehave{"error", "oops"});
    const auto* f = std::get<failure>(o).as<failed>();
    REQUIRE(f != nullptr);
    CHECK(f->type == "std::runtime_error");
    CHECK(f->what == "oops");
    CHECK(f->where == "test.misbehave on " + std::string{node});
    CHECK(text_of(c.call<std::string>(node, misbehave{"something else", ""})).starts_with("failed: unknown"));
  }
  CHECK(text_of(c.call<std::string>("b@sim", where_are_you{})) == "b@sim");
}

TEST_CASE("RC3 arguments that are no good inside the procedure are an outcome of it, those that cannot be read, too") {
  world w;
  call_cluster c{w};
  for (const auto* node : {"a@sim", "b@sim"}) {
    auto o = c.call<std::string>(node, misbehave{"badarg", ""});
    CHECK(std::get<failure>(o).as<failed>()->type == "std::out_of_range");
    auto got = std::make_shared<std::optional<raw_outcome>>();
    c.run([&](process& p) {
      rpc::detail::start(process_access{p}, {rpc::detail::target::by::node, node}, "test.where", "no message at all",
                         2s, [got](raw_outcome r) { *got = std::move(r); });
    });
    REQUIRE(w.run_until([&] { return got->has_value(); }));
    const auto* f = std::get<failure>(**got).as<failed>();
    REQUIRE(f != nullptr);
    CHECK(f->type == "badarg");
    CHECK(f->what.starts_with("the arguments cannot be read: "));
  }
}

TEST_CASE("RC4 what the procedure throws as a value, and what it exits with, are told apart") {
  world w;
  call_cluster c{w};
  for (const auto* node : {"a@sim", "b@sim"}) {
    auto t = std::get<failure>(c.call<std::string>(node, misbehave{"throw", "oops"}));
    REQUIRE(t.as<thrown>() != nullptr);
    CHECK(t.as<thrown>()->value == "oops");
    auto e = std::get<failure>(c.call<std::string>(node, misbehave{"exit", "oops"}));
    REQUIRE(e.as<exited>() != nullptr);
    CHECK(*e.as<exited>() == exited{exited::cause::exception, reason::custom("oops")});
    auto n = std::get<failure>(c.call<std::string>(node, misbehave{"exit normally", ""}));
    CHECK(*n.as<exited>() == exited{exited::cause::exception, reason::normal()});
  }
}

TEST_CASE("RC5 a worker that is ended from outside is exited by a signal, with that reason") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    for (const auto* node : {"a@sim", "b@sim"})
      for (const auto& why : {reason::custom("oops"), reason::kill()}) {
        auto got = std::make_shared<std::vector<outcome<std::string>>>();
        c.run([&](process& p) {
          rpc::call<std::string>(p, node, stay{"k"}, time_limit::infinity()).then([got](const outcome<std::string>& o) {
            got->push_back(o);
          });
        });
        auto& workers = c.did[node].workers;
        REQUIRE(w.run_until([&] { return workers.contains("k"); }, 5s));
        c.at(node).exit(workers.at("k"), why);
        REQUIRE(w.run_until([&] { return !got->empty(); }, 5s));
        const auto* e = std::get<failure>(got->front()).as<exited>();
        REQUIRE(e != nullptr);
        CHECK(e->by == exited::cause::signal);
        CHECK(e->why == (why.is_kill() ? reason::killed() : why));
        workers.clear();
      }
  });
}

TEST_CASE("a worker that ends, throws later or forgets to answer is told apart from one that is ended") {
  world w;
  call_cluster c{w, {"a@sim", "b@sim"}};
  auto stopped = std::get<failure>(c.call<std::string>("b@sim", stop_yourself{"enough"}));
  REQUIRE(stopped.as<exited>() != nullptr);
  CHECK(*stopped.as<exited>() == exited{exited::cause::exception, reason::custom("enough")});
  auto threw = std::get<failure>(c.call<std::string>("b@sim", stop_yourself{"throw later"}));
  REQUIRE(threw.as<failed>() != nullptr);
  CHECK(threw.as<failed>()->what == "later");
  auto forgot = std::get<failure>(c.call<std::string>("b@sim", stop_yourself{"forget"}));
  REQUIRE(forgot.as<failed>() != nullptr);
  CHECK(forgot.as<failed>()->type == "unanswered");
}

TEST_CASE("RC6 a call that takes too long ends as timeout, and nothing of it is seen later") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    for (const auto* node : {"a@sim", "b@sim"}) {
      auto begin = w.now();
      auto outcomes = 0;
      auto o = c.call<std::string>(node, nap{100ms, "k"}, 10ms);
      ++outcomes;
      CHECK(std::get<failure>(o).is(kind::timeout));
      CHECK(w.now() - begin < 60ms);
      w.advance(1s);
      CHECK(outcomes == 1);
      CHECK(c.did[node].naps["k"] == 1);  // The effect happened all the same.
      c.did[node].naps.clear();
      // A limit of nothing is valid.
      CHECK(status(c.call<std::string>(node, nap{1ms, "z"}, 0s)) == "timeout");
      w.advance(1s);
    }
    CHECK(c.pending() == 0);
    CHECK(c.a().processes().info(c.who.id(), w.now())->shed == 0);
  });
}

TEST_CASE("RC7 a node that dies during a call, is dead, or never was: noconnection") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    auto got = std::make_shared<std::vector<outcome<std::string>>>();
    c.run([&](process& p) {
      rpc::call<std::string>(p, "b@sim", stay{"k"}, time_limit::infinity()).then([got](const outcome<std::string>& o) {
        got->push_back(o);
      });
    });
    REQUIRE(w.run_until([&] { return c.did["b@sim"].workers.contains("k"); }, 5s));
    w.crash_node(c.b());
    REQUIRE(w.run_until([&] { return !got->empty(); }, 10s));
    CHECK(std::get<failure>(got->front()).is(kind::noconnection));
    auto begin = w.now();
    CHECK(status(c.call<std::string>("b@sim", where_are_you{})) == "noconnection");
    CHECK(status(c.call<std::string>("never@was", where_are_you{}, time_limit::infinity())) == "noconnection");
    CHECK(w.now() - begin < 100ms);
    w.advance(10s);
    CHECK(got->size() == 1);
    CHECK(c.pending() == 0);
  });
}

TEST_CASE("RC8 a peer without an rpc process, or that cannot exchange the messages of rpc, does not support calls") {
  world w;
  call_cluster c{w};
  c.b().kill(c.servers["b@sim"]);
  w.run();
  auto o = c.call<std::string>("b@sim", where_are_you{});
  CHECK(std::get<failure>(o).is(kind::notsup));
  c.b().spawn<server>();
  w.run();
  // The service is there, the procedure is not: that is something else.
  CHECK(std::get<failure>(c.call<std::string>("b@sim", never_registered{})).is_undef());
  CHECK(failure_of({call_error::kind::crashed, reason::custom("notsup: rpc.request differs")}, "p").is(kind::notsup));
}

TEST_CASE("an unknown procedure is undef, a fact of that node; and so is one whose owner has ended") {
  world w;
  call_cluster c{w};
  auto o = std::get<failure>(c.call<std::string>("b@sim", never_registered{}));
  CHECK(o.is_undef());
  CHECK(to_string(o).find("b@sim has no procedure test.never_registered") != std::string::npos);
  c.b().kill(c.servants["b@sim"]);
  w.run();
  CHECK(std::get<failure>(c.call<std::string>("b@sim", where_are_you{})).is_undef());
  c.b().spawn<servant>(c.did["b@sim"]);
  w.run();
  CHECK(status(c.call<std::string>("b@sim", where_are_you{})) == "ok");
}

TEST_CASE("RC9 casts reach the procedure on the own node and on peers, and say ok whatever becomes of them") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    c.run([&](process& p) {
      for (const auto* node : {"a@sim", "b@sim", "gone@sim"})
        CHECK(rpc::cast(p, node, leave_a_note{"hello"}).ok());
      CHECK(rpc::cast(p, "b@sim", misbehave{"error", "nobody sees it"}).ok());
      CHECK(rpc::cast(p, "b@sim", never_registered{}).ok());
      CHECK(rpc::cast(p, "no node", leave_a_note{"x"}).error().message.starts_with("badarg: "));
    });
    w.advance(1s);
    CHECK(c.did["a@sim"].notes == std::vector<std::string>{"hello"});
    CHECK(c.did["b@sim"].notes == std::vector<std::string>{"hello"});
    CHECK(c.pending() == 0);
  });
}

TEST_CASE("what is malformed is badarg, in a later turn, and nothing is sent") {
  world w;
  call_cluster c{w};
  auto sent = [&] { return c.b().processes().info(c.servers["b@sim"].id(), w.now())->received; };
  auto before = sent();
  for (const auto* node : {"", "b", "a@b@c", "@sim", "b@"})
    CHECK(status(c.call<std::string>(node, where_are_you{})) == "badarg");
  CHECK(status(c.call<std::string>("b@sim", where_are_you{}, time_limit{std::chrono::milliseconds{1LL << 32}}))
        == "badarg");
  CHECK(status(c.call<std::string>("b@sim", where_are_you{}, time_limit{-1s})) == "badarg");
  CHECK(status(c.call<std::string>("b@sim", leave_a_note{std::string(arguments_bytes_max, 'x')})) == "badarg");
  auto got = std::make_shared<int>();
  c.run([&](process& p) {
    for (const auto& name : {std::string{}, std::string(procedure_bytes_max + 1, 'p')})
      rpc::detail::start(process_access{p}, {rpc::detail::target::by::node, "b@sim"}, name, "", 1s,
                         [got](const raw_outcome& o) {
                           CHECK(std::get<failure>(o).is(kind::badarg));
                           ++*got;
                         });
    CHECK(*got == 0);
  });
  w.run();
  CHECK(*got == 2);
  CHECK(sent() == before);
}

TEST_CASE("a served procedure runs in its process; how that fails is told, also when it dies of the call") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    auto o = c.call<served_answer>("b@sim", ask_served{42});
    REQUIRE(status(o) == "ok");
    CHECK(std::get<0>(o).number == 42);
    auto f = std::get<failure>(c.call<served_answer>("b@sim", ask_served{-1}));
    REQUIRE(f.as<failed>() != nullptr);
    CHECK(f.as<failed>()->what == "a negative number");
    CHECK(f.as<failed>()->where == "test.served on b@sim");
    // It died of that, and its procedures went with it.
    w.run();
    CHECK(std::get<failure>(c.call<served_answer>("b@sim", ask_served{1})).is_undef());
  });
}

TEST_CASE("a raw procedure gets the octets as they came and answers with octets") {
  world w;
  call_cluster c{w};
  auto ask = [&](bytes arguments, time_limit within = 1s) {
    auto got = std::make_shared<std::optional<raw_outcome>>();
    c.run([&](process& p) {
      rpc::detail::start(process_access{p}, {rpc::detail::target::by::node, "b@sim"}, "test.raw", std::move(arguments),
                         within, [got](raw_outcome o) { *got = std::move(o); });
    });
    REQUIRE(w.run_until([&] { return got->has_value(); }));
    return **got;
  };
  CHECK(std::get<bytes>(ask("x")) == "test.raw x from a@sim");
  auto refused = std::get<failure>(ask("refuse"));
  CHECK(*refused.as<exited>() == exited{exited::cause::exception, reason::custom("busy: later")});
  CHECK(std::get<failure>(ask("never", 100ms)).is(kind::timeout));
  CHECK(std::get<failure>(ask("die")).as<failed>()->what == "division by zero");
}

TEST_CASE("a call by role goes to the own node, else to the first linked one by name that has it") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    auto ask = [&](std::string role) {
      auto got = std::make_shared<std::optional<outcome<std::string>>>();
      c.run([&](process& p) {
        rpc::call_role<std::string>(p, role, where_are_you{}, 2s).then([got](const outcome<std::string>& o) {
          *got = o;
        });
      });
      REQUIRE(w.run_until([&] { return got->has_value(); }, 5s));
      return text_of(**got);
    };
    CHECK(ask("home") == "a@sim");
    CHECK(ask("far") == "b@sim");
    c.net.cut(c.a(), c.b());
    w.run();
    CHECK(ask("far") == "c@sim");
    CHECK(ask("nobody's").starts_with("noconnection"));
    CHECK(ask("").starts_with("badarg"));
    CHECK(c.did["c@sim"].last_caller == "a@sim");
  });
}

TEST_CASE("an onward call that fails is wrapped, so that its timeout is not taken for one's own") {
  world w;
  call_cluster c{w};
  auto ok = c.call<std::string>("b@sim", relay{"b@sim", 1s});
  CHECK(text_of(ok) == "b@sim");
  auto f = std::get<failure>(c.call<std::string>("b@sim", relay{"gone@sim", 1s}));
  CHECK_FALSE(f.is(kind::noconnection));
  REQUIRE(f.as<failed>() != nullptr);
  CHECK(f.as<failed>()->type == "rpc_error");
  REQUIRE(f.as<failed>()->cause != nullptr);
  CHECK(f.as<failed>()->cause->is(kind::noconnection));
}

TEST_CASE("calls of one process to one node run at the same time") {
  world w;
  call_cluster c{w};
  auto begin = w.now();
  auto done = std::make_shared<std::vector<std::string>>();
  c.run([&](process& p) {
    for (auto [key, time] : {std::pair{"slow", 500ms}, std::pair{"quick", 100ms}})
      rpc::call<std::string>(p, "b@sim", nap{time, key}, 5s)
          .then([done, k = std::string{key}](const outcome<std::string>&) { done->push_back(k); });
  });
  REQUIRE(w.run_until([&] { return done->size() == 2; }, 5s));
  CHECK(*done == std::vector<std::string>{"quick", "slow"});
  CHECK(w.now() - begin < 700ms);
}

TEST_CASE("telemetry tells module, function, status and time of every call, with the names of the reference") {
  world w;
  call_cluster c{w};
  std::vector<std::string> told;
  auto h = c.a().events().attach_all(
      [&](const event_view& e) {
        std::string line;
        e.for_each([&](std::string_view key, const event_value&) { line += std::string{key} + " "; });
        told.push_back(line);
      },
      "event_horizon.cluster.rpc");
  std::vector<std::string> calls;
  auto typed = c.a().events().attach<rpc::remote_call_done>([&](const rpc::remote_call_done& e) {
    calls.push_back(std::string{e.module} + "|" + std::string{e.function} + "|" + std::string{e.status});
    CHECK(e.duration_ms >= 0);
    CHECK(e.duration_ms < 2000);
  });
  (void)c.call<std::string>("b@sim", where_are_you{});
  (void)c.call<std::string>("gone@sim", where_are_you{});
  (void)c.call<std::string>("b@sim", misbehave{"throw", ""});
  CHECK(told.size() == 3);
  CHECK(told[0] == "duration_ms module function status ");
  CHECK(calls == std::vector<std::string>{"test|where|ok", "test|where|noconnection", "test|misbehave|thrown"});
}

TEST_CASE("SY8 a call without limit ends with noconnection when its link is cut, and a late reply is ignored") {
  testing::for_each_seed(40, [](world& w) {
    call_cluster c{w, {"a@sim", "b@sim"}};
    auto outcomes = std::make_shared<std::vector<std::string>>();
    c.run([&](process& p) {
      rpc::call<std::string>(p, "b@sim", nap{3s, "k"}, time_limit::infinity())
          .then([outcomes](const outcome<std::string>& o) { outcomes->push_back(status(o)); });
    });
    w.pass(duration{static_cast<std::int64_t>(w.seed() % 20) * 1'000'000});
    CHECK(outcomes->empty());
    if (w.seed() % 2 == 0) {
      c.net.shake(c.a(), c.b());
    } else {
      c.net.cut(c.a(), c.b());
    }
    REQUIRE(w.run_until([&] { return !outcomes->empty(); }, 2s));
    CHECK(*outcomes == std::vector<std::string>{"noconnection"});
    c.net.connect(c.a(), c.b());
    w.advance(10s);  // The reply is given now, over a link that knows nothing of that call.
    CHECK(outcomes->size() == 1);
    CHECK(c.did["b@sim"].naps["k"] <= 1);
    CHECK(c.pending() == 0);
    CHECK(status(c.call<std::string>("b@sim", where_are_you{})) == "ok");
  });
}

TEST_CASE("SY9 a thousand calls whose replies race with their time limits have one outcome each, and leave nothing") {
  testing::for_each_seed(3, [](world& w) {
    call_cluster c{w, {"a@sim", "b@sim"}};
    auto outcomes = std::make_shared<std::map<int, int>>();
    auto statuses = std::make_shared<std::map<std::string, int>>();
    c.run([&](process& p) {
      for (int i = 0; i < 1000; ++i)
        rpc::call<std::string>(p, i % 2 == 0 ? "b@sim" : "a@sim", nap{20ms, std::to_string(i)},
                               20ms + std::chrono::microseconds{(i % 100) * 200})
            .then([outcomes, statuses, i](const outcome<std::string>& o) {
              ++(*outcomes)[i];
              ++(*statuses)[status(o)];
            });
    });
    w.advance(10s);
    CHECK(outcomes->size() == 1000);
    for (const auto& call : *outcomes)
      CHECK_MESSAGE(call.second == 1, "call " << call.first << " in seed " << w.seed());
    CHECK((*statuses)["ok"] + (*statuses)["timeout"] == 1000);
    CHECK((*statuses)["timeout"] > 0);
    CHECK(c.pending() == 0);
    for (const auto* node : {"a@sim", "b@sim"}) {
      for (const auto& [key, times] : c.did[node].naps)
        CHECK(times == 1);
      auto s = c.at(node).processes().info(c.servers[node].id(), w.now());
      CHECK(s->pending == 1);  // It watches the servant, and nobody else.
    }
  });
}

TEST_CASE("every call has exactly one outcome and runs at most once, however the link drops") {
  testing::for_each_seed(120, [](world& w) {
    call_cluster c{w, {"a@sim", "b@sim"}};
    auto outcomes = std::make_shared<std::map<std::string, std::vector<std::string>>>();
    seeded_random chance{w.derive_seed(5)};
    for (int i = 0; i < 30; ++i) {
      auto time = chance.below(4) == 0 ? 40ms : 1ms;
      c.a().cast(c.who, in_your_turn{[=](process& p) {
                   auto key = std::to_string(i);
                   rpc::call<std::string>(p, "b@sim", nap{time, key}, 20ms)
                       .then([outcomes, key](const outcome<std::string>& o) { (*outcomes)[key].push_back(status(o)); });
                 }});
      if (chance.below(6) == 0)
        c.net.shake(c.a(), c.b());
      else if (chance.below(20) == 0)
        c.net.cut(c.a(), c.b());
      else if (chance.below(4) == 0)
        c.net.connect(c.a(), c.b());
      w.pass(duration{static_cast<std::int64_t>(chance.below(4'000'000))});
    }
    w.advance(2s);
    CHECK(outcomes->size() == 30);
    for (const auto& call : *outcomes) {
      CHECK_MESSAGE(call.second.size() == 1, "call " << call.first << " in seed " << w.seed());
      auto ran = c.did["b@sim"].naps[call.first];
      CHECK_MESSAGE(ran <= 1, "call " << call.first << " in seed " << w.seed());
      if (call.second.front() == "ok")
        CHECK(ran == 1);
    }
    CHECK(c.pending() == 0);
  });
}
