#include "net/rpc/server.hpp"

#include "net/rpc/events.hpp"
#include "net/rpc/limits.hpp"
#include "net/rpc/support.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using namespace beamline::net::rpc::test;
using kind = rpc_error::kind;

namespace {

struct narrow {
  std::string key;
  duration time{};
  BEAMLINE_MESSAGE(narrow, "test.narrow", 1, key, time)
};

/// One at a time, two wait.
class narrow_servant final : public process {
public:
  narrow_servant(process_context& c, std::vector<std::string>& ran) : process{c}, ran_{ran} {}

private:
  behavior init() override {
    auto& ran = ran_;
    cast(rpc_on(env()),
         register_procedures{{function_procedure<narrow, std::string>(
                                 [&ran](const narrow& m, call_context& c, const responder<std::string>& to) {
                                   ran.push_back(m.key);
                                   c.run_after(m.time, [to] { to.set("done"); });
                                 },
                                 {.concurrency_max = 1, .queue_max = 2})},
                             self()});
    return handlers();
  }

  std::vector<std::string>& ran_;
};

struct narrow_cluster : call_cluster {
  explicit narrow_cluster(world& the_world) : call_cluster{the_world, {"a@sim", "b@sim"}} {
    b().spawn<narrow_servant>(ran);
    w.run();
    expired_handle = b().events().attach<request_expired>([this](const request_expired& e) { expired = e.total; });
    refused_handle = b().events().attach<request_refused>([this](const request_refused& e) { refused = e.total; });
  }
  ~narrow_cluster() { w.crash_node(b()); }
  void ask(const std::string& key, duration time, time_limit within) {
    run([&](process& p) {
      rpc::call<std::string>(p, "b@sim", narrow{key, time}, within).then([this, key](const outcome<std::string>& o) {
        told.push_back(key + " " + status(o));
      });
    });
  }
  std::vector<std::string> ran, told;
  std::uint64_t expired = 0, refused = 0;
  telemetry::handle expired_handle, refused_handle;
};
using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a procedure runs so many at a time, lets so many wait in order, and refuses the rest as system_limit") {
  world w;
  narrow_cluster c{w};
  for (const auto* key : {"1", "2", "3", "4"})
    c.ask(key, 100ms, 5s);
  w.advance(10ms);
  CHECK(c.ran == lines{"1"});
  CHECK(c.told == lines{"4 system_limit"});
  CHECK(c.refused == 1);
  w.advance(1s);
  CHECK(c.ran == lines{"1", "2", "3"});
  CHECK(c.told == lines{"4 system_limit", "1 ok", "2 ok", "3 ok"});
  c.ask("5", 1ms, 5s);
  w.advance(1s);
  CHECK(c.told.back() == "5 ok");
  // A procedure that is full holds up no other.
  for (const auto* key : {"6", "7", "8"})
    c.ask(key, 1s, 5s);
  CHECK(status(c.call<std::string>("b@sim", where_are_you{}, 100ms)) == "ok");
}

TEST_CASE("a request whose time was up before its turn is not executed, and counted") {
  testing::for_each_seed(20, [](world& w) {
    narrow_cluster c{w};
    c.ask("first", 200ms, 5s);
    c.ask("late", 1ms, 100ms);
    c.ask("patient", 1ms, 5s);
    w.advance(2s);
    CHECK(c.told == lines{"late timeout", "first ok", "patient ok"});
    CHECK(c.ran == lines{"first", "patient"});
    CHECK(c.expired == 1);
  });
}

TEST_CASE("what a lost node has asked for is not begun; what runs of it, and what it has cast, is done") {
  testing::for_each_seed(20, [](world& w) {
    narrow_cluster c{w};
    c.ask("runs", 5s, time_limit::infinity());
    c.ask("waits", 1ms, time_limit::infinity());
    c.run([](process& p) { CHECK(rpc::cast(p, "b@sim", narrow{"cast", 1ms})); });
    w.advance(100ms);
    REQUIRE(c.ran == lines{"runs"});
    c.net.cut(c.a(), c.b());
    w.advance(1s);
    CHECK(c.told == lines{"runs noconnection", "waits noconnection"});
    c.net.connect(c.a(), c.b());
    c.ask("anew", 1ms, time_limit::infinity());
    w.advance(10s);
    CHECK(c.ran == lines{"runs", "cast", "anew"});
    CHECK(c.told.back() == "anew ok");
  });
}

