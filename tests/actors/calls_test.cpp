#include "actors/subjects.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

/// Keeps what it owes to the senders of `get_later`, and a token.
class hoarder : public process {
public:
  hoarder(process_context& c, std::shared_ptr<int> token) : process{c}, token_{std::move(token)} {}
  behavior init() override {
    return handlers([this](const get_later&) -> deferred { return owed_.emplace_back(promise<long>()); });
  }

private:
  std::shared_ptr<int> token_;
  std::vector<reply_promise<long>> owed_;
};

}  // namespace

TEST_CASE("a process handles casts in order and answers calls") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    auto p = n.spawn<counter>();
    n.cast(p, add{2});
    n.cast(p, add{3});
    CHECK(w.ask<long>(p, get{}) == 5);
  });
}

TEST_CASE("every call has exactly one outcome") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  auto s = n.spawn<subject>();
  int values = 0;
  std::vector<call_error> errors;
  auto ask = [&](auto m, duration within) {
    in(w, n, s, [&, m, within](subject& self) {
      self.call<long>(p, m, within).then([&](long) { ++values; }, [&](const call_error& e) { errors.push_back(e); });
    });
  };

  SUBCASE("a value") {
    ask(get{}, 5s);
    w.advance(10s);
    CHECK(values == 1);
    CHECK(errors.empty());
  }
  SUBCASE("a time-out, after which the late answer is not seen") {
    ask(get_later{}, 5s);
    w.advance(6s);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::timeout);
    n.cast(p, answer_now{});
    w.advance(10s);
    CHECK(values == 0);
    CHECK(errors.size() == 1);
  }
  SUBCASE("an answer given later, before the time-out") {
    ask(get_later{}, 5s);
    w.advance(4s);
    n.cast(p, answer_now{});
    w.advance(10s);
    CHECK(values == 1);
    CHECK(errors.empty());
  }
  SUBCASE("noproc, when nobody is there any more") {
    n.kill(p);
    w.run();
    ask(get{}, 5s);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::noproc);
  }
  SUBCASE("the reason, when the callee dies with the call in its mailbox") {
    ask(get_later{}, 5s);
    n.cast(p, fail{});
    ask(get{}, 5s);
    w.run();
    REQUIRE(errors.size() == 2);
    for (const auto& e : errors) {
      bool is_told =
          e == call_error{call_error::kind::crashed, reason::crashed("no more")} || e.what == call_error::kind::noproc;
      CHECK_MESSAGE(is_told, to_string(e));
    }
  }
  SUBCASE("an error, when the answer has another type than asked for") {
    in(w, n, s, [&](subject& self) {
      self.call<std::string>(p, get{}, 5s)
          .then([&](const std::string&) { ++values; }, [&](const call_error& e) { errors.push_back(e); });
    });
    w.run();
    CHECK(values == 0);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::crashed);
  }
  SUBCASE("an error, when the callee has no handler for it") {
    ask(std::string{"what?"}, 5s);
    CHECK(values == 0);
    CHECK(errors.size() == 1);
  }
}

TEST_CASE("a promise kept by a dead process keeps nothing alive, and its caller is answered") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  auto s = n.spawn<subject>();
  std::vector<call_error> errors;
  in(w, n, s, [&](subject& self) {
    self.call<long>(p, get_later{}, 1h).then([](long) {}, [&](const call_error& e) { errors.push_back(e); });
  });
  n.kill(p);
  w.run();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].what == call_error::kind::crashed);
  CHECK(errors[0].why == reason::killed());
}

TEST_CASE("a handler that makes a promise and then throws tells its caller what it threw") {
  world w;
  auto& n = w.start_node();
  auto outcome = w.try_ask<long>(n.spawn<counter>(), promise_and_fail{});
  CHECK(std::get<call_error>(outcome) == call_error{call_error::kind::crashed, reason::crashed("halfway")});
}

TEST_CASE("a call that is answered without a value can be awaited") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  CHECK_NOTHROW(w.ask<void>(p, nothing_to_say{}));
  n.kill(p);
  w.run();
  CHECK_THROWS_AS(w.ask<void>(p, nothing_to_say{}), testing::simulation_error);
}

TEST_CASE("a promise made for a cast, which nobody awaits, keeps no dead process") {
  auto token = std::make_shared<int>(1);
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<hoarder>(token);
  n.cast(p, get_later{});
  w.run();
  CHECK(token.use_count() == 2);
  n.kill(p);
  w.run();
  CHECK(token.use_count() == 1);
}
