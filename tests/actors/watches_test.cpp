#include "actors/subjects.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

TEST_CASE("watchers are told once, after everything the dead one sent, and names are free by then (S10)") {
  testing::for_each_seed(300, [](world& w) {
    auto& n = w.start_node();
    auto a = n.spawn<subject>();
    auto b = n.spawn<subject>();
    std::vector<std::string> story;
    in(w, n, a, [&](subject& self) { REQUIRE(self.register_as("worker").ok()); });
    in(w, n, b, [&](subject& self) {
      self.watch(a, [&](const reason& r) {
        story.push_back("down " + to_string(r) + " saw " + std::to_string(self.seen.size()));
        CHECK(n.get().whereis("worker") == pid{});
      });
    });
    in(w, n, a, [&](subject& self) {
      self.cast(b, add{1});
      self.cast(b, add{2});
      self.stop(reason::shutdown("done"));
    });
    w.run();
    CHECK(story == std::vector<std::string>{"down shutdown: done saw 2"});
  });
}

TEST_CASE("watching a dead process tells noproc; an unwatched one tells nothing") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  std::vector<reason> told;
  SUBCASE("dead already") {
    n.kill(a);
    w.run();
    in(w, n, b, [&](subject& self) { self.watch(a, [&](const reason& r) { told.push_back(r); }); });
    CHECK(told == std::vector{reason::noproc()});
  }
  SUBCASE("unwatched while the notice is in the mailbox") {
    in(w, n, b, [&](subject& self) {
      auto ref = self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.exit(a, reason::kill());
      self.run_after(1s, [&self, ref] { self.unwatch(ref); });
    });
    w.advance(2s);
    CHECK(told.size() == 1);
  }
  SUBCASE("unwatched before it dies") {
    in(w, n, b, [&](subject& self) {
      auto ref = self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.unwatch(ref);
    });
    n.kill(a);
    w.run();
    CHECK(told.empty());
  }
  SUBCASE("watched twice: told twice, each once") {
    in(w, n, b, [&](subject& self) {
      self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.watch(a, [&](const reason& r) { told.push_back(r); });
    });
    n.kill(a);
    w.run();
    CHECK(told == std::vector{reason::killed(), reason::killed()});
  }
}

TEST_CASE("X17 a name is free when the news of its owner's end arrives") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    auto observer = n.spawn<subject>();
    int found = 0, told = 0;
    auto look = [&] {
      ++told;
      found += n.get().whereis("worker") == pid{} ? 0 : 1;
    };
    in(w, n, observer, [&](subject& self) {
      auto worker = self.spawn_as<subject>(birth{.start_ref = 1, .name = "worker"});
      self.trap_exits([look](const exit_signal&) { look(); });
      self.watch(worker, [look](const reason&) { look(); });
      self.on_gone = [look](subject&) { look(); };
      self.link(worker);
      self.cast(worker, perform{[](process& p) { static_cast<subject&>(p).stop(reason::custom("over")); }});
    });
    w.advance(2s);
    CHECK(told == 3);
    CHECK(found == 0);
  });
}