TEST_CASE("a procedure that is registered anew is the new one, what runs of the old one goes on") {
  world w;
  narrow_cluster c{w};
  c.ask("old", 100ms, 5s);
  w.advance(20ms);  // It has begun.
  std::vector<std::string> ran_anew;
  auto second = c.b().spawn<narrow_servant>(ran_anew);
  w.run();
  c.ask("new", 1ms, 5s);
  w.advance(1s);
  CHECK(c.told == lines{"new ok", "old ok"});
  CHECK(ran_anew == lines{"new"});
  c.b().kill(second);
  w.run();
  c.ask("none", 1ms, 5s);
  w.advance(1s);
  CHECK(c.told.back() == "none failed");
}

TEST_CASE("what cannot be registered is refused with its reason, and nothing of it is taken") {
  world w;
  call_cluster c{w, {"a@sim"}};
  auto fine = function_procedure<narrow>([](const narrow&) { return std::string{"x"}; });
  auto ask = [&](std::vector<procedure> all, pid owner) {
    auto o = w.try_ask<void>(rpc_on(c.a().env()), register_procedures{std::move(all), std::move(owner)});
    auto* e = std::get_if<call_error>(&o);
    return e == nullptr ? std::string{} : e->why.text;
  };
  auto owner = c.who;
  CHECK(ask({fine, procedure{}}, owner).starts_with("badarg: "));
  auto nameless = fine;
  nameless.name = std::string(procedure_bytes_max + 1, 'n');
  CHECK(ask({nameless}, owner).starts_with("badarg: "));
  auto taken = fine;
  taken.name = "rpc.procedures";
  CHECK(ask({taken}, owner).starts_with("badarg: "));
  auto still = fine;
  still.options.concurrency_max = 0;
  CHECK(ask({still}, owner).starts_with("badarg: "));
  CHECK(ask({fine}, pid{}).starts_with("badarg: "));
  CHECK(ask({fine}, pid{std::make_shared<const node_identity>(node_identity{"b@sim", 1}), 5}).starts_with("badarg: "));
  CHECK(std::get<failure>(c.call<std::string>("a@sim", narrow{})).is_undef());
  std::vector<procedure> many(procedures_max, fine);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i].name = "p" + std::to_string(i);
  CHECK(ask(many, owner).starts_with("system_limit: "));
  CHECK(ask({fine}, owner) == "");
  CHECK(status(c.call<std::string>("a@sim", narrow{})) == "ok");
}

TEST_CASE("a value that cannot cross nodes is told as too_large") {
  world w;
  call_cluster c{w, {"a@sim", "b@sim"}};
  CHECK(text_of(c.call<std::string>("b@sim", big_value{1U << 20}, 60s)).size() == 1U << 20);
  auto o = std::get<failure>(c.call<std::string>("b@sim", big_value{arguments_bytes_max + 1}, 60s));
  REQUIRE(o.as<failed>() != nullptr);
  CHECK(o.as<failed>()->type == "too_large");
  CHECK(status(c.call<std::string>("b@sim", where_are_you{})) == "ok");
}

TEST_CASE("the rpc process is one per node, and its end is noconnection for calls under way: they may have run") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w, {"a@sim", "b@sim"}};
    auto got = std::make_shared<std::vector<std::string>>();
    for (const auto* node : {"a@sim", "b@sim"})
      c.run([&](process& p) {
        rpc::call<std::string>(p, node, stay{"k"}, time_limit::infinity()).then([got](const outcome<std::string>& o) {
          got->push_back(status(o));
        });
      });
    w.advance(10ms);
    for (const auto* node : {"a@sim", "b@sim"})
      c.at(node).kill(c.servers[node]);
    w.advance(100ms);
    CHECK(*got == std::vector<std::string>{"noconnection", "noconnection"});
    c.b().spawn<server>();
    w.run();
    auto second = c.b().spawn<server>();
    w.run();
    CHECK_FALSE(c.b().is_alive(second));
  });
}

TEST_CASE("a node says of its procedures what they take and give") {
  world w;
  call_cluster c{w, {"a@sim", "b@sim"}};
  auto o = c.call<procedure_list>("b@sim", describe_procedures{});
  REQUIRE(status(o) == "ok");
  const auto& l = std::get<0>(o);
  CHECK(l.procedures.size() == 10);
  auto p =
      std::find_if(l.procedures.begin(), l.procedures.end(), [](const auto& one) { return one.name == "test.served"; });
  REQUIRE(p != l.procedures.end());
  CHECK(p->request == "test.served");
  CHECK(p->reply == "test.answer");
  auto m =
      std::find_if(l.messages.begin(), l.messages.end(), [](const auto& one) { return one.name == "test.answer"; });
  REQUIRE(m != l.messages.end());
  REQUIRE(m->fields.size() == 2);
  CHECK(m->fields[1].type == "list<string>");
  auto one = c.call<procedure_list>("b@sim", describe_procedures{"test.raw"});
  CHECK(std::get<0>(one).procedures.size() == 1);
  CHECK(std::get<0>(one).procedures[0].request.empty());
}
