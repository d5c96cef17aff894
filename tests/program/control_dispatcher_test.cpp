#include "control_fixture.hpp"

#include <stdexcept>
#include <thread>

using namespace beamline;
using namespace beamline::program::control;
using beamline::program::control::testing::contains;

namespace {

/// Remembers what it is given.
struct memory final : answer_sink {
  std::vector<json> items, results;
  std::vector<error> errors;
  json details;
  bool wants = true;

  taken item(const json& value) override {
    items.push_back(value);
    return taken::yes;
  }
  void succeed(const json& result) override { results.push_back(result); }
  void fail(const error& e, const json& d) override {
    errors.push_back(e);
    details = d;
  }
  bool is_wanted() const override { return wants; }
};

struct fixture {
  manual_clock time;
  std::unique_ptr<logger> log = logger::in_memory(time);
  dispatcher verbs{*log};
  std::shared_ptr<memory> sink = std::make_shared<memory>();

  void run(const request& r) {
    auto job = verbs.prepare(r);
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, time_point::max());
  }
  error refusal(const request& r) {
    auto job = verbs.prepare(r);
    REQUIRE_FALSE(job.ok());
    return job.error();
  }
};

}  // namespace

TEST_CASE("an unknown verb is answered with the nearest one and all known ones") {
  fixture f;
  f.verbs.add("tree", "the tree", {}, [](const json&, answer a) { a.ok(nullptr); });
  auto e = f.refusal({.verb = "tre"});
  CHECK(e.code == errc::not_found);
  CHECK(e.message == "unknown verb \"tre\"; did you mean tree? This node knows help, tree");
  CHECK(contains(f.refusal({.verb = "xxxxxxxx"}).message, "unknown verb \"xxxxxxxx\"; this node knows help, tree"));
}

TEST_CASE("arguments by name and by place come as one checked object") {
  fixture f;
  json seen;
  f.verbs.add("info", "what one process does",
              {needs("name", "its path"), takes("depth", "", argument::type::integer),
               takes("all", "", argument::type::boolean), takes("ratio", "", argument::type::number),
               takes("filter", "", argument::type::any)},
              [&](const json& arguments, answer a) {
                seen = arguments;
                a.ok(nullptr);
              });
  SUBCASE("by place, each word as the type of its argument") {
    f.run({.verb = "info", .positional = {"17", "3", "true", "0.5", R"({"a":1})"}});
    CHECK(seen == json{{"name", "17"}, {"depth", 3}, {"all", true}, {"ratio", 0.5}, {"filter", {{"a", 1}}}});
  }
  SUBCASE("any JSON falls back to text") {
    f.run({.verb = "info", .positional = {"x", "3", "true", "1", "plain words"}});
    CHECK(seen["filter"] == "plain words");
  }
  SUBCASE("by name, and by both") {
    f.run({.verb = "info", .positional = {"x"}, .arguments = {{"depth", 2}}});
    CHECK(seen == json{{"name", "x"}, {"depth", 2}});
  }
  SUBCASE("each mistake is named") {
    auto message = [&](request r) {
      r.verb = "info";
      auto e = f.refusal(r);
      CHECK(e.code == errc::invalid);
      return e.message;
    };
    CHECK(contains(message({}), "the argument name is missing; usage: info NAME [DEPTH] [ALL] [RATIO] [FILTER]"));
    CHECK(contains(message({.arguments = {{"nam", "x"}}}), "unknown argument \"nam\"; did you mean name?"));
    CHECK(contains(message({.arguments = {{"zzzzzzzzz", 1}}}), "the verb takes name, depth, all, ratio, filter"));
    CHECK(contains(message({.arguments = {{"name", 1}}}), "the argument name is \"1\", expected text"));
    CHECK(contains(message({.arguments = {{"name", {1, 2}}}}), "the argument name is array, expected text"));
    CHECK(contains(message({.positional = {"x", "two"}}), "the argument depth is \"two\", expected a whole number"));
    CHECK(contains(message({.positional = {"x", "1.5"}}), "expected a whole number"));
    CHECK(contains(message({.positional = {"x", "1", "yes"}}), "expected true or false"));
    CHECK(contains(message({.positional = {"x"}, .arguments = {{"name", "y"}}}), "given twice"));
    CHECK(contains(message({.positional = {"1", "2", "3", "4", "5", "6"}}), "at most 5 arguments, got 6"));
  }
}

TEST_CASE("a verb without arguments says so") {
  fixture f;
  f.verbs.add("stop", "ends it", {}, [](const json&, answer a) { a.ok(nullptr); });
  CHECK(contains(f.refusal({.verb = "stop", .arguments = {{"now", true}}}).message, "the verb takes no arguments"));
}

TEST_CASE("help lists all verbs with their usage, and explains one") {
  fixture f;
  f.verbs.add("info", "what one process does", {needs("name", "its path in the tree")},
              [](const json&, answer a) { a.ok(nullptr); });
  f.run({.verb = "help"});
  REQUIRE(f.sink->results.size() == 1);
  CHECK(f.sink->results[0]["text"]
        == "help [VERB]  lists the verbs of this node, or explains one\ninfo NAME    what one process does");
  CHECK(f.sink->results[0]["verbs"].size() == 2);
  f.run({.verb = "help", .positional = {"info"}});
  CHECK(f.sink->results[1]["text"] == "info NAME\n  what one process does\n  name          its path in the tree");
  f.run({.verb = "help", .positional = {"inof"}});
  REQUIRE(f.sink->errors.size() == 1);
  CHECK(contains(f.sink->errors[0].message, "did you mean info?"));
}

