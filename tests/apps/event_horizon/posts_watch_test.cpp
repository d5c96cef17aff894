#include "apps/event_horizon/posts_watch.hpp"

#include "apps/content/folder.hpp"
#include "apps/event_horizon/events.hpp"
#include "apps/support.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using testing::simulated_node;
using testing::world;

namespace {

constexpr std::string_view good = "---\ntitle: T\ndate: 2024-05-01\n---\nText.\n";

/// Keeps its jobs until they are asked for, as a slow disk does.
class slow_disk final : public supervision::executor {
public:
  void run(std::function<void()> job) override { jobs.push_back(std::move(job)); }
  void work() {
    for (auto& job : std::exchange(jobs, {}))
      job();
  }
  std::vector<std::function<void()>> jobs;
};

class posts_listener final : public process {
public:
  posts_listener(process_context& c, int& heard) : process{c}, heard_{heard} {}
  behavior init() override {
    CHECK(pubsub::system_of(env()).subscribe(self(), posts_topic()));
    return handlers([this](const posts_changed&) { ++heard_; });
  }

private:
  int& heard_;
};

/// A blog host that watches a folder of its own.
struct host : test::folder {
  host() {
    put("a.md", good);
    of.emplace(n.get(), catalogue::load(path()).value(), event_horizon_options{.content_dir = path(), .rescan = 1s});
    test::start_topics(n);
    n.spawn<posts_listener>(heard);
    watch = n.spawn<posts_watch>(posts_watch::parts{*of, disk});
    w.run();
  }
  ~host() { w.crash_node(n); }

  world w;
  simulated_node& n = w.start_node("host_1@sim");
  std::optional<blog> of;
  std::shared_ptr<slow_disk> disk = std::make_shared<slow_disk>();
  pid watch;
  int heard = 0;
};

}  // namespace

TEST_CASE_FIXTURE(host, "a new post shows with the next look, has a place for numbers, and pages are told once") {
  put("b.md", good);
  w.advance(1100ms);
  REQUIRE(disk->jobs.size() == 1);
  CHECK(of->posts().get("b") == nullptr);
  disk->work();
  w.advance(10ms);
  REQUIRE(of->posts().get("b") != nullptr);
  CHECK(heard == 1);
  CHECK(of->numbers().update("b", {1, 1}));
  CHECK_FALSE(of->numbers().update("c", {1, 1}));
}

TEST_CASE_FIXTURE(host, "while nothing changes nobody is told, and one look waits for the other") {
  w.advance(10s);
  CHECK(disk->jobs.size() == 1);
  for (int i = 0; i < 5; ++i) {
    disk->work();
    w.advance(1100ms);
    CHECK(disk->jobs.size() == 1);
  }
  CHECK(heard == 0);
}

TEST_CASE_FIXTURE(host, "a folder that is away, or a post that is bad, ends nothing") {
  std::filesystem::remove_all(path());
  w.advance(1100ms);
  disk->work();
  w.advance(10ms);
  CHECK(n.is_alive(watch));
  CHECK(of->posts().get("a") != nullptr);
  put("b.md", "nothing");
  put("c.md", good);
  w.advance(1100ms);
  disk->work();
  w.advance(10ms);
  CHECK(n.is_alive(watch));
  CHECK(of->posts().get("c") != nullptr);
  CHECK(of->posts().get("a") == nullptr);
  CHECK(heard == 1);
}

TEST_CASE_FIXTURE(host, "an answer that comes when the process has ended is nobody's") {
  put("b.md", good);
  w.advance(1100ms);
  n.kill(watch);
  w.run();
  disk->work();
  w.advance(10ms);
  CHECK(heard == 0);
  CHECK(of->posts().get("b") != nullptr);
}
