#include "net/rpc/requests.hpp"

#include "net/rpc/limits.hpp"
#include "net/rpc/support.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using namespace beamline::net::rpc::test;
using kind = rpc_error::kind;

namespace {

/// A process with a collection of requests, and what it was told of them.
class asker final : public process {
public:
  struct answers {
    std::vector<std::string> lines;
    requests* all = nullptr;
  };
  asker(process_context& c, answers& a) : process{c}, answers_{a} { answers_.all = &requests_; }

private:
  behavior init() override {
    return handlers([this](const in_your_turn& m) { m.run(*this); });
  }

  answers& answers_;
  requests requests_{*this, 20};
};

struct asking {
  explicit asking(world& the_world) : w{the_world}, c{w} {
    who = c.a().spawn<asker>(told);
    w.run();
  }

  void run(std::function<void(requests&)> fn) {
    c.a().cast(who, in_your_turn{[this, fn = std::move(fn)](process&) { fn(*told.all); }});
    w.run();
  }
  request_id send(const std::string& node, duration time, std::string label = {}) {
    auto id = request_id{};
    run([&](requests& r) { id = r.send(node, nap{time, "k"}, std::move(label)).value(); });
    return id;
  }
  void receive(request_id id, time_limit within = 5s) {
    run([&](requests& r) { r.receive<std::string>(id, within, [this](const outcome<std::string>& o) { say(o); }); });
  }
  void wait(request_id id, time_limit within) {
    run([&](requests& r) {
      r.wait<std::string>(id, within, [this](const std::optional<outcome<std::string>>& o) {
        o ? say(*o) : told.lines.push_back("no_response");
      });
    });
  }
  void next(time_limit within, requests::then what = requests::then::remove) {
    run([&](requests& r) {
      r.next<std::string>(
          within,
          [this](const next_outcome<std::string>& n) {
            if (n.what == next_kind::completed)
              told.lines.push_back(n.label + " " + status(*n.value));
            else
              told.lines.push_back(n.what == next_kind::no_response ? "no_response" : "no_request");
          },
          what);
    });
  }
  std::string check(request_id id) {
    std::string line;
    run([&](requests& r) {
      auto o = r.check<std::string>(id);
      line = o ? status(*o) : "no_response";
    });
    return line;
  }
  void say(const outcome<std::string>& o) { told.lines.push_back(status(o)); }
  std::vector<std::string> take() { return std::exchange(told.lines, {}); }
  std::size_t processes() { return c.a().processes().count(); }

