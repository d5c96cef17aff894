#include "apps/accumulator/counter.hpp"

#include "apps/accumulator/events.hpp"
#include "apps/support.hpp"
#include "net/rpc/call.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <map>

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::test;
using testing::simulated_node;
using testing::world;

namespace {

/// Presses and takes back likes for one visitor, one call after the other; a failed call is made again.
class visitor_process final : public process {
public:
  struct plan {
    std::string name;
    std::vector<bool> presses;
    std::vector<blog_stats>& answers;
  };
  visitor_process(process_context& c, plan p) : process{c}, plan_{std::move(p)} {}
  behavior init() override {
    next();
    return handlers();
  }

private:
  void next() {
    if (at_ == plan_.presses.size())
      return;
    net::rpc::call_role<blog_stats>(*this, role, update_likes{"hello", plan_.name, plan_.presses[at_]}, 2s)
        .then(
            [this](const blog_stats& stats) {
              plan_.answers.push_back(stats);
              ++at_;
              next();
            },
            [this](const net::rpc::failure&) { run_after(10ms, [this] { next(); }); });
  }

  plan plan_;
  std::size_t at_ = 0;
};

blog_stats stats_of(world& w, const accumulator_parts& a, const std::string& slug = "hello") {
  return ask_accumulator(w, a.rpc, get_blog_stats{slug});
}

std::string refusal(world& w, const pid& counter, std::string procedure, bytes arguments) {
  auto outcome =
      w.try_ask<bytes>(counter, net::rpc::procedure_call{std::move(procedure), std::move(arguments), "test@sim"});
  auto* e = std::get_if<call_error>(&outcome);
  REQUIRE(e != nullptr);
  return e->why.text;
}

}  // namespace

TEST_CASE("visitors who press at the same time are each counted once, and every change is told in order") {
  testing::for_each_seed(150, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto changes = std::vector<std::int64_t>{};
    auto probe = n.events().attach<change_applied>([&](const change_applied& e) { changes.push_back(e.version); });
    auto answers = std::vector<blog_stats>{};
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    auto random = seeded_random{w.seed()};
    std::int64_t liked_at_the_end = 0;
    for (int v = 0; v < 5; ++v) {
      auto presses = std::vector<bool>{};
      for (std::size_t i = 0; i < 6; ++i)
        presses.push_back(random.below(2) == 0);
      liked_at_the_end += presses.back() ? 1 : 0;
      n.spawn<visitor_process>(visitor_process::plan{"visitor_" + std::to_string(v), presses, answers});
    }
    w.advance(30s);

    REQUIRE(answers.size() == 30);
    auto end = stats_of(w, a);
    CHECK(end.likes == liked_at_the_end);
    // Versions are dense, each told once, in order, and each differs from the one before by one like.
    REQUIRE(heard.size() == static_cast<std::size_t>(end.version));
    std::int64_t likes = 0;
    for (std::size_t i = 0; i < heard.size(); ++i) {
      CHECK(heard[i].version == static_cast<std::int64_t>(i) + 1);
      CHECK(std::abs(heard[i].likes - likes) == 1);
      likes = heard[i].likes;
      CHECK(changes.at(i) == heard[i].version);
    }
    if (!heard.empty())
      CHECK(heard.back() == end);
  });
}

TEST_CASE("a like that changes nothing is answered and not told") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    (void)w.ask<ready>(a.counter, await_ready{});
    auto like = update_likes{"hello", "visitor_1", true};
    auto first = ask_accumulator(w, a.rpc, like);
    auto second = ask_accumulator(w, a.rpc, like);
    w.run();
    CHECK(first == second);
    CHECK(heard == std::vector{blog_stats{"hello", 1, 1}});
  });
}

