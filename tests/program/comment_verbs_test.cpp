#include "program/comment_verbs.hpp"

#include "apps/accumulator/counter.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "base/json.hpp"
#include "net/rpc/server.hpp"
#include "testing/disk/simulated_database.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::program;
using control::request;

namespace {

struct memory final : control::answer_sink {
  std::optional<json> result;
  std::optional<error> failed;

  control::taken item(const json&) override { return control::taken::yes; }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json&) override { failed = e; }
  bool is_wanted() const override { return !result && !failed; }
};

/// An accumulator with its verbs, without links.
struct fixture {
  explicit fixture(testing::world& world) : w{world} { add_comment_verbs(verbs, n.get()); }
  ~fixture() { w.crash_node(n); }  // Before its verbs go.
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  void start_accumulator() {
    auto rpc = n.spawn<net::rpc::server>(std::string{accumulator::role});
    auto& db = n.own<testing::simulated_database>(n);
    auto counter = n.spawn<accumulator::counter>(accumulator::counter::parts{db.share(), rpc});
    (void)w.ask<accumulator::ready>(counter, accumulator::await_ready{});
    counter_ = counter;
  }
  uid comment_on(std::string slug, std::string content) {
    auto id = ids.next();
    auto m = accumulator::add_comment{std::move(slug), std::move(content), "Ada", {}, "", id};
    (void)w.ask<bytes>(counter_, net::rpc::procedure_call{std::string{m.message_name}, encode(m), "test@sim"});
    return id;
  }

  std::shared_ptr<memory> run(request r) {
    auto sink = std::make_shared<memory>();
    auto job = verbs.prepare(r);
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, w.now() + *job->timeout);
    w.run_until([&] { return sink->result || sink->failed; }, 60s);
    return sink;
  }
  json ok(request r) {
    auto sink = run(std::move(r));
    REQUIRE_MESSAGE(sink->result.has_value(), (sink->failed ? sink->failed->message : "no answer"));
    return *sink->result;
  }
  error fails(request r) {
    auto sink = run(std::move(r));
    REQUIRE(sink->failed.has_value());
    return *sink->failed;
  }

  testing::world& w;
  testing::simulated_node& n = w.start_node("accumulator_1@sim");
  uid_source ids{n.env().time(), n.env().random()};
  control::dispatcher verbs{n.env().log()};
  pid counter_;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("comments are listed newest first, of one post or of all, and cannot forge a line") {
  testing::world w;
  fixture f{w};
  f.start_accumulator();
  CHECK(f.ok({.verb = "comments"}).at("text") == "no comments\n");
  auto first = f.comment_on("hello", "one\nline");
  w.advance(1s);
  auto second = f.comment_on("other", "two");
  auto all = f.ok({.verb = "comments"});
  REQUIRE(all.at("comments").size() == 2);
  CHECK(all.at("comments")[0].at("id") == second.str());
  CHECK(all.at("comments")[1].at("content") == "one\nline");
  auto text = all.at("text").get<std::string>();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(contains(text, "Z  visible   hello  Ada: one?line"));
  CHECK(all.at("comments")[0].at("at").get<std::string>().size() == std::string_view{"2023-11-14 22:13:20Z"}.size());
  CHECK(f.ok({.verb = "comments", .positional = {"all", "1"}}).at("comments").size() == 1);
  auto of_one = f.ok({.verb = "comments", .positional = {"hello"}});
  REQUIRE(of_one.at("comments").size() == 1);
  CHECK(of_one.at("comments")[0].at("id") == first.str());
}

TEST_CASE("a comment can be hidden, shown and deleted by its id") {
  testing::world w;
  fixture f{w};
  f.start_accumulator();
  auto id = f.comment_on("hello", "text").str();
  auto decide = [&](const char* action) { return f.ok({.verb = "comment", .positional = {action, id}}).at("comment"); };
  CHECK(decide("hide").at("state") == "hidden");
  CHECK(decide("show").at("state") == "visible");
  CHECK(decide("show").at("content") == "text");
  auto deleted = decide("delete");
  CHECK(deleted.at("state") == "deleted");
  CHECK(deleted.at("content") == "");
  auto gone = f.fails({.verb = "comment", .positional = {"show", id}});
  CHECK(gone.code == errc::not_found);
  CHECK(contains(gone.message, "cannot come back"));
}

TEST_CASE("what cannot be is refused by name, and an accumulator that is away is told") {
  testing::world w;
  fixture f{w};
  CHECK(contains(f.fails({.verb = "comment", .positional = {"burn", "x"}}).message, "hide, show or delete"));
  CHECK(contains(f.fails({.verb = "comment", .positional = {"hide", "x"}}).message, "the argument id is \"x\""));
  CHECK(contains(f.fails({.verb = "comments", .positional = {"No Slug"}}).message, "the argument slug"));
  CHECK(contains(f.fails({.verb = "comments", .positional = {"hello", "201"}}).message, "1 to 200"));
  auto away = f.fails({.verb = "comments"});
  CHECK(away.code == errc::unavailable);
  CHECK(contains(away.message, "no accumulator answers"));
}

TEST_CASE("with cluster.remote_prefix only an accumulator of that name is asked, whatever the roles are") {
  testing::world w;
  auto by = event_horizon::cluster::owners{"blue_"};
  fixture f{w};
  f.start_accumulator();
  CHECK(f.ok({.verb = "comments"}).at("text") == "no comments\n");
  f.n.env().provide(by);
  CHECK(contains(f.fails({.verb = "comments"}).message, "no accumulator answers"));
}