  world& w;
  call_cluster c;
  asker::answers told;
  pid who;
};
using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("RC10 requests are answered each under its id, wait leaves them alive, and a dead node is noconnection") {
  testing::for_each_seed(20, [](world& w) {
    asking a{w};
    auto before = a.processes();
    auto quick = a.send("b@sim", 50ms);
    auto slow = a.send("b@sim", 500ms);
    auto own = a.send("a@sim", 200ms);
    auto bad = request_id{};
    a.run([&](requests& r) { bad = r.send("b@sim", misbehave{"throw", "x"}).value(); });
    a.receive(quick);
    w.advance(100ms);
    CHECK(a.take() == lines{"ok"});
    a.wait(slow, 10ms);
    w.advance(50ms);
    CHECK(a.take() == lines{"no_response"});
    a.wait(slow, 5s);
    a.receive(own);
    a.receive(bad);
    w.advance(1s);
    CHECK(a.take() == lines{"thrown", "ok", "ok"});
    CHECK(a.processes() == before);
    // A node that is halted: by receive, and by check.
    auto one = a.send("b@sim", 1h);
    auto two = a.send("b@sim", 1h);
    a.receive(one, time_limit::infinity());
    CHECK(a.check(two) == "no_response");
    w.crash_node(a.c.b());
    w.advance(5s);
    CHECK(a.take() == lines{"noconnection"});
    CHECK(a.check(two) == "noconnection");
    CHECK(a.check(two) == "badarg");
    CHECK(a.processes() == before);
    CHECK(a.told.all->size() == 0);
  });
}

TEST_CASE("RC11 requests of procedures of every kind come back as calls do") {
  world w;
  asking a{w};
  auto served = request_id{};
  auto missing = request_id{};
  a.run([&](requests& r) {
    served = r.send("b@sim", ask_served{7}).value();
    missing = r.send("b@sim", never_registered{}).value();
    r.receive<served_answer>(served, 1s, [&](const outcome<served_answer>& o) { a.told.lines.push_back(status(o)); });
    r.receive<std::string>(missing, 1s, [&](const outcome<std::string>& o) {
      CHECK(std::get<failure>(o).is_undef());
      a.told.lines.push_back("undef");
    });
    CHECK(r.send("no node", ask_served{7}).error().message.starts_with("badarg: "));
  });
  w.advance(1s);
  auto got = a.take();
  std::sort(got.begin(), got.end());
  CHECK(got == lines{"ok", "undef"});
}

TEST_CASE("RC12 a receive is over in time although the request is not delivered, and the effect happens later") {
  world w;
  asking a{w};
  w.pause_node(a.c.b(), 150ms);  // Shorter than it takes to be given up.
  auto id = a.send("b@sim", 1ms);
  auto begin = w.now();
  a.receive(id, 60ms);
  REQUIRE(w.run_until([&] { return !a.told.lines.empty(); }));
  CHECK(w.now() - begin < 100ms);
  CHECK(a.take() == lines{"timeout"});
  CHECK(a.c.did["b@sim"].naps["k"] == 0);
  a.receive(id);  // It was abandoned.
  w.run();
  CHECK(a.take() == lines{"badarg"});
  CHECK(a.told.all->size() == 0);
  w.advance(1s);
  CHECK(a.c.did["b@sim"].naps["k"] <= 1);
  CHECK(a.take().empty());
}

TEST_CASE("RC13 there is nothing to check before the answer, and what is abandoned at once leaves nothing") {
  testing::for_each_seed(20, [](world& w) {
    asking a{w};
    auto before = a.processes();
    auto id = a.send("b@sim", 100ms);
    CHECK(a.check(id) == "no_response");
    a.receive(id, 0s);
    w.run();
    CHECK(a.take() == lines{"timeout"});
    CHECK(a.check(id) == "badarg");
    auto other = a.send("b@sim", 100ms);
    a.run([&](requests& r) {
      CHECK(r.abandon(other));
      CHECK_FALSE(r.abandon(other));
    });
    w.advance(1s);
    CHECK(a.take().empty());
    CHECK(a.told.all->size() == 0);
    CHECK(a.processes() == before);
    CHECK(a.c.a().processes().info(a.who.id(), w.now())->pending == 0);
  });
}

TEST_CASE("RC14 a peer without the service is notsup, however one asks for the answer") {
  world w;
  asking a{w};
  a.c.b().kill(a.c.servers["b@sim"]);
  w.run();
  auto one = a.send("b@sim", 1ms);
  auto two = a.send("b@sim", 1ms);
  auto three = a.send("b@sim", 1ms);
  a.receive(one);
  a.wait(two, 1s);
  w.advance(1s);
  CHECK(a.take() == lines{"notsup", "notsup"});
  CHECK(a.check(three) == "notsup");
}

TEST_CASE("RC15 of a collection the answers come in the order they complete, with their labels") {
  testing::for_each_seed(20, [](world& w) {
    asking a{w};
    a.send("b@sim", 300ms, "third");
    a.send("c@sim", 100ms, "first");
    a.send("a@sim", 200ms, "second");
    a.run([&](requests& r) { (void)r.send("gone@sim", nap{1s, "k"}, "lost").value(); });
    CHECK(a.told.all->size() == 4);
    SUBCASE("removed as they are told") {
      for (std::size_t left = 4; left > 0; --left) {
        a.next(5s);
        w.advance(150ms);
        CHECK(a.told.all->size() == left - 1);
      }
      CHECK(a.take() == lines{"lost noconnection", "first ok", "second ok", "third ok"});
      a.next(5s);
      w.run();
      CHECK(a.take() == lines{"no_request"});
    }
    SUBCASE("kept, they still count and are not told again") {
      for (int n = 0; n < 4; ++n) {
        a.next(5s, requests::then::keep);
        w.advance(150ms);
      }
      CHECK(a.take() == lines{"lost noconnection", "first ok", "second ok", "third ok"});
      CHECK(a.told.all->size() == 4);
      a.next(5s, requests::then::keep);
      w.run();
      CHECK(a.take() == lines{"no_request"});
    }
    SUBCASE("one deadline for all") {
      auto until = time_limit::until(w.now() + 150ms);
      for (int n = 0; n < 3; ++n) {
        a.next(until);
        w.advance(100ms);
      }
      CHECK(a.take() == lines{"lost noconnection", "first ok", "no_response"});
      CHECK(a.told.all->size() == 2);
      a.run([&](requests& r) { r.abandon_all(); });
      w.advance(1s);
      CHECK(a.take().empty());
      CHECK(a.told.all->size() == 0);
    }
    SUBCASE("who waits for the next of nothing more is told so") {
      a.next(5s);
      w.run();
      (void)a.take();
      a.next(5s);
      w.run();
      a.run([&](requests& r) { r.abandon_all(); });
      w.run();
      CHECK(a.take() == lines{"no_request"});
    }
  });
}

TEST_CASE("a malformed question about a request is badarg and leaves the request as it is") {
  world w;
  asking a{w};
  auto id = a.send("b@sim", 50ms);
  a.receive(id, time_limit{std::chrono::milliseconds{1LL << 32}});
  a.wait(id, time_limit{-1s});
  a.next(time_limit{-1s});
  w.run();
  CHECK(a.take() == lines{"badarg", "badarg", " badarg"});
  a.wait(id, 1s);
  a.wait(id, 1s);  // Somebody waits already.
  w.advance(1s);
  CHECK(a.take() == lines{"badarg", "ok"});
}

TEST_CASE("the requests of a process that ends end with it") {
  world w;
  asking a{w};
  auto before = a.processes();
  for (int i = 0; i < 10; ++i)
    a.send("b@sim", 1h);
  CHECK(a.processes() == before + 10);
  a.c.a().kill(a.who);
  w.run();
  CHECK(a.processes() == before - 1);
}

TEST_CASE("more requests than may be unfetched are refused") {
  world w;
  asking a{w};
  a.run([&](requests& r) {
    for (std::size_t i = 0; i < 20; ++i)
      REQUIRE(r.send("gone@sim", never_registered{}).ok());
    CHECK(r.send("gone@sim", never_registered{}).error().code == errc::busy);
    r.abandon_all();
    CHECK(r.send("gone@sim", never_registered{}).ok());
  });
}
