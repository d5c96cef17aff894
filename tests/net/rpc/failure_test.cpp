#include "net/rpc/failure.hpp"

#include "actors/message_codec.hpp"
#include "base/random.hpp"
#include "net/rpc/limits.hpp"
#include "net/rpc/wire.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;

namespace {

failure over_the_wire(const failure& f) {
  auto reply = decode<wire_reply>(encode(to_wire(f)));
  REQUIRE(reply.ok());
  auto o = from_wire(*reply);
  REQUIRE(std::holds_alternative<failure>(o));
  return std::get<failure>(o);
}

template <class F>
failure caught(F throwing) {
  try {
    throwing();
  } catch (...) {
    return failure_of_exception("p on a@h");
  }
  return rpc_error{};
}

}  // namespace

TEST_CASE("every way to fail crosses nodes as it is") {
  auto t = over_the_wire(thrown{"a value"});
  CHECK(t.as<thrown>()->value == "a value");
  auto e = over_the_wire(exited{exited::cause::exception, reason::custom("busy: x")});
  CHECK(*e.as<exited>() == exited{exited::cause::exception, reason::custom("busy: x")});
  auto s = over_the_wire(exited{exited::cause::signal, reason::killed()});
  CHECK(*s.as<exited>() == exited{exited::cause::signal, reason::killed()});
  auto f = over_the_wire(failed{"std::out_of_range", "no such page", "p on a@h", nullptr});
  CHECK(f.as<failed>()->type == "std::out_of_range");
  CHECK(f.as<failed>()->what == "no such page");
  CHECK(f.as<failed>()->where == "p on a@h");
  CHECK(f.as<failed>()->cause == nullptr);
  for (auto k : {rpc_error::kind::noconnection, rpc_error::kind::timeout, rpc_error::kind::notsup,
                 rpc_error::kind::badarg, rpc_error::kind::system_limit})
    CHECK(over_the_wire(rpc_error{k, "text"}).is(k));
  CHECK(std::get<bytes>(from_wire(to_wire(bytes{"value"}))) == "value");
}

TEST_CASE("errors of onward calls are wrapped hop by hop, to a depth that is bounded") {
  failure f = rpc_error{rpc_error::kind::timeout, "q on c@h"};
  auto once = over_the_wire(nested(f, "p on b@h"));
  REQUIRE(once.as<failed>() != nullptr);
  CHECK(once.as<failed>()->type == "rpc_error");
  CHECK_FALSE(once.is(rpc_error::kind::timeout));
  REQUIRE(once.as<failed>()->cause != nullptr);
  CHECK(once.as<failed>()->cause->is(rpc_error::kind::timeout));
  for (int i = 0; i < 100; ++i)
    f = nested(f, "p on b@h");
  auto deep = over_the_wire(f);
  std::size_t depth = 0;
  for (const auto* at = &deep; at != nullptr; at = at->as<failed>() ? at->as<failed>()->cause.get() : nullptr)
    ++depth;
  CHECK(depth == causes_max + 1);
}

TEST_CASE("what a procedure throws decides what its caller is told") {
  CHECK(caught([] { throw throw_value{"v"}; }).as<thrown>()->value == "v");
  CHECK(*caught([] { throw exit_with{reason::normal()}; }).as<exited>()
        == exited{exited::cause::exception, reason::normal()});
  auto f = caught([] { throw std::out_of_range{"far"}; });
  CHECK(f.as<failed>()->type == "std::out_of_range");
  CHECK(f.as<failed>()->what == "far");
  CHECK(f.as<failed>()->where == "p on a@h");
  CHECK(caught([] { throw 42; }).as<failed>()->type == "unknown");
  auto n = caught([] { throw call_failed{rpc_error{rpc_error::kind::noconnection, "x"}}; });
  CHECK(n.as<failed>()->cause->is(rpc_error::kind::noconnection));
}

TEST_CASE("how a call of a process ended is told apart: what is certain from what is not") {
  auto of = [](call_error e) { return failure_of(e, "p"); };
  CHECK(of({call_error::kind::timeout, {}}).is(rpc_error::kind::timeout));
  CHECK(of({call_error::kind::noproc, {}}).is(rpc_error::kind::notsup));
  CHECK(of({call_error::kind::noconnection, {}}).is(rpc_error::kind::noconnection));
  CHECK(of({call_error::kind::busy, {}}).is(rpc_error::kind::system_limit));
  CHECK(of({call_error::kind::crashed, reason::custom("notsup: no such message there")}).is(rpc_error::kind::notsup));
  CHECK(of({call_error::kind::crashed, reason::crashed("boom")}).as<failed>()->what == "boom");
  CHECK(of({call_error::kind::crashed, reason::killed()}).as<exited>()->by == exited::cause::signal);
  CHECK(of({call_error::kind::crashed, reason::custom("busy: x")}).as<exited>()->by == exited::cause::exception);
}

TEST_CASE("failures read well") {
  failure f = failed{"std::out_of_range", "no such page", "shop.buy on b@h",
                     std::make_shared<const failure>(rpc_error{rpc_error::kind::timeout, ""})};
  CHECK(to_string(f) == "failed: std::out_of_range: no such page (shop.buy on b@h), because timeout");
  CHECK(to_string(failure{exited{exited::cause::signal, reason::killed()}}) == "exited by a signal: killed");
  CHECK(to_string(failure{rpc_error{rpc_error::kind::badarg, "why"}}) == "badarg: why");
}

TEST_CASE("outcomes of a newer release, and octets that are none, are failures and no value") {
  wire_reply r;
  r.what = static_cast<wire_reply::kind>(99);
  r.text = "news";
  CHECK(std::get<failure>(from_wire(r)).as<failed>()->type == "unknown");
  r.what = wire_reply::kind::rpc_error;
  r.number = 200;
  CHECK(std::get<failure>(from_wire(r)).as<failed>() != nullptr);
  r.what = wire_reply::kind::exited_signal;
  CHECK(std::get<failure>(from_wire(r)).as<failed>() != nullptr);
  r = {};
  r.what = wire_reply::kind::failed;
  r.value = "no reply at all";
  CHECK(std::get<failure>(from_wire(r)).as<failed>()->cause == nullptr);
  seeded_random chance{7};
  for (int i = 0; i < 20'000; ++i) {
    auto octets = encode(to_wire(nested(thrown{"x"}, "y")));
    for (auto n = chance.below(4) + 1; n > 0; --n)
      octets[chance.below(octets.size())] = static_cast<char>(chance.below(256));
    if (auto reply = decode<wire_reply>(octets))
      (void)from_wire(*reply);
  }
  CHECK(to_wire(thrown{std::string(100'000, 'x')}).text.size() == failure_text_bytes_max);
}
