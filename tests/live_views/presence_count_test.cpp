// How many are in a topic, as a view is told.
#include "mounted.hpp"
#include "pubsub/directory.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/live/presence_count.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

const statics count_template{{"<p>", "</p>"}};

/// Shows how many are in the room, until `leave`.
class audience final : public view_of<audience, presence::count_changed> {
public:
  void mount(const mount_params&, view_socket& s) override { watch_count(s, "room", {.at_most_every = 100ms}); }
  void handle_event(const event& e, view_socket& s) override {
    if (e.name != "leave")
      return view::handle_event(e, s);
    unwatch_count(s, "room");
  }
  void handle_info(const presence::count_changed& m, view_socket&) {
    ++told;
    count_ = m.count;
  }
  [[nodiscard]] rendered render(render_context&) const override { return rendered{count_template, count_}; }

  static inline int told = 0;

private:
  std::uint64_t count_ = 0;
};

struct nothing {};

/// Somebody who is there until their process ends.
class visitor final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([](const nothing&) {});
  }
};

struct fixture : mounted {
  fixture() {
    auto& env = node.env();
    env.provide(node.own<supervision::partition_directory>());
    env.provide(node.own<pubsub::directory>());
    env.provide(node.own<presence::trackers>());
    node.spawn<supervision::supervisor>(
        supervision::supervisor_spec{.children = {pubsub::child_system({}), presence::child_presence({})}});
    world.run();
    audience::told = 0;
    start(std::make_unique<audience>());
  }
  pid enter(const std::string& key) {
    const auto who = node.spawn<visitor>();
    node.cast(presence::shard_of(node.env(), "presence", "room"), presence::track{"room", key, json::object(), who});
    return who;
  }
  void pass() {
    world.advance(1s);
    world.run();
  }
};

}  // namespace

TEST_CASE("a view is told how many are in a topic at once, and when that changes, but not for each of many") {
  fixture f;
  CHECK(audience::told == 1);
  CHECK(f.port->all[0].payload["rendered"]["0"] == "0");
  const auto first = f.enter("ann");
  f.pass();
  CHECK(f.last().payload["0"] == "1");
  const auto before = audience::told;
  for (int i = 0; i < 100; ++i)
    (void)f.enter("guest " + std::to_string(i));
  f.pass();
  CHECK(f.last().payload["0"] == "101");
  CHECK(audience::told - before < 10);
  f.node.kill(first);
  f.pass();
  CHECK(f.last().payload["0"] == "100");
}

TEST_CASE("a view that does not watch a count any more is told nothing") {
  fixture f;
  f.click("leave");
  const auto before = audience::told;
  (void)f.enter("ann");
  f.pass();
  CHECK(audience::told == before);
  CHECK(f.is_alive());
}
