#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "program/supervision_verbs.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using program::control::answer_sink;
using program::control::dispatcher;
using program::control::request;
using program::control::taken;

namespace {

struct memory final : answer_sink {
  std::optional<json> result;
  std::optional<error> failed;

  taken item(const json&) override { return taken::gone; }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json&) override { failed = e; }
  bool is_wanted() const override { return true; }
};

/// A node with `shop` (permanent cart, transient stock, temporary guest; a dynamic pool), and its verbs.
struct fixture {
  explicit fixture(testing::world& world) : w{world} {
    n.env().provide(boards);
    program::add_supervision_verbs(verbs, n.get(), boards);
    auto cart = w_child("cart");
    cart.shutdown = shutdown_policy::brutal_kill();
    cart.kill_grace = 500ms;
    spec.children = {cart, w_child("stock").with({.restart = restart_type::transient}),
                     w_child("guest").with({.restart = restart_type::temporary}),
                     child_dynamic_supervisor("pool", dynamic_supervisor_spec{}),
                     child_supervisor("inner", supervisor_spec{.children = {w_child("deep")}})};
    birth how;
    how.name = "shop";
    top = n.get().spawn_as<supervisor>(std::move(how), spec);
    w.run();
    pool = find("pool");
    REQUIRE(w.ask<start_answer>(pool, start_child{w_child("guest_1")}).ok());
  }

  ~fixture() { w.crash_node(n); }  // Before its boards go.
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  pid find(std::string_view label) {
    for (const auto& p : n.processes().list(w.now()))
      if (p.label == label && p.state != process_state::zombie)
        return {n.env().self(), p.id};
    return {};
  }

  std::shared_ptr<memory> run(request r, duration within = 60s) {
    auto sink = std::make_shared<memory>();
    auto job = verbs.prepare(r);
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, w.now() + within);
    w.run_until([&] { return sink->result || sink->failed; }, within + 1s);
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
  void make_busy(std::string_view label, duration d = 60s) {
    n.cast(find(label), busy_for{d});
    w.advance(2s);
  }

  testing::world& w;
  testing::simulated_node& n = w.start_node();
  board_registry boards;
  supervisor_spec spec{.flags = {.intensity = 5, .period = 5s}, .children = {}};
  dispatcher verbs{n.env().log()};
  pid top, pool;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string text_of(const json& j) { return j.at("text").get<std::string>(); }

}  // namespace

TEST_CASE("tree shows the node, or the part below a process") {
  testing::world w;
  fixture f{w};
  auto all = f.ok({.verb = "tree"});
  CHECK(all["tree"]["node"] == "one@sim");
  CHECK(all["tree"]["children"][0]["name"] == "shop");
  CHECK(all["tree"]["children"][0]["children"].size() == 5);
  CHECK(contains(text_of(all), "one@sim: 8 processes\n"));
  CHECK(contains(text_of(all), "├─ stock"));

  auto part = f.ok({.verb = "tree", .positional = {"shop/inner"}});
  CHECK(part["tree"]["label"] == "inner");
  CHECK(part["tree"]["children"][0]["label"] == "deep");
  auto shallow = f.ok({.verb = "tree", .arguments = {{"depth", 1}, {"children", 2}}});
  CHECK(shallow["tree"]["children"][0]["children"].size() == 0);
  CHECK(shallow["tree"]["children"][0]["left_out"]["processes"] == 7);

  CHECK(f.fails({.verb = "tree", .positional = {"shop/iner"}}).code == errc::not_found);
  CHECK(contains(f.fails({.verb = "tree", .arguments = {{"depth", -1}}}).message,
                 "the argument depth is -1, expected 0 to 200"));
}