TEST_CASE("what was acknowledged survives the death of the node, whenever it comes") {
  testing::for_each_seed(40, [](world& w) {
    auto answers = std::vector<blog_stats>{};
    auto presses = std::vector<bool>(20, true);
    for (std::size_t i = 1; i < presses.size(); i += 2)
      presses[i] = false;
    {
      auto& n = accumulator_node(w);
      auto a = accumulator_parts{w, n};
      a.ends = w.seed() % 2 == 0 ? testing::node_end::crash : testing::node_end::power_loss;
      n.spawn<visitor_process>(visitor_process::plan{"visitor_1", presses, answers});
      w.advance(duration{static_cast<std::int64_t>(seeded_random{w.seed()}.below(150'000'000))});
    }
    auto& n = accumulator_node(w);
    auto a = accumulator_parts{w, n};
    (void)w.ask<ready>(a.counter, await_ready{});
    auto now = stats_of(w, a);
    auto acknowledged = answers.empty() ? blog_stats{"hello", 0, 0} : answers.back();
    // The one under way may have been committed or not; everything before it was.
    CHECK(now.version >= acknowledged.version);
    CHECK(now.version <= acknowledged.version + 1);
    CHECK(now.likes == now.version % 2);
  });
}

TEST_CASE("garbage gets a clear answer, and nothing else happens") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto refused = std::vector<std::string>{};
    auto probe = n.events().attach<call_refused>([&](const call_refused& e) { refused.emplace_back(e.code); });
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    (void)w.ask<ready>(a.counter, await_ready{});

    CHECK(contains(refusal(w, a.counter, "accumulator.update_likes", "\xff\xff"), "invalid: accumulator.update_likes"));
    CHECK(contains(refusal(w, a.counter, "accumulator.update_likes", encode(update_likes{"../x", "visitor_1", true})),
                   "invalid: accumulator.update_likes: slug is \"../x\""));
    CHECK(contains(refusal(w, a.counter, "accumulator.update_likes", encode(update_likes{"hello", "?", true})),
                   "visitor is \"?\""));
    CHECK(contains(refusal(w, a.counter, "accumulator.get_blog_stats", ""), "invalid: "));
    CHECK(contains(refusal(w, a.counter, "format_disk", ""), "unsupported: the accumulator has no procedure"));
    CHECK(refused.size() == 5);

    CHECK(n.is_alive(a.counter));
    CHECK(stats_of(w, a) == blog_stats{"hello", 0, 0});
    CHECK(heard.empty());
  });
}

TEST_CASE("one call too many is answered busy, and changes nothing") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = accumulator_node(w);
    auto answers = std::vector<blog_stats>{};
    auto refused = 0;
    auto probe = n.events().attach<call_refused>([&](const call_refused& e) {
      CHECK(e.code == "busy");
      ++refused;
    });
    auto a = accumulator_parts{w, n, {.calls_max = 1}};
    (void)w.ask<ready>(a.counter, await_ready{});
    for (int v = 0; v < 4; ++v)
      n.spawn<visitor_process>(visitor_process::plan{"visitor_" + std::to_string(v), {true}, answers});
    w.advance(10s);
    CHECK(refused > 0);
    CHECK(answers.size() == 4);  // They tried again.
    CHECK(stats_of(w, a) == blog_stats{"hello", 4, 4});
  });
}

TEST_CASE("a closed store is told to the caller") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n};
  (void)w.ask<ready>(a.counter, await_ready{});
  CHECK(a.db().close(1s).ok());
  CHECK(contains(refusal(w, a.counter, "accumulator.update_likes", encode(update_likes{"hello", "visitor_1", true})),
                 "unavailable: "));
  CHECK(n.is_alive(a.counter));
}

TEST_CASE("a database of a newer program ends the counter with the reason, and nobody can call it") {
  auto w = world{};
  auto& n = accumulator_node(w);
  {
    auto newer = migrations();
    newer.push_back({2, "later", "CREATE TABLE later (id INTEGER)"});
    auto time = manual_clock{};
    auto opened = store::test::open_or_fail({.path = "node.db", .vfs = n.disk().vfs()}, time);
    REQUIRE(opened.writer->migrate(schema_name, newer).ok());
  }
  auto a = accumulator_parts{w, n};
  auto outcome = w.try_ask<ready>(a.counter, await_ready{});
  auto* e = std::get_if<call_error>(&outcome);
  REQUIRE(e != nullptr);
  CHECK(contains(e->why.text, "accumulator"));
  CHECK_FALSE(n.is_alive(a.counter));
  auto call = call_accumulator(w, a.rpc, get_blog_stats{"hello"}, 1s);
  REQUIRE(std::holds_alternative<net::rpc::failure>(call));
  CHECK(std::get<net::rpc::failure>(call).is_undef());
}
