#include "net/rpc/json_call.hpp"

#include "base/id.hpp"
#include "base/random.hpp"
#include "net/rpc/json_codec.hpp"
#include "net/rpc/support.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using namespace beamline::net::rpc::test;

namespace {

struct inner {
  std::string word;
  BEAMLINE_MESSAGE(inner, "json.inner", 1, word)
};
struct outer {
  bool yes = false;
  std::int32_t small = 0;
  std::uint64_t big = 0;
  double real = 0;
  std::string text;
  duration time{};
  std::optional<std::string> maybe;
  std::vector<inner> all;
  std::map<std::string, std::int64_t> by_name;
  uid id;
  bool is_late = true;
  BEAMLINE_MESSAGE(outer, "json.outer", 1, yes, small, big, real, text, time, maybe, all, by_name, id, is_late)
};

json_codec codec() {
  auto p = function_procedure<outer>([](const outer& o) { return o; });
  return json_codec{describe({{p.name, std::make_shared<const procedure>(p)}}, "").messages};
}

json parsed(std::string_view text) { return parse_json(text).value(); }

}  // namespace

TEST_CASE("a message goes to JSON and back with everything that is in it") {
  outer o;
  o.yes = true;
  o.small = -5;
  o.big = 18'446'744'073'709'551'615ULL;
  o.real = 2.5;
  o.text = "hello \"you\"";
  o.time = 1500us;
  o.maybe = "there";
  o.all = {{"one"}, {"two"}};
  o.by_name = {{"x", 1}, {"y", -2}};
  auto j = codec().decode("json.outer", encode(o));
  REQUIRE(j.ok());
  CHECK(dump_json(*j).find(R"("big":18446744073709551615)") != std::string::npos);
  CHECK(j->at("time").at("ms") == 1.5);
  CHECK(j->at("all") == parsed(R"([{"word": "one"}, {"word": "two"}])"));
  auto back = codec().encode("json.outer", *j);
  REQUIRE(back.ok());
  CHECK(*back == encode(o));
}

TEST_CASE("fields at the end may be left out and keep their defaults; optional ones may be left out anywhere") {
  auto octets = codec().encode("json.outer", parsed(R"({"yes": true, "small": 3})"));
  REQUIRE(octets.ok());
  auto o = decode<outer>(*octets);
  REQUIRE(o.ok());
  CHECK(o->small == 3);
  CHECK(o->is_late);
  CHECK(codec().encode("json.outer", json::object()).ok());
  auto full = parsed(R"({"yes": true, "small": 3, "big": 1, "real": 1, "text": "", "time": 2.5, "all": []})");
  auto without = codec().encode("json.outer", full);
  REQUIRE(without.ok());
  CHECK(decode<outer>(*without)->time == 2500us);
  CHECK_FALSE(decode<outer>(*without)->maybe.has_value());
}

TEST_CASE("JSON that is no such message is refused with the field, its value and what was expected") {
  auto refusal = [](std::string_view text) {
    auto r = codec().encode("json.outer", parsed(text));
    REQUIRE_FALSE(r.ok());
    return r.error().message;
  };
  CHECK(refusal("5")
        == "json.outer is number 5, expected an object with yes: bool, small: i, big: u, real: f64, text: "
           "string, time: duration, maybe: optional<string>, all: list<json.inner>, by_name: map<i>, id: "
           "uid, is_late: bool");
  CHECK(refusal(R"({"yes": 1})") == "json.outer.yes is number 1, expected true or false");
  CHECK(refusal(R"({"small": 1})")
        == "json.outer.yes is missing; only fields at the end may be left out, expected bool");
  CHECK(refusal(R"({"yes": true, "small": 1.5})") == "json.outer.small is number 1.5, expected a whole number");
  CHECK(refusal(R"({"yes": true, "small": 1, "big": -1})").find("expected a whole number from 0 on")
        != std::string::npos);
  CHECK(refusal(R"({"yes": true, "wrong": 1})")
            .starts_with("json.outer has a field wrong, which json.outer has not; it has yes: bool"));
  auto with_list = [&](std::string_view list) {
    return refusal(R"({"yes": true, "small": 3, "big": 1, "real": 1, "text": "", "time": 0, "all": )"
                   + std::string{list} + "}");
  };
  CHECK(with_list("7") == "json.outer.all is number 7, expected an array of at most 100000");
  CHECK(with_list(R"([{"word": "a"}, {"word": 7}])") == "json.outer.all[1].word is number 7, expected a text");
  CHECK(codec().encode("json.unknown", json{}).error().code == errc::unsupported);
}

