#include "web/channels/channel_socket.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::channels;

namespace {

/// What was asked of the owner, one readable line per effect.
std::vector<std::string> lines(const effects& done) {
  static constexpr auto reasons = std::array{"left", "rejoined", "disconnected", "misbehaved"};
  auto out = std::vector<std::string>{};
  for (const auto& e : done) {
    if (const auto* s = std::get_if<send>(&e))
      out.push_back((s->what.binary ? "binary " : "") + s->what.head + (s->what.body ? *s->what.body : "")
                    + s->what.tail);
    else if (const auto* c = std::get_if<channels::close>(&e))
      out.push_back("close " + std::to_string(c->code));
    else if (const auto* b = std::get_if<start_channel>(&e))
      out.push_back("start " + std::to_string(b->id) + " " + b->topic);
    else if (const auto* d = std::get_if<deliver>(&e))
      out.push_back("deliver " + std::to_string(d->id) + " " + d->event + " " + d->ref.value_or("null"));
    else if (const auto* t = std::get_if<stop_channel>(&e))
      out.push_back("stop " + std::to_string(t->id) + " " + reasons[static_cast<std::size_t>(t->why)]);
  }
  return out;
}

using said = std::vector<std::string>;

bool is_room(std::string_view topic) { return topic.starts_with("room:"); }

struct connection {
  channel_socket socket{{.has_route = is_room}};

  said text(std::string_view message) { return lines(socket.on_text(message)); }
  /// Joins `topic` with `ref`; the channel accepts.
  channel_id join(const std::string& topic, const std::string& ref) {
    const auto done = socket.on_text(R"([")" + ref + R"(",")" + ref + R"(",")" + topic + R"(","phx_join",{}])");
    const auto id = std::get<start_channel>(done.back()).id;
    (void)socket.join_ok(id, "{}");
    return id;
  }
};

}  // namespace

TEST_CASE("a heartbeat is answered by the connection itself") {
  auto c = connection{};
  CHECK(c.text(R"([null,"8","phoenix","heartbeat",{}])")
        == said{R"([null,"8","phoenix","phx_reply",{"status":"ok","response":{}}])"});
}

TEST_CASE("a join starts a channel, whose answer is sent with the refs of the join") {
  auto c = connection{};
  const auto done = c.socket.on_text(R"(["3","3","room:a","phx_join",{"token":"x"}])");
  REQUIRE(lines(done) == said{"start 1 room:a"});
  CHECK(std::get<json>(std::get<start_channel>(done[0]).payload) == json{{"token", "x"}});
  SUBCASE("accepted") {
    CHECK(lines(c.socket.join_ok(1, R"({"n":1})"))
          == said{R"(["3","3","room:a","phx_reply",{"status":"ok","response":{"n":1}}])"});
    CHECK(lines(c.socket.join_ok(1, "{}")).empty());
    CHECK(c.socket.channels() == 1);
  }
  SUBCASE("refused") {
    CHECK(lines(c.socket.join_error(1, R"({"reason":"unauthorized"})"))
          == said{R"(["3","3","room:a","phx_reply",{"status":"error","response":{"reason":"unauthorized"}}])"});
    CHECK(c.socket.channels() == 0);
    CHECK(lines(c.socket.join_ok(1, "{}")).empty());
  }
  SUBCASE("crashed, or ended without a word") {
    auto why = down_reason::crashed;
    SUBCASE("by a crash") { why = down_reason::crashed; }
    SUBCASE("in order") { why = down_reason::normal; }
    CHECK(lines(c.socket.channel_down(1, why))
          == said{R"(["3","3","room:a","phx_reply",{"status":"error","response":{"reason":"join crashed"}}])"});
    CHECK(c.socket.channels() == 0);
  }
}

