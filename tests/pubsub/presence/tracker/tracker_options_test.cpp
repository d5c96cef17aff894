#include "pubsub/presence/tracker/tracker_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

std::string objection(const tracker_options& o) {
  auto ok = check_tracker_options(o);
  return ok ? "" : ok.error().message;
}

tracker_options with(const std::function<void(tracker_options&)>& change) {
  tracker_options o;
  change(o);
  return o;
}

}  // namespace

TEST_CASE("SH1 a down_period under two broadcast periods is refused") {
  CHECK(objection({}).empty());
  auto o = with([](auto& x) { x.down_period = 2s; });
  CHECK(objection(o)
        == "tracker \"presence\": down_period is 2000 ms, expected at least two broadcast_periods, 3000 ms");
  CHECK_THROWS_AS((void)child_tracker(o), std::invalid_argument);
}

TEST_CASE("SH2 a permdown_period that is not longer than the down_period is refused") {
  auto o = with([](auto& x) { x.permdown_period = x.down_period; });
  CHECK(objection(o) == "tracker \"presence\": permdown_period is 30000 ms, expected more than down_period, 30000 ms");
  CHECK_THROWS_AS((void)child_tracker(o), std::invalid_argument);
}

TEST_CASE("a down_period in which an idle replica is not heard is refused") {
  CHECK(objection(with([](auto& x) { x.down_period = 18s; }))
        == "tracker \"presence\": down_period is 18000 ms, expected more than (silent_periods_max + 2) "
           "broadcast_periods, 18000 ms: an idle replica is heard that seldom");
  CHECK(objection(with([](auto& x) { x.down_period = 18001ms; })).empty());
}

TEST_CASE("every other option that cannot be is refused with its name and value") {
  auto starts = [](const std::function<void(tracker_options&)>& change, const std::string& text) {
    auto said = objection(with(change));
    CHECK_MESSAGE(said.find(text) != std::string::npos, said);
  };
  starts([](auto& x) { x.name = ""; }, "name has 0 octets, expected 1 to 48");
  starts([](auto& x) { x.name = std::string(49, 'n'); }, "name has 49 octets");
  starts([](auto& x) { x.shards = 0; }, "shards is 0, expected 1 to 1024");
  starts([](auto& x) { x.shards = 1025; }, "shards is 1025");
  starts([](auto& x) { x.broadcast_period = 0s; }, "broadcast_period is 0 ms");
  starts([](auto& x) { x.silent_periods_max = -1; }, "silent_periods_max is -1");
  starts([](auto& x) { x.clock_sample_periods = 0; }, "clock_sample_periods is 0");
  starts([](auto& x) { x.entries_max = 0; }, "entries_max is 0");
  starts([](auto& x) { x.delta_sizes_max = {10, 10}; }, "delta_sizes_max has 10 after 10");
  starts([](auto& x) { x.nodedown_grace = -1s; }, "nodedown_grace is -1000 ms");
}

TEST_CASE("what cannot be tracked is answered with what is wrong with it") {
  world w;
  auto o = quick();
  o.entries_max = 2;
  tracker_cluster c{w, {"a@sim", "b@sim"}, o};
  auto p = c.spawn(c.a());
  auto far = c.spawn(c.b());
  using kind = track_answer::kind;
  auto refused = [&](const std::string& topic, const std::string& key, const pid& who, json meta, kind what,
                     const std::string& text) {
    auto answer = c.track(c.a(), topic, key, who, std::move(meta));
    CHECK(answer.what == what);
    CHECK_MESSAGE(answer.detail.find(text) != std::string::npos, answer.detail);
  };
  refused("", "k", p, json::object(), kind::invalid, "a topic has 1 to 255 octets, this one has 0");
  refused(std::string(256, 't'), "k", p, json::object(), kind::invalid, "this one has 256");
  refused("t", "", p, json::object(), kind::invalid, "a key has 1 to 255 octets");
  refused("t", std::string(256, 'k'), p, json::object(), kind::invalid, "has 256");
  refused("t", "k", {}, json::object(), kind::invalid, "nobody in \"t\" as \"k\"");
  refused("t", "k", pid{c.a().env().self(), std::string{"name"}}, json::object(), kind::invalid, "by its id");
  refused("t", "k", far, json::object(), kind::not_owner, "is no process of a@sim; let its own node track it");
  refused("t", "k", p, json::array(), kind::invalid, "a meta is a JSON object, this one is array");
  refused("t", "k", p, {{"big", std::string(meta_octets_max + 200, 'x')}}, kind::system_limit, "at most 16384 octets");
  CHECK(c.track(c.a(), "t", "1", p).ok());
  CHECK(c.track(c.a(), "t", "2", p).ok());
  refused("t", "3", p, json::object(), kind::system_limit, "one more than the 2");
  CHECK(c.update(c.a(), "t", "1", far, [](const json& m) { return m; }).what == kind::not_owner);
  CHECK(c.update(c.a(), "t", "1", p, {}).what == kind::invalid);
  CHECK(c.list(c.a(), "t") == texts{"a@sim/1", "a@sim/2"});
}
