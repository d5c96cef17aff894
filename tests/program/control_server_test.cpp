#include "control_fixture.hpp"

#include <atomic>
#include <future>
#include <thread>

using namespace beamline;
using namespace beamline::program::control;
using namespace beamline::program::control::testing;

TEST_CASE("a verb is asked and answers, several times on one connection, in order") {
  running_server s;
  auto c = s.connect();
  CHECK(c.ask(R"({"verb":"echo","positional":["hello"]})")
        == json{{"ok", true}, {"result", {{"word", "hello"}}}, {"version", 1}});
  // Three at once, the second one bad.
  REQUIRE(c.send("{\"verb\":\"echo\",\"arguments\":{\"word\":\"a\"}}\nnonsense\n{\"verb\":\"help\"}\n"));
  CHECK(c.answer()["result"]["word"] == "a");
  CHECK(c.answer()["error"]["code"] == "invalid");
  CHECK(c.answer()["result"]["verbs"].size() == 6);
}

TEST_CASE("two clients are served side by side: one that waits does not hold up the other") {
  running_server s;
  auto slow = s.connect();
  REQUIRE(slow.send("{\"verb\":\"keep\"}\n"));
  auto held = s.kept.take();
  auto quick = s.connect();
  CHECK(quick.ask(R"({"verb":"echo","positional":["x"]})")["ok"] == true);
  held.ok("at last");
  CHECK(slow.answer()["result"] == "at last");
}

TEST_CASE("whatever is sent gets one clear answer, and the connection goes on") {
  running_server s;
  auto c = s.connect();
  CHECK(c.refusal("").first == "invalid");
  CHECK(c.refusal("GET / HTTP/1.1").first == "invalid");
  CHECK(c.refusal("\x01\x02\xff").first == "invalid");
  CHECK(contains(c.refusal(R"({"verb":"ehco"})").second, "did you mean echo?"));
  CHECK(contains(c.refusal(R"({"verb":"echo"})").second, "the argument word is missing; usage: echo WORD [TIMES]"));
  CHECK(c.refusal(R"({"verb":"echo","version":9})").first == "unsupported");
  CHECK(c.refusal(R"({"verb":"throw"})").first == "cancelled");
  CHECK(contains(c.refusal(R"({"verb":"drop"})").second, "the verb drop dropped the request"));
  CHECK(contains(c.refusal(R"({"verb":"help","node":"b@localhost"})").second, "this is the node a@localhost, not"));
  CHECK(c.ask(R"({"verb":"help","node":"a@localhost"})")["ok"] == true);
}

TEST_CASE("a line that is too long is refused and the connection is closed") {
  running_server s;
  auto c = s.connect();
  auto too_long = std::string(request_bytes_max + 1, 'x');
  SUBCASE("with its end") { too_long += '\n'; }
  SUBCASE("without an end, so that nothing is kept of it") { too_long += too_long; }
  c.send(too_long);
  CHECK(c.answer()["error"]["code"] == "too_large");
  CHECK_FALSE(c.line().has_value());
  CHECK(s.connect().ask(R"({"verb":"help"})")["ok"] == true);
}

TEST_CASE("a line of just the allowed length is taken, octet by octet too") {
  running_server s;
  auto c = s.connect();
  std::string request = R"({"verb":"echo","positional":["x"]})";
  request.resize(request_bytes_max, ' ');
  CHECK(c.ask(request)["ok"] == true);
  for (char one : std::string{"{\"verb\":\"echo\",\"positional\":[\"y\"]}\n"})
    REQUIRE(c.send({&one, 1}));
  CHECK(c.answer()["result"]["word"] == "y");
}

TEST_CASE("a client that ends its half of the connection still gets its answer, also without a newline") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send(R"({"verb":"keep"})"));
  c.end_sending();
  auto held = s.kept.take();
  CHECK(held.is_wanted());
  held.ok(1);
  CHECK(c.answer()["result"] == 1);
  CHECK_FALSE(c.line().has_value());
}

TEST_CASE("a client that has gone is seen at once: the handler can stop") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"follow\"}\n"));
  auto stream = s.kept.take();
  CHECK(stream.item(1) == taken::yes);
  c.close();
  auto other = s.connect();
  // Each question goes once through the server's thread, which hears of the end in between.
  for (int i = 0; i < 1000 && stream.is_wanted(); ++i)
    other.ask(R"({"verb":"echo","positional":["x"]})");
  CHECK_FALSE(stream.is_wanted());
  CHECK(stream.item(2) == taken::gone);
  stream.ok(nullptr);
}

