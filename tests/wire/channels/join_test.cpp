// Users' channels over real sockets: joining and leaving, and how channels end.
#include "wire/channels/fixture.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

// -- joining and leaving -------------------------------------------------------------------

TEST_CASE("a heartbeat is answered by the connection") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, R"([null,"8","phoenix","heartbeat",{}])")
        == R"([null,"8","phoenix","phx_reply",{"status":"ok","response":{}}])");
}

TEST_CASE("a join that is accepted is answered with the channel's response, and only then pushed to") {
  channel_site s;
  auto c = s.connect("&user=ann");
  CHECK(ask(c, join_of("room:1", {{"greet", true}}, "3"))
        == R"(["3","3","room:1","phx_reply",{"status":"ok","response":{"topic":"room:1","user":"ann"}}])");
  CHECK(read(c) == R"(["3",null,"room:1","hello",{"from":"room:1"}])");
  CHECK(s.has_processes(2));  // The channel, and what waits for `disconnect`.
}

TEST_CASE("exact topics and wildcards find their channel") {
  channel_site s;
  auto c = s.connect();
  join(c, "lobby");
  join(c, "room:", json::object(), "2");
  join(c, "room:with:colons and ünïcode", json::object(), "3");
  CHECK(ask(c, join_of("lobby2", json::object(), "4")).find("unmatched topic") != std::string::npos);
  CHECK(ask(c, join_of("room", json::object(), "5")).find("unmatched topic") != std::string::npos);
  CHECK(s.has_processes(3));
}

TEST_CASE("a join that the channel refuses is answered with its reason, and leaves nothing behind") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("room:1", {{"refuse", "full"}}))
        == R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"full"}}])");
  CHECK(ask(c, join_of("room:1", {{"refuse", "bare"}}, "2"))
        == R"(["2","2","room:1","phx_reply",{"status":"error","response":{"reason":"unauthorized"}}])");
  CHECK(ask(c, event("room:1", "echo", json::object(), "7")).find("unmatched topic") != std::string::npos);
  CHECK(s.has_processes(0));
}

TEST_CASE("a join whose handler crashes is refused as crashed, and the connection stays") {
  channel_site s;
  auto c = s.connect();
  const auto crashed = R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"join crashed"}}])";
  SUBCASE("it throws") { CHECK(ask(c, join_of("room:1", {{"crash", true}})) == crashed); }
  SUBCASE("it pushes before it has answered") {
    CHECK(ask(c, join_of("room:1", {{"push too soon", true}})) == crashed);
  }
  SUBCASE("its payload is octets") {
    c.send(masked_frame(2, octets_of("1", "1", "room:1", "phx_join", "abc")));
    CHECK(read(c) == crashed);
  }
  CHECK(is_quiet(c));
  CHECK(s.has_processes(0));
}

TEST_CASE("a join without a route is unmatched, with a null join_ref") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("other:1", json::object(), "4"))
        == R"([null,"4","other:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])");
}

TEST_CASE("a join beyond the limit of channels is refused") {
  channel_site s;
  auto c = s.connect();
  for (int i = 1; i <= 5; ++i)
    join(c, "room:" + std::to_string(i), json::object(), std::to_string(i));
  CHECK(ask(c, join_of("room:6", json::object(), "6"))
        == R"(["6","6","room:6","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}])");
  CHECK(s.has_processes(5));
}

TEST_CASE("a second join of a topic closes the first before it is answered") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, join_of("room:1", json::object(), "5")) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(read(c).starts_with(R"(["5","5","room:1","phx_reply",{"status":"ok")"));
  CHECK(s.has_processes(1));
  CHECK(ask(c, event("room:1", "count", json::object(), "7", "5"))
        == R"(["5","7","room:1","phx_reply",{"status":"ok","response":{"n":1}}])");
}