TEST_CASE("tree and info answer while supervisors and children are stuck") {
  testing::world w;
  fixture f{w};
  f.make_busy("cart");
  auto steps = w.steps();
  CHECK(contains(text_of(f.ok({.verb = "tree"})), "in supervision::workers::busy_for for 2"));
  auto info = f.ok({.verb = "info", .positional = {"shop/cart"}});
  CHECK(w.steps() == steps);  // Nobody was asked.
  CHECK(info["state"] == "running");
  CHECK(info["path"] == "shop/cart");
  CHECK(info["handling_for_ms"].get<double>() >= 1'900);
  CHECK(info["ancestors"]["some"][0]["title"] == "shop");
  CHECK(f.fails({.verb = "info", .positional = {"nobody_there"}}).code == errc::not_found);
}

TEST_CASE("processes and zombies list what there is") {
  testing::world w;
  fixture f{w};
  f.n.cast(f.find("stock"), ping{});
  auto list = f.ok({.verb = "processes", .positional = {"depth", "3"}});
  CHECK(list["processes"].size() == 3);
  CHECK(list["processes"][0]["label"] == "stock");
  CHECK(contains(text_of(list), "... 5 more\n"));
  CHECK(f.ok({.verb = "processes", .positional = {"sort=age"}})["sort"] == "age");
  CHECK(
      contains(f.fails({.verb = "processes", .positional = {"size"}}).message, "expected depth, busy, memory or age"));
  CHECK(f.ok({.verb = "zombies"})["zombies"].empty());
}

TEST_CASE("kill says that the victim was restarted, and as whom") {
  testing::for_each_seed(20, [](testing::world& w) {
    fixture f{w};
    auto was = f.find("cart");
    auto r = f.ok({.verb = "kill", .positional = {"shop/cart"}});
    CHECK(r["outcome"] == "restarted");
    CHECK(r["pid"] == short_text(was.id()));
    CHECK(r["ended_as"] == "killed");
    CHECK(r["successor"]["pid"] == short_text(f.find("cart").id()));
    CHECK(r["successor"]["incarnation"] == 2);
    CHECK(contains(text_of(r), "shop/cart " + short_text(was.id())));
    CHECK(contains(text_of(r), "sent kill: restarted as " + short_text(f.find("cart").id()) + ", life 2, after "));
    // The process that did it has gone.
    CHECK(f.n.processes().count() == 8);
  });
}

TEST_CASE("kill says what else may become of it") {
  testing::world w;
  fixture f{w};
  SUBCASE("a temporary child is gone") {
    auto r = f.ok({.verb = "kill", .positional = {"guest"}});
    CHECK(r["outcome"] == "gone");
    CHECK(contains(text_of(r), "its supervisor did not start it again"));
  }
  SUBCASE("a transient child that is asked to shut down is gone") {
    auto r = f.ok({.verb = "kill", .positional = {"stock", "shutdown"}});
    CHECK(r["outcome"] == "gone");
    CHECK(r["ended_as"] == "shutdown");
  }
  SUBCASE("a child of a dynamic supervisor is restarted, too") {
    CHECK(f.ok({.verb = "kill", .positional = {"guest_1"}})["outcome"] == "restarted");
  }
  SUBCASE("a whole supervisor is restarted with what is below it") {
    auto r = f.ok({.verb = "kill", .positional = {"inner"}});
    CHECK(r["outcome"] == "restarted");
    w.run();
    CHECK(f.find("deep"));
  }
  SUBCASE("a process in its handler stays") {
    f.make_busy("cart");
    auto r = f.ok({.verb = "kill", .positional = {"cart"}});
    CHECK(r["outcome"] == "stuck");
    CHECK(contains(text_of(r), "is still there: it is in supervision::workers::busy_for for 3"));
  }
  SUBCASE("who traps exits goes on") {
    auto r = f.ok({.verb = "kill", .positional = {"cart", "please"}});
    CHECK(r["outcome"] == "alive");
    CHECK(r["reason"] == "custom: please");
    CHECK(contains(text_of(r), "it traps exits"));
  }
  SUBCASE("the wait is as long as it is wanted") {
    auto begun = w.now();
    f.ok({.verb = "kill", .positional = {"cart", "please"}, .arguments = {{"wait_ms", 10}}});
    CHECK(w.now() - begun < 100ms);
    CHECK(f.fails({.verb = "kill", .positional = {"cart"}, .arguments = {{"wait_ms", 60'001}}}).code == errc::invalid);
  }
  SUBCASE("nobody") { CHECK(f.fails({.verb = "kill", .positional = {"crt"}}).code == errc::not_found); }
}

TEST_CASE("kill says that a child waits to be restarted") {
  testing::world w;
  fixture f{w};
  birth how;
  how.name = "patient";
  f.n.get().spawn_as<supervisor>(std::move(how),
                                 supervisor_spec{.flags = {.backoff = {.first = 30s}}, .children = {w_child("late")}});
  w.run();
  auto r = f.ok({.verb = "kill", .positional = {"late"}});
  CHECK(r["outcome"] == "restarting");
  CHECK(contains(text_of(r), "has not yet started it again"));
}

TEST_CASE("kill says when the supervisor gave up") {
  testing::world w;
  fixture f{w};
  birth how;
  how.name = "brittle";
  f.n.get().spawn_as<supervisor>(std::move(how),
                                 supervisor_spec{.flags = {.intensity = 0}, .children = {w_child("glass")}});
  w.run();
  auto r = f.ok({.verb = "kill", .positional = {"glass"}});
  CHECK(r["outcome"] == "gone");
  CHECK(contains(text_of(r), "has ended, too"));
}

TEST_CASE("kill refuses what nobody would start again, unless it is forced") {
  testing::world w;
  fixture f{w};
  auto e = f.fails({.verb = "kill", .positional = {"shop"}});
  CHECK(e.code == errc::denied);
  CHECK(contains(e.message, "{\"force\":true}"));
  CHECK(f.n.is_alive(f.top));
  auto r = f.ok({.verb = "kill", .positional = {"shop"}, .arguments = {{"force", true}}});
  CHECK(r["outcome"] == "gone");
  CHECK_FALSE(f.n.is_alive(f.top));
}

TEST_CASE("restart has the supervisor stop the child and start it again") {
  testing::for_each_seed(20, [](testing::world& w) {
    fixture f{w};
    auto was = f.find("cart");
    auto r = f.ok({.verb = "restart", .positional = {"shop/cart"}});
    auto is = f.find("cart");
    CHECK(was != is);
    CHECK(r["pid"] == short_text(is.id()));
    CHECK(contains(text_of(r), ": restarted as " + short_text(is.id()) + ", life 2, after "));
    // Asked for, hence not counted.
    CHECK(w.ask<supervisor_status>(f.top, get_status{}).restarts == 0);
  });
}

TEST_CASE("restart starts a child that was terminated") {
  testing::world w;
  fixture f{w};
  REQUIRE(w.ask<change_answer>(f.top, terminate_child{.id = "stock"}).ok());
  CHECK_FALSE(f.find("stock"));
  auto r = f.ok({.verb = "restart", .positional = {"shop/stock"}});
  CHECK(r["pid"] == short_text(f.find("stock").id()));
}

TEST_CASE("restart gives up a stuck child and starts its successor") {
  testing::world w;
  fixture f{w};
  f.make_busy("cart");
  CHECK(f.ok({.verb = "restart", .positional = {"cart"}})["incarnation"] == 2);
  auto zombies = f.ok({.verb = "zombies"});
  REQUIRE(zombies["zombies"].size() == 1);
  CHECK(contains(text_of(zombies), "supervision::workers::busy_for for "));
  auto zombie = zombies["zombies"][0]["pid"].get<std::string>();
  CHECK(f.ok({.verb = "kill", .positional = {zombie}})["outcome"] == "zombie");
  CHECK(f.fails({.verb = "restart", .positional = {zombie}}).code == errc::conflict);
}

TEST_CASE("restart says when it cannot") {
  testing::world w;
  fixture f{w};
  auto temporary = f.fails({.verb = "restart", .positional = {"guest"}});
  CHECK(temporary.code == errc::unsupported);
  CHECK(contains(temporary.message, "is temporary"));
  CHECK(f.find("guest"));
  auto dynamic = f.fails({.verb = "restart", .positional = {"guest_1"}});
  CHECK(dynamic.code == errc::unsupported);
  CHECK(contains(dynamic.message, "`kill`"));
  auto top = f.fails({.verb = "restart", .positional = {"shop"}});
  CHECK(contains(top.message, "is no child of a supervisor"));
  CHECK(f.fails({.verb = "restart", .positional = {"shop/nobody"}}).code == errc::not_found);
}

TEST_CASE("restart of a busy supervisor's child ends with a clear word") {
  testing::world w;
  fixture f{w};
  auto slow = w_child("slow");
  slow.start = [](starter& by) -> start_outcome {
    testing::block(30s);
    return by.spawn<workers::w>();
  };
  f.n.cast(f.top, start_child{slow});
  w.advance(1s);
  auto sink = f.run({.verb = "restart", .positional = {"cart"}}, 2s);
  REQUIRE(sink->failed.has_value());
  CHECK(sink->failed->code == errc::timeout);
  CHECK(contains(sink->failed->message, "is not done yet"));
}

TEST_CASE("a node that is full says so") {
  testing::world w;
  fixture f{w};
  f.n.processes().close();
  auto e = f.fails({.verb = "kill", .positional = {"cart"}});
  CHECK(e.code == errc::unavailable);
}