TEST_CASE("what a client ordered before it went away is carried out all the same") {
  running_server s;
  {
    auto c = s.connect();
    REQUIRE(c.send("{\"verb\":\"keep\"}\n"));
  }
  auto held = s.kept.take();
  held.ok(nullptr);
  CHECK(s.connect().ask(R"({"verb":"help"})")["ok"] == true);
}

TEST_CASE("a stream sends its items in order and then the answer, from another thread") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"follow\"}\n"));
  auto stream = s.kept.take();
  auto writer = std::async(std::launch::async, [stream]() mutable {
    for (int i = 0; i < 1000; ++i)
      if (stream.item({{"n", i}}) != taken::yes)
        return i;
    stream.ok({{"sent", 1000}});
    return 1000;
  });
  for (int i = 0; i < 1000; ++i)
    REQUIRE(c.answer()["item"]["n"] == i);
  auto last = c.answer();
  CHECK(last["result"]["sent"] == 1000);
  CHECK_FALSE(last.contains("dropped"));
  CHECK(writer.get() == 1000);
}

TEST_CASE("a client that reads too slowly loses items of a stream, counted, and gets the rest") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"follow\"}\n"));
  auto stream = s.kept.take();
  const std::string load(64 * 1024, 'x');
  std::size_t sent = 0;
  std::size_t dropped = 0;
  for (int i = 0; i < 200; ++i)
    (stream.item(load) == taken::yes ? sent : dropped) += 1;
  REQUIRE(dropped > 0);
  // What the kernel holds comes on top of our bound.
  CHECK(sent * load.size() < 2 * stream_pending_bytes_max);
  stream.ok(nullptr);
  std::size_t seen = 0;
  json last;
  for (last = c.answer(); last.contains("item"); last = c.answer())
    ++seen;
  CHECK(seen == sent);
  CHECK(last["dropped"] == dropped);
}

TEST_CASE("an answer larger than the bound is replaced by an error that says so") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"keep\"}\n"));
  s.kept.take().ok(std::string(answer_bytes_max, 'x'));
  CHECK(c.answer()["error"]["code"] == "too_large");
}

TEST_CASE("a large answer arrives whole") {
  running_server s;
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"keep\"}\n"));
  s.kept.take().ok(std::string(4 << 20, 'x'));
  CHECK(c.answer()["result"].get<std::string>().size() == 4 << 20);
}

TEST_CASE("no answer by the deadline: the client is told, the late answer is discarded, the connection goes on") {
  running_server s;
  auto c = s.connect();
  auto before = s.time.now();
  auto got = c.ask(R"({"verb":"keep","timeout_ms":20})");
  CHECK(got["error"]["code"] == "timeout");
  auto held = s.kept.take();
  CHECK(held.deadline() >= before + 20ms);
  CHECK(held.deadline() < before + 1min);
  CHECK_FALSE(held.is_wanted());
  held.ok("too late");
  CHECK(c.ask(R"({"verb":"echo","positional":["x"]})")["result"]["word"] == "x");
}

TEST_CASE("the node gives signs of life while an answer is under way") {
  running_server s;
  s.node.reset();
  s.node = std::move(
      *server::start({.dir = s.dir.path, .node = "a@localhost", .times = {.alive = 5ms}}, s.verbs, {*s.log, s.time}));
  auto c = s.connect();
  REQUIRE(c.send("{\"verb\":\"keep\"}\n"));
  auto held = s.kept.take();
  CHECK(c.answer() == json{{"alive", true}});
  CHECK(c.answer() == json{{"alive", true}});
  held.ok(1);
  auto last = c.answer();
  while (last.contains("alive"))
    last = c.answer();
  CHECK(last["result"] == 1);
}