TEST_CASE("a topic without a route, and events for a topic that is not joined, are unmatched") {
  auto c = connection{};
  CHECK(c.text(R"(["3","3","nowhere","phx_join",{}])")
        == said{R"([null,"3","nowhere","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"});
  CHECK(c.text(R"(["3","4","room:a","shout",{}])")
        == said{R"([null,"4","room:a","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"});
  CHECK(c.text(R"([null,"5","phoenix","phx_join",{}])")
        == said{R"([null,"5","phoenix","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"});
  CHECK_FALSE(c.socket.is_closed());
}

TEST_CASE("more than a hundred channels are refused, until one is left") {
  auto c = connection{};
  for (int i = 0; i < 100; ++i)
    c.join("room:" + std::to_string(i), std::to_string(i));
  CHECK(
      c.text(R"(["x","x","room:more","phx_join",{}])")
      == said{
          R"(["x","x","room:more","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}])"});
  SUBCASE("a rejoin is not one more") {
    CHECK(c.text(R"(["y","y","room:7","phx_join",{}])").back() == "start 101 room:7");
  }
  SUBCASE("after a leave there is room") {
    (void)c.text(R"(["7","z","room:7","phx_leave",{}])");
    CHECK(c.text(R"(["y","y","room:more","phx_join",{}])") == said{"start 101 room:more"});
  }
}

TEST_CASE("a second join of a topic closes the first before anything else") {
  auto c = connection{};
  c.join("room:a", "3");
  CHECK(c.text(R"(["7","7","room:a","phx_join",{}])")
        == said{"stop 1 rejoined", R"(["3","3","room:a","phx_close",{}])", "start 2 room:a"});
  SUBCASE("and nothing of the first is used any more") {
    CHECK(lines(c.socket.push(1, "late", "{}")).empty());
    CHECK(lines(c.socket.reply(1, "5", "ok", "{}")).empty());
    CHECK(lines(c.socket.channel_down(1, down_reason::crashed)).empty());
    CHECK(lines(c.socket.join_ok(2, "{}")) == said{R"(["7","7","room:a","phx_reply",{"status":"ok","response":{}}])"});
    CHECK(c.text(R"(["3","8","room:a","shout",{}])").empty());
    CHECK(c.text(R"(["3","9","room:a","phx_leave",{}])").empty());
    CHECK(c.text(R"(["7","10","room:a","shout",{}])") == said{"deliver 2 shout 10"});
  }
}

TEST_CASE("leaving") {
  auto c = connection{};
  SUBCASE("a joined topic") {
    c.join("room:a", "3");
    CHECK(c.text(R"(["3","9","room:a","phx_leave",{}])")
          == said{"stop 1 left", R"(["3","9","room:a","phx_reply",{"status":"ok","response":{}}])",
                  R"(["3","3","room:a","phx_close",{}])"});
    CHECK(c.socket.channels() == 0);
  }
  SUBCASE("with a null join_ref") {
    c.join("room:a", "3");
    CHECK(c.text(R"([null,"9","room:a","phx_leave",{}])").size() == 3);
  }
  SUBCASE("a topic that is not joined, as after a redirect ended the view") {
    CHECK(c.text(R"(["4","9","room:a","phx_leave",{}])")
          == said{R"(["4","9","room:a","phx_reply",{"status":"ok","response":{}}])"});
  }
  SUBCASE("with the ref of another join is ignored") {
    c.join("room:a", "3");
    CHECK(c.text(R"(["2","9","room:a","phx_leave",{}])").empty());
    CHECK(c.socket.channels() == 1);
  }
  SUBCASE("cancels a join that is not answered yet") {
    (void)c.text(R"(["3","3","room:a","phx_join",{}])");
    CHECK(c.text(R"(["3","4","room:a","phx_leave",{}])").front() == "stop 1 left");
    CHECK(lines(c.socket.join_ok(1, "{}")).empty());
  }
}

TEST_CASE("live navigation: leave and join arrive together, on one topic") {
  auto c = connection{};
  const auto view = c.join("room:v9", "4");
  CHECK(lines(c.socket.reply(view, "8", "ok", R"({"live_redirect":{"to":"/nav/a","kind":"push"}})"))
        == said{R"(["4","8","room:v9","phx_reply",{"status":"ok","response":)"
                R"({"live_redirect":{"to":"/nav/a","kind":"push"}}}])"});
  CHECK(lines(c.socket.channel_down(view, down_reason::normal)) == said{R"(["4","4","room:v9","phx_close",{}])"});
  CHECK(c.text(R"(["4","9","room:v9","phx_leave",{}])")
        == said{R"(["4","9","room:v9","phx_reply",{"status":"ok","response":{}}])"});
  CHECK(c.text(R"(["12","12","room:v9","phx_join",{}])") == said{"start 2 room:v9"});
}

TEST_CASE("a crash is an error on the topic, a normal end closes it, the connection stays") {
  auto c = connection{};
  const auto id = c.join("room:a", "4");
  SUBCASE("crash") {
    CHECK(lines(c.socket.channel_down(id, down_reason::crashed))
          == said{R"(["4","4","room:a","phx_error",{"reason":"channel_crash"}])"});
  }
  SUBCASE("normal") {
    CHECK(lines(c.socket.channel_down(id, down_reason::normal)) == said{R"(["4","4","room:a","phx_close",{}])"});
  }
  CHECK_FALSE(c.socket.is_closed());
  CHECK(c.text(R"(["5","5","room:a","phx_join",{}])") == said{"start 2 room:a"});
}

TEST_CASE("two hundred pipelined events are delivered and answered in order") {
  auto c = connection{};
  const auto id = c.join("room:a", "4");
  for (int i = 0; i < 200; ++i) {
    const auto ref = std::to_string(100 + i);
    CHECK(c.text(R"(["4",")" + ref + R"(","room:a","add",{"n":1}])") == said{"deliver 1 add " + ref});
  }
  for (int i = 0; i < 200; ++i) {
    const auto ref = std::to_string(100 + i);
    CHECK(lines(c.socket.reply(id, ref, "ok", "{}"))
          == said{R"(["4",")" + ref + R"(","room:a","phx_reply",{"status":"ok","response":{}}])"});
  }
}

TEST_CASE("events that come before the join is answered wait for the answer") {
  auto c = connection{};
  (void)c.text(R"(["4","4","room:a","phx_join",{}])");
  CHECK(c.text(R"(["4","5","room:a","one",{}])").empty());
  CHECK(c.text(R"(["4",null,"room:a","two",{}])").empty());
  SUBCASE("accepted: the reply first, then the events in order") {
    CHECK(lines(c.socket.join_ok(1, "{}"))
          == said{R"(["4","4","room:a","phx_reply",{"status":"ok","response":{}}])", "deliver 1 one 5",
                  "deliver 1 two null"});
  }
  SUBCASE("refused: they are unmatched") {
    CHECK(lines(c.socket.join_error(1, "{}"))
          == said{R"(["4","4","room:a","phx_reply",{"status":"error","response":{}}])",
                  R"([null,"5","room:a","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])",
                  R"([null,null,"room:a","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"});
  }
  SUBCASE("too many close the connection") {
    for (int i = 2; i < 64; ++i)
      REQUIRE(c.text(R"(["4","6","room:a","more",{}])").empty());
    CHECK(c.text(R"(["4","6","room:a","more",{}])") == said{"close 1008", "stop 1 disconnected"});
  }
  SUBCASE("too large ones as well") {
    CHECK(c.text(R"(["4","6","room:a","more",")" + std::string(256 * 1024, 'x') + R"("])").front() == "close 1008");
  }
}

TEST_CASE("a channel that speaks before it answered its join is ended") {
  auto c = connection{};
  (void)c.text(R"(["4","4","room:a","phx_join",{}])");
  const auto expected = said{
      "stop 1 misbehaved", R"(["4","4","room:a","phx_reply",{"status":"error","response":{"reason":"join crashed"}}])"};
  SUBCASE("push") { CHECK(lines(c.socket.push(1, "diff", "{}")) == expected); }
  SUBCASE("reply") { CHECK(lines(c.socket.reply(1, "9", "ok", "{}")) == expected); }
  SUBCASE("but a broadcast to all subscribers is only dropped") {
    CHECK(lines(c.socket.broadcast(1, frame::text("x"))).empty());
    (void)c.socket.join_ok(1, "{}");
    CHECK(lines(c.socket.broadcast(1, frame::text("x"))) == said{"x"});
  }
}

TEST_CASE("a shared payload is referred to, not copied") {
  auto c = connection{};
  const auto id = c.join("room:a", "4");
  const auto shared = std::make_shared<const std::string>(R"({"0":"10"})");
  SUBCASE("as the whole payload") {
    const auto done = c.socket.push(id, "diff", shared);
    CHECK(std::get<send>(done[0]).what.body == shared);
    CHECK(lines(done) == said{R"(["4",null,"room:a","diff",{"0":"10"}])"});
  }
  SUBCASE("as a part of it") {
    const auto done = c.socket.reply(id, "7", "ok", json_text{R"({"diff":)", shared, "}"});
    CHECK(std::get<send>(done[0]).what.body == shared);
    CHECK(lines(done) == said{R"(["4","7","room:a","phx_reply",{"status":"ok","response":{"diff":{"0":"10"}}}])"});
  }
}

TEST_CASE("binary events and answers") {
  auto c = connection{};
  const auto id = c.join("room:w", "1");
  const auto done = c.socket.on_binary(std::string_view{"\0\1\2\6\3"
                                                        "1"
                                                        "b1"
                                                        "room:w"
                                                        "bin"
                                                        "\0\xff",
                                                        5 + 12 + 2});
  REQUIRE(lines(done) == said{"deliver 1 bin b1"});
  CHECK(std::get<binary_payload>(std::get<deliver>(done[0]).payload).data == std::string_view{"\0\xff", 2});
  CHECK(lines(c.socket.reply_binary(id, "b1", "ok", "data"))
        == said{std::string{"binary \1\1\2\6\2", 12} + "1b1room:wokdata"});
  CHECK(lines(c.socket.push_binary(id, "blob", "data"))
        == said{std::string{"binary \0\1\6\4", 11} + "1room:wblobdata"});
}

TEST_CASE("what is no message closes the connection and ends its channels") {
  auto c = connection{};
  c.join("room:a", "1");
  c.join("room:b", "2");
  const auto ended = [](int code) {
    return said{"close " + std::to_string(code), "stop 1 disconnected", "stop 2 disconnected"};
  };
  SUBCASE("not JSON") { CHECK(c.text("hello") == ended(1011)); }
  SUBCASE("too few elements") { CHECK(c.text(R"(["1","1","t","e"])") == ended(1011)); }
  SUBCASE("a topic that is no string") { CHECK(c.text(R"(["1","1",5,"e",{}])") == ended(1011)); }
  SUBCASE("nested too deep") {
    CHECK(c.text(R"(["1","1","t","e",)" + std::string(100, '[') + std::string(100, ']') + "]") == ended(1011));
  }
  SUBCASE("unknown binary kind") { CHECK(lines(c.socket.on_binary("\3\1\1\1\1abcd")) == ended(1011)); }
  SUBCASE("truncated binary") { CHECK(lines(c.socket.on_binary(std::string_view{"\0\1\1", 3})) == ended(1011)); }
  SUBCASE("too long") { CHECK(c.text(std::string(1024 * 1024 + 1, ' ')) == ended(1009)); }
  CHECK(c.socket.is_closed());
  CHECK(c.text(R"([null,"8","phoenix","heartbeat",{}])").empty());
  CHECK(lines(c.socket.push(1, "e", "{}")).empty());
  CHECK(lines(c.socket.close_connection(1001, "")).empty());
}

TEST_CASE("the end of the connection ends all channels, also those that are joining") {
  auto c = connection{};
  c.join("room:a", "1");
  (void)c.text(R"(["2","2","room:b","phx_join",{}])");
  SUBCASE("it is gone") { CHECK(lines(c.socket.on_closed()) == said{"stop 1 disconnected", "stop 2 disconnected"}); }
  SUBCASE("the server ends it") {
    CHECK(lines(c.socket.close_connection(1012, "restart"))
          == said{"close 1012", "stop 1 disconnected", "stop 2 disconnected"});
  }
  CHECK(lines(c.socket.on_closed()).empty());
  CHECK(lines(c.socket.join_ok(2, "{}")).empty());
}
