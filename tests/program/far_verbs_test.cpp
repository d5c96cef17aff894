#include "actors/message_codec.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "program/far_verbs.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>

using namespace beamline;
using namespace beamline::program;

namespace {

struct memory final : control::answer_sink {
  std::optional<json> result;
  std::optional<error> failed;
  json details;

  control::taken item(const json&) override { return control::taken::gone; }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json& d) override {
    failed = e;
    details = d;
  }
  bool is_wanted() const override { return true; }
};

/// A node with some verbs, and a peer that asks it.
struct fixture {
  fixture() {
    verbs.add("echo", "says it again",
              {control::needs("what", "a text"), control::takes("more", "JSON", control::argument::type::any)},
              [](const json& a, control::answer reply) { reply.ok(a); });
    verbs.add("huge", "says a lot", {},
              [](const json&, control::answer reply) { reply.ok(std::string(far_answer_octets_max, 'x')); });
    verbs.add("fails", "does not", {}, [](const json&, control::answer reply) {
      reply.fail({errc::conflict, "somebody else has it"}, {{"who", "me"}});
    });
    verbs.add("throws", "breaks", {}, [](const json&, control::answer) { throw std::runtime_error{"broken"}; });
    verbs.add("watch", "streams", {}, [](const json&, control::answer reply) { reply.ok(nullptr); },
              {.is_stream = true});
  }

  far_answer ask(const far_request& r) {
    std::optional<far_answer> got;
    run_for_peer(verbs, r, time_point::max(), [&](far_answer a) {
      CHECK_FALSE(got.has_value());
      got = std::move(a);
    });
    REQUIRE(got.has_value());
    auto copy = decode<far_answer>(encode(*got));  // As it crosses.
    REQUIRE(copy.ok());
    return *copy;
  }
  std::shared_ptr<memory> passed_on(const far_answer& a) {
    auto sink = std::make_shared<memory>();
    pass_on(a, control::answer{sink, "via", time_point::max()});
    return sink;
  }

  manual_clock time;
  std::unique_ptr<logger> log = logger::in_memory(time);
  control::dispatcher verbs{*log};
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a verb asked for by a peer is answered as behind the control socket") {
  fixture f;
  auto words = f.passed_on(f.ask({.verb = "echo", .words = {"hello", R"({"a":1})"}, .arguments = {}}));
  CHECK(words->result == json{{"what", "hello"}, {"more", {{"a", 1}}}});
  auto named = f.passed_on(f.ask({.verb = "echo", .words = {}, .arguments = R"({"what":"hello"})"}));
  CHECK(named->result == json{{"what", "hello"}});
}

TEST_CASE("what a verb fails with reaches the asker with its code and details") {
  fixture f;
  auto got = f.passed_on(f.ask({.verb = "fails", .words = {}, .arguments = {}}));
  CHECK(got->failed == error{errc::conflict, "somebody else has it"});
  CHECK(got->details == json{{"who", "me"}});
  CHECK(f.passed_on(f.ask({.verb = "throws", .words = {}, .arguments = {}}))->failed->code == errc::cancelled);
}

TEST_CASE("requests of a peer that are wrong are refused and disturb nobody") {
  fixture f;
  CHECK(f.passed_on(f.ask({.verb = "ecco", .words = {}, .arguments = {}}))->failed->code == errc::not_found);
  CHECK(f.passed_on(f.ask({.verb = "echo", .words = {}, .arguments = {}}))->failed->code == errc::invalid);
  CHECK(contains(f.ask({.verb = "echo", .words = {}, .arguments = "["}).message, "the arguments are no JSON"));
  CHECK(contains(f.ask({.verb = "echo", .words = {}, .arguments = "[]"}).message, "expected a JSON object"));
  far_request many{
      .verb = "echo", .words = std::vector<std::string>(control::positional_max + 1, "w"), .arguments = {}};
  CHECK(contains(f.ask(many).message, "at most 16 are taken"));
}

TEST_CASE("a verb that streams is refused, with where to ask instead") {
  fixture f;
  auto got = f.ask({.verb = "watch", .words = {}, .arguments = {}});
  CHECK(got.code == "unsupported");
  CHECK(contains(got.message, "ask the node itself"));
}

TEST_CASE("an answer that is too long to cross is refused at its origin") {
  fixture f;
  auto got = f.passed_on(f.ask({.verb = "huge", .words = {}, .arguments = {}}));
  CHECK(got->failed->code == errc::too_large);
}

TEST_CASE("an answer of a newer release with an unknown code keeps its message") {
  fixture f;
  auto got = f.passed_on({.is_ok = false, .value = {}, .code = "exotic", .message = "why", .details = "no json"});
  CHECK(got->failed == error{errc::unavailable, "why"});
  CHECK(got->details.is_null());
  CHECK(f.passed_on({.is_ok = true, .value = "{", .code = {}, .message = {}, .details = {}})->failed.has_value());
}