TEST_CASE("clients that waste time are ended: idle, slow to ask, slow to read") {
  running_server s;
  s.node.reset();
  auto begin = [&](time_limits times) {
    auto started = server::start({.dir = s.dir.path, .node = "a@localhost", .times = times}, s.verbs, {*s.log, s.time});
    REQUIRE(started.ok());
    s.node = std::move(*started);
  };
  SUBCASE("one that asks nothing is closed without a word") {
    begin({.idle = 10ms});
    auto c = s.connect();
    CHECK_FALSE(c.line().has_value());
  }
  SUBCASE("one that does not end its line is told, then closed") {
    begin({.request = 10ms});
    auto c = s.connect();
    REQUIRE(c.send("{\"verb\":"));
    CHECK(c.answer()["error"]["code"] == "timeout");
    CHECK_FALSE(c.line().has_value());
  }
  SUBCASE("one that takes nothing of its answer is cut, logged") {
    begin({.write = 20ms});
    auto c = s.connect();
    REQUIRE(c.send("{\"verb\":\"keep\"}\n{\"verb\":\"keep\"}\n"));
    s.kept.take().ok(std::string(4 << 20, 'x'));
    auto other = s.connect();
    auto is_cut = [&] {
      for (const auto& one : s.log->recent())
        if (contains(one, "a client that does not read was cut"))
          return true;
      return false;
    };
    for (int i = 0; i < 100'000 && !is_cut(); ++i)
      other.ask(R"({"verb":"echo","positional":["x"]})");
    CHECK(is_cut());
  }
}

TEST_CASE("more connections than the bound are told so; when one ends, the next is served") {
  running_server s;
  std::vector<raw_client> all;
  for (std::size_t i = 0; i < connections_max; ++i) {
    all.push_back(s.connect());
    REQUIRE(all.back().ask(R"({"verb":"echo","positional":["x"]})")["ok"] == true);
  }
  auto refused = s.connect();
  CHECK(refused.answer()["error"]["code"] == "busy");
  CHECK_FALSE(refused.line().has_value());
  all.pop_back();
  auto is_served = false;
  for (int i = 0; i < 1000 && !is_served; ++i) {
    auto next = s.connect();
    next.send("{\"verb\":\"help\"}\n");
    is_served = next.answer()["ok"] == true;
  }
  CHECK(is_served);
}

TEST_CASE("many clients ask at once and each gets its own answers") {
  running_server s;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&, t] {
      auto c = s.connect();
      for (int i = 0; i < 50; ++i) {
        auto word = std::to_string(t) + "-" + std::to_string(i);
        good += c.ask(R"({"verb":"echo","positional":[")" + word + "\"]}")["result"]["word"] == word ? 1 : 0;
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(good == 16 * 50);
}

TEST_CASE("the end of the server: idle clients are closed, requests under way may finish") {
  running_server s;
  auto idle = s.connect();
  REQUIRE(idle.ask(R"({"verb":"help"})")["ok"] == true);
  auto busy = s.connect();
  REQUIRE(busy.send("{\"verb\":\"keep\"}\n{\"verb\":\"help\"}\n"));
  auto held = s.kept.take();
  auto ended = std::async(std::launch::async, [&] { s.node->stop(20s); });
  CHECK_FALSE(idle.line().has_value());
  CHECK_FALSE(std::filesystem::exists(s.socket()));
  held.ok("finished");
  CHECK(busy.answer()["result"] == "finished");
  CHECK(busy.answer()["error"]["code"] == "cancelled");
  CHECK_FALSE(busy.line().has_value());
  ended.get();
}

TEST_CASE("the end of the server is bounded: what is still under way is told so, and answers later reach nobody") {
  running_server s;
  auto waiting = s.connect();
  REQUIRE(waiting.send("{\"verb\":\"keep\"}\n"));
  auto held = s.kept.take();
  auto following = s.connect();
  REQUIRE(following.send("{\"verb\":\"follow\"}\n"));
  auto stream = s.kept.take();
  s.node->stop(10ms);
  CHECK(contains(waiting.answer()["error"]["message"], "the node is ending"));
  CHECK(contains(following.answer()["error"]["message"], "the node is ending"));
  CHECK(stream.item(1) == taken::gone);
  CHECK_FALSE(held.is_wanted());
  s.node->stop(10ms);
  s.node.reset();
  held.ok("too late");
}

TEST_CASE("a server that has ended makes room for the next one in the same place") {
  running_server s;
  for (int i = 0; i < 3; ++i) {
    s.node.reset();
    CHECK_FALSE(std::filesystem::exists(s.socket()));
    s.start();
    CHECK(s.connect().ask(R"({"verb":"help"})")["ok"] == true);
  }
}