TEST_CASE("octets that are no such message are refused, whatever they are") {
  seeded_random chance{3};
  outer o;
  o.all = {{"one"}};
  for (int i = 0; i < 5'000; ++i) {
    auto octets = encode(o);
    for (auto n = chance.below(5) + 1; n > 0; --n)
      octets[chance.below(octets.size())] = static_cast<char>(chance.below(256));
    if (auto j = codec().decode("json.outer", octets))
      (void)dump_json(*j);
  }
  CHECK_FALSE(codec().decode("json.outer", "").ok());
  CHECK_FALSE(codec()
                  .decode("string", "\x05"
                                    "ab")
                  .ok());
  CHECK(*codec().decode("nothing", "") == json{});
  CHECK(*codec().decode("list<u>", std::string_view{"\x02\x01\x02", 3}) == parsed("[1, 2]"));
}

TEST_CASE("a procedure of another node is called with JSON, by what that node says of it") {
  world w;
  call_cluster c{w, {"a@sim", "b@sim"}};
  auto ask = [&](const std::string& node, const std::string& procedure, std::string_view arguments) {
    auto got = std::make_shared<std::optional<result<json>>>();
    c.run([&](process& p) {
      call_with_json(p, node, procedure, parsed(arguments), 2s, [got](result<json> r) {
        REQUIRE_FALSE(got->has_value());
        *got = std::move(r);
      });
    });
    REQUIRE(w.run_until([&] { return got->has_value(); }, 10s));
    return **got;
  };
  CHECK(*ask("b@sim", "test.where", "{}") == json("b@sim"));
  CHECK(*ask("b@sim", "test.served", R"({"number": 5})") == parsed(R"({"number": 5, "words": ["served"]})"));
  CHECK(ask("b@sim", "test.note", R"({"text": "by hand"})")->is_null());
  CHECK(c.did["b@sim"].notes == std::vector<std::string>{"by hand"});
  auto unknown = ask("b@sim", "test.wrong", "{}");
  CHECK(unknown.error().code == errc::not_found);
  CHECK(unknown.error().message.starts_with("b@sim has no procedure test.wrong; it has test.big, test.misbehave"));
  auto wrong = ask("b@sim", "test.served", R"({"number": "five"})");
  CHECK(wrong.error().code == errc::invalid);
  CHECK(wrong.error().message
        == "test.served on b@sim: test.served.number is string \"five\", expected a whole number");
  CHECK(ask("gone@sim", "test.where", "{}").error().code == errc::unavailable);
  CHECK(ask("b@sim", "test.raw", "{}").error().code == errc::unsupported);
  CHECK(ask("b@sim", "test.misbehave", R"({"how": "throw", "text": "v"})").error().code == errc::conflict);
  CHECK(ask("b@sim", "test.nap", R"({"time": 60000, "key": "k"})").error().code == errc::timeout);
}

TEST_CASE("the procedures of a node are listed with their fields") {
  world w;
  call_cluster c{w, {"a@sim", "b@sim"}};
  auto got = std::make_shared<std::optional<result<json>>>();
  c.run([&](process& p) { list_procedures(p, "b@sim", 2s, [got](result<json> r) { *got = std::move(r); }); });
  REQUIRE(w.run_until([&] { return got->has_value(); }, 10s));
  REQUIRE((*got)->ok());
  const auto& all = (*got)->value();
  REQUIRE(all.size() == 10);
  CHECK(all[0] == parsed(R"({"name": "test.big", "request": {"octets": "u"}, "reply": "string"})"));
}