TEST_CASE("an answer that is dropped, by the last of its copies, is an error of the verb") {
  fixture f;
  std::optional<answer> later;
  f.verbs.add("drop", "", {}, [&](const json&, const answer& a) { later = a; });
  f.run({.verb = "drop"});
  CHECK(f.sink->errors.empty());
  CHECK(later->is_wanted());
  later.reset();
  REQUIRE(f.sink->errors.size() == 1);
  CHECK(f.sink->errors[0].code == errc::cancelled);
  CHECK(contains(f.sink->errors[0].message, "the verb drop dropped the request"));
}

TEST_CASE("a handler that throws is logged and answered, and the next request is served") {
  fixture f;
  f.verbs.add("throw", "", {}, [](const json&, const answer&) { throw std::runtime_error{"a defect"}; });
  f.run({.verb = "throw"});
  REQUIRE(f.sink->errors.size() == 1);
  CHECK(f.sink->errors[0].code == errc::cancelled);
  CHECK(contains(f.log->recent().back(), "a defect"));
  f.run({.verb = "help"});
  CHECK(f.sink->results.size() == 1);
}

TEST_CASE("a request is answered once: a second answer is a broken invariant, of any copy") {
  fixture f;
  std::optional<answer> later;
  f.verbs.add("keep", "", {}, [&](const json&, const answer& a) { later = a; });
  f.run({.verb = "keep"});
  auto copy = *later;
  later->ok(1);
  CHECK_THROWS_AS(later->ok(2), std::logic_error);
  CHECK_THROWS_AS(copy.fail({errc::io, "x"}), std::logic_error);
  CHECK(copy.item(3) == taken::gone);
  CHECK_FALSE(copy.is_wanted());
  later.reset();
  CHECK(f.sink->results.size() == 1);
  CHECK(f.sink->errors.empty());
}

TEST_CASE("outcomes, items and details reach the sink") {
  fixture f;
  f.verbs.add("both", "", {takes("bad", "", argument::type::boolean)}, [](const json& arguments, answer a) {
    CHECK(a.item("one") == taken::yes);
    a.finish(arguments.empty() ? result<json>{json("fine")} : result<json>{error{errc::busy, "full"}});
  });
  f.verbs.add("more", "", {}, [](const json&, answer a) { a.fail({errc::busy, "full"}, {{"queue", 7}}); });
  f.run({.verb = "both"});
  CHECK(f.sink->items == std::vector<json>{"one"});
  CHECK(f.sink->results == std::vector<json>{"fine"});
  f.run({.verb = "both", .positional = {"true"}});
  CHECK(f.sink->errors == std::vector<error>{{errc::busy, "full"}});
  f.run({.verb = "more"});
  CHECK(f.sink->details == json{{"queue", 7}});
}

TEST_CASE("the time for an answer is that of the request, else of the verb; streams have none of their own") {
  fixture f;
  auto nothing = [](const json&, answer a) { a.ok(nullptr); };
  f.verbs.add("quick", "", {}, nothing);
  f.verbs.add("slow", "", {}, nothing, {.timeout = 1min});
  f.verbs.add("follow", "", {}, nothing, {.is_stream = true});
  CHECK(f.verbs.prepare({.verb = "quick"})->timeout == answer_time);
  CHECK(f.verbs.prepare({.verb = "slow"})->timeout == 1min);
  CHECK(f.verbs.prepare({.verb = "slow", .timeout = 5s})->timeout == 5s);
  CHECK_FALSE(f.verbs.prepare({.verb = "follow"})->timeout.has_value());
  CHECK(f.verbs.prepare({.verb = "follow", .timeout = 5s})->timeout == 5s);
}

TEST_CASE("a mistake in the registration of a verb throws at once") {
  fixture f;
  auto nothing = [](const json&, answer a) { a.ok(nullptr); };
  f.verbs.add("tree", "", {}, nothing);
  CHECK_THROWS_AS(f.verbs.add("tree", "", {}, nothing), std::logic_error);
  CHECK_THROWS_AS(f.verbs.add("two words", "", {}, nothing), std::logic_error);
  CHECK_THROWS_AS(f.verbs.add("", "", {}, nothing), std::logic_error);
  CHECK_THROWS_AS(f.verbs.add("x", "", {needs("a b", "")}, nothing), std::logic_error);
  CHECK_THROWS_AS(f.verbs.add("x", "", {}, nullptr), std::logic_error);
  f.verbs.remove("tree");
  CHECK(f.refusal({.verb = "tree"}).code == errc::not_found);
  f.verbs.remove("tree");
  f.verbs.add("tree", "", {}, nothing);
}

TEST_CASE("verbs come and go on some threads while others ask") {
  fixture f;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      auto name = "verb-" + std::to_string(t);
      for (int i = 0; i < 200; ++i) {
        f.verbs.add(name, "", {}, [](const json&, answer a) { a.ok(nullptr); });
        auto own = f.verbs.prepare({.verb = name});
        REQUIRE(own.ok());
        f.verbs.run(*own, std::make_shared<memory>(), time_point::max());
        f.verbs.remove(name);
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(f.refusal({.verb = "x"}).message == "unknown verb \"x\"; this node knows help");
}