TEST_CASE("a leave is answered and closes the channel, with its join_ref or none") {
  channel_site s;
  auto c = s.connect();
  join(c);
  SUBCASE("with") { CHECK(ask(c, R"(["1","7","room:1","phx_leave",{}])") == ok_of_7); }
  SUBCASE("without") { CHECK(ask(c, R"([null,"7","room:1","phx_leave",{}])") == ok_of_7); }
  CHECK(read(c) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(s.has_processes(0));
  CHECK(ask(c, R"([null,"8","room:1","phx_leave",{}])")
        == R"([null,"8","room:1","phx_reply",{"status":"ok","response":{}}])");
}

TEST_CASE("a message of another join is met with silence, a leave as well") {
  channel_site s;
  auto c = s.connect();
  join(c);
  c.send(masked_frame(1, event("room:1", "echo", json::object(), "7", "99")));
  c.send(masked_frame(1, R"(["99","8","room:1","phx_leave",{}])"));
  CHECK(is_quiet(c));
  CHECK(s.has_processes(1));
}

TEST_CASE("an event on a topic that is not joined is unmatched") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, event("room:1", "echo", json::object(), "7"))
        == R"([null,"7","room:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])");
}

TEST_CASE("a join may be decided later; what the client sent meanwhile waits for the decision") {
  channel_site s;
  auto c = s.connect();
  SUBCASE("accepted") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 20}})) + masked_frame(1, event("room:1", "count", {}, "7")));
    CHECK(read(c) == R"(["1","1","room:1","phx_reply",{"status":"ok","response":{}}])");
    CHECK(read(c) == R"(["1","7","room:1","phx_reply",{"status":"ok","response":{"n":1}}])");
  }
  SUBCASE("refused") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 20}, {"then_refuse", true}}))
           + masked_frame(1, event("room:1", "count", {}, "7")));
    CHECK(read(c) == R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"not today"}}])");
    CHECK(read(c).find("unmatched topic") != std::string::npos);
    CHECK(s.has_processes(0));
  }
  SUBCASE("the client has given up: its leave cancels the late answer") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 1000}}))
           + masked_frame(1, R"(["1","7","room:1","phx_leave",{}])"));
    CHECK(read(c) == ok_of_7);
    CHECK(read(c) == R"(["1","1","room:1","phx_close",{}])");
    CHECK(s.has_processes(0));
    CHECK(is_quiet(c));
  }
}

// -- how channels end ----------------------------------------------------------------------

TEST_CASE("a crash costs that topic a phx_error, no reply, and nobody else anything") {
  channel_site s;
  auto c = s.connect();
  auto other = s.connect();
  join(c, "room:1", json::object(), "1");
  join(c, "room:2", json::object(), "2");
  join(other);
  CHECK(ask(c, event("room:1", "crash", {}, "7")) == R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])");
  CHECK(is_quiet(c));
  CHECK(ask(c, event("room:2", "count", {}, "8", "2")).find(R"("n":1)") != std::string::npos);
  CHECK(ask(other, event("room:1", "count", {}, "8")).find(R"("n":1)") != std::string::npos);
  join(c, "room:1", json::object(), "9");
  CHECK(ask(c, event("room:1", "count", {}, "10", "9")).find(R"("n":1)") != std::string::npos);
  CHECK(s.has_processes(3));
}

TEST_CASE("a crash right behind the join is an error of a channel that had joined") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("room:1", {{"crash when joined", true}})).find(R"("status":"ok")") != std::string::npos);
  CHECK(read(c) == R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])");
  CHECK(s.has_processes(0));
}

TEST_CASE("a channel that stops in order is closed, without an error") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, event("room:1", "stop", {}, "7")) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(s.has_processes(0));
}

TEST_CASE("channels end with their connection, however it ends") {
  channel_site s;
  {
    auto c = s.connect("&user=ann");
    join(c, "room:1", json::object(), "1");
    join(c, "room:2", json::object(), "2");
    CHECK(s.has_processes(3));
    SUBCASE("lost") { c.reset(); }
    SUBCASE("closed") {
      c.send(masked_frame(8, close_payload(1000)));
      CHECK(close_code_of(c) == 1000);
    }
    SUBCASE("idle for ever is the server's business") {}
  }
  CHECK(s.has_processes(0));
}

TEST_CASE("channels are temporary children of their supervisor, which refuses what is too much for it") {
  channel_site s{{.children_max = 2}};
  auto c = s.connect();
  join(c, "room:1", json::object(), "1");
  join(c, "room:2", json::object(), "2");
  CHECK(ask(c, join_of("room:3", json::object(), "3")).find("join crashed") != std::string::npos);
  CHECK(s.logged("a channel could not be started"));
  CHECK(ask(c, event("room:1", "crash", {}, "7")).find("phx_error") != std::string::npos);
  CHECK(s.has_processes(1));  // Not started again.
}
