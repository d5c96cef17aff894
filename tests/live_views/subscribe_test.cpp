// Views and PubSub: last values by signal, messages one by one, counts.
#include "mounted.hpp"
#include "pubsub/directory.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

struct stats {
  std::uint64_t likes = 0;
  BEAMLINE_MESSAGE(stats, "test.live.stats", 1, likes)
};
struct line {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(line, "test.live.line", 1, number)
};
constexpr pubsub::topic_name<stats, pubsub::topic_class::last_value> stats_topic{"stats"};
constexpr pubsub::topic_name<line> lines_topic{"lines"};

const statics text_template{{"<p>", " ", "</p>"}};

class follower final : public view_of<follower, stats, line> {
public:
  void mount(const mount_params&, view_socket& s) override {
    if (auto known = s.latest(stats_topic()))
      likes_ = known->likes;
    subscribe(s, stats_topic());
    subscribe(s, lines_topic());
  }
  void handle_info(const stats& m, view_socket&) {
    likes_ = m.likes;
    ++wakes;
  }
  void handle_info(const line& m, view_socket&) { lines_ += std::to_string(m.number) + ","; }
  [[nodiscard]] rendered render(render_context&) const override { return rendered{text_template, likes_, lines_}; }

  static inline int wakes = 0;

private:
  std::uint64_t likes_ = 0;
  std::string lines_;
};

/// Broadcasts in its turn what it is told to.
struct act {
  std::function<void(process&)> run;
};
class spokesman final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([this](const act& a) { a.run(*this); });
  }
};

struct fixture : mounted {
  explicit fixture(std::uint64_t seed = 1)
      : mounted{seed, [](beamline::testing::world& w) {
                  w.contract().add<stats>();
                  w.contract().add<line>();
                }} {}
  void boot() {
    auto& env = node.env();
    env.provide(node.own<pubsub::directory>());
    env.provide(node.own<supervision::partition_directory>());
    node.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {pubsub::child_system({})}});
    speaker = node.spawn<spokesman>();
    world.run();
  }
  void say(std::function<void(process&)> what) {
    node.cast(speaker, act{std::move(what)});
    world.run();
  }
  pid speaker;
};

}  // namespace

TEST_CASE("a view shows the last value it finds, and one wake-up shows the newest of many") {
  fixture f;
  f.boot();
  auto& main = pubsub::system_of(f.node.env());
  f.say([&](process& p) { CHECK(main.broadcast(p, stats_topic(), {3})); });
  follower::wakes = 0;
  f.start(std::make_unique<follower>());
  CHECK(f.port->all[0].payload["rendered"]["0"] == "3");
  const auto before = follower::wakes;
  f.say([&](process& p) {
    for (std::uint64_t n = 4; n <= 1000; ++n)
      CHECK(main.broadcast(p, stats_topic(), {n}));
  });
  CHECK(f.last().payload["0"] == "1000");
  CHECK(follower::wakes - before < 1000);
}

TEST_CASE("messages of an ordinary topic all arrive, in order") {
  fixture f;
  f.boot();
  auto& main = pubsub::system_of(f.node.env());
  f.start(std::make_unique<follower>());
  f.say([&](process& p) {
    for (std::uint64_t n = 1; n <= 5; ++n)
      CHECK(main.broadcast(p, lines_topic(), {n}));
  });
  CHECK(f.last().payload["1"] == "1,2,3,4,5,");
}

TEST_CASE("a view that ends is subscribed to nothing; one whose system is away crashes its join") {
  fixture f;
  SUBCASE("end") {
    f.boot();
    f.start(std::make_unique<follower>());
    CHECK(pubsub::system_of(f.node.env()).subscribers("stats") == 1);
    f.node.exit(f.host, reason::shutdown("closed"));
    f.world.run();
    CHECK(pubsub::system_of(f.node.env()).subscribers("stats") == 0);
  }
  SUBCASE("away") {
    f.start(std::make_unique<follower>());
    CHECK(f.story() == "down crashed");
  }
}
