// Links and watches (S2-S10).

#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

TEST_CASE("X15 what a linked peer's end does depends on its reason and on whether one traps exits") {
  struct row {
    const char* how;
    std::function<void(subject&)> ends;
    reason told;
    std::optional<reason> takes_along;
  };
  const std::vector<row> table{
      {"finishes", [](subject& self) { self.stop(); }, reason::normal(), std::nullopt},
      {"shuts down", [](subject& self) { self.stop(reason::shutdown()); }, reason::shutdown(), reason::shutdown()},
      {"crashes", [](subject&) { throw std::runtime_error{"boom"}; }, reason::crashed("boom"), reason::crashed("boom")},
      {"is killed", [](subject& self) { self.exit(self.self(), reason::kill()); }, reason::killed(), reason::killed()},
      {"ends itself as kill", [](subject& self) { self.stop(reason::kill()); }, reason::kill(), reason::kill()},
  };
  for (const auto& r : table)
    for (auto traps : {false, true})
      for (auto linked_by_peer : {false, true})
        testing::for_each_seed(20, [&](world& w) {
          CAPTURE(r.how);
          CAPTURE(traps);
          auto& n = w.start_node();
          std::vector<exit_signal> trapped;
          auto p = traps ? trapping(w, n, trapped) : n.spawn<subject>();
          auto peer = n.spawn<subject>();
          in(w, n, linked_by_peer ? peer : p, [&](subject& self) { self.link(linked_by_peer ? p : peer); });
          in(w, n, peer, r.ends);
          CHECK(how_ended(n, peer) == (r.takes_along ? r.told : reason::normal()));
          CHECK(n.is_alive(p) == (traps || !r.takes_along));
          if (!traps && r.takes_along)
            CHECK(how_ended(n, p) == *r.takes_along);
          REQUIRE(trapped.size() == (traps ? 1U : 0U));
          if (traps) {
            CHECK(trapped[0].why == r.told);
            CHECK(trapped[0].from == peer);
            CHECK(trapped[0].is_link);
          }
        });
}

TEST_CASE("X16 linking three times is one link, watching twice is two watches") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    std::vector<exit_signal> trapped;
    std::vector<reason> told;
    auto p = trapping(w, n, trapped);
    auto peer = n.spawn<subject>();
    in(w, n, p, [&](subject& self) {
      for (int i = 0; i < 3; ++i)
        self.link(peer);
      for (int i = 0; i < 2; ++i)
        self.watch(peer, [&](const reason& why) { told.push_back(why); });
    });
    in(w, n, peer, [&](subject& self) {
      self.link(p);
      self.stop(reason::custom("over"));
    });
    CHECK(trapped.size() == 1);
    CHECK(told == std::vector{reason::custom("over"), reason::custom("over")});
  });
}

TEST_CASE("X16 one unlink, from either side, undoes all links of two processes") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    std::vector<exit_signal> trapped;
    auto p = trapping(w, n, trapped);
    auto peer = n.spawn<subject>();
    in(w, n, p, [&](subject& self) {
      for (int i = 0; i < 3; ++i)
        self.link(peer);
    });
    auto by = w.seed() % 2 == 0 ? p : peer;
    in(w, n, by, [&](subject& self) { self.unlink(by == p ? peer : p); });
    n.kill(peer);
    w.run();
    CHECK(trapped.empty());
    CHECK(n.processes().relations(p.id()).links.empty());
  });
}

TEST_CASE("X16 a link or a watch to a dead process tells noproc") {
  world w;
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  std::vector<reason> told;
  auto p = trapping(w, n, trapped);
  auto plain = n.spawn<subject>();
  auto dead = n.spawn<subject>();
  n.kill(dead);
  w.run();
  in(w, n, p, [&](subject& self) {
    self.link(dead);
    self.link(pid{});
    self.watch(dead, [&](const reason& why) { told.push_back(why); });
  });
  REQUIRE(trapped.size() == 2);
  for (const auto& e : trapped)
    CHECK(e.why == reason::noproc());
  CHECK(trapped[0].from == dead);
  CHECK(told == std::vector{reason::noproc()});
  in(w, n, plain, [&](subject& self) { self.link(dead); });
  CHECK(how_ended(n, plain) == reason::noproc());
}

TEST_CASE("X16 no signal of a link is seen after it was cut, even if it was sent before") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    std::vector<exit_signal> trapped;
    auto p = trapping(w, n, trapped);
    auto peer = n.spawn<subject>();
    in(w, n, p, [&](subject& self) { self.link(peer); });
    bool is_cut = false;
    std::size_t seen_at_cut = 0;
    n.cast(p, perform{[&](process& self) {
             static_cast<subject&>(self).unlink(peer);
             is_cut = true;
             seen_at_cut = trapped.size();
           }});
    n.kill(peer);
    w.run();
    CHECK(is_cut);
    CHECK(trapped.size() == seen_at_cut);
  });
}

TEST_CASE("a process is not linked to itself") {
  world w;
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  auto p = trapping(w, n, trapped);
  in(w, n, p, [](subject& self) { self.link(self.self()); });
  CHECK(trapped.empty());
  CHECK(n.processes().relations(p.id()).links.empty());
}

TEST_CASE("a link to a process of another node tells noconnection") {
  world w;
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  auto p = trapping(w, n, trapped);
  pid elsewhere{std::make_shared<const node_identity>(node_identity{"two@sim", 7}), p.id()};
  in(w, n, p, [&](subject& self) { self.link(elsewhere); });
  REQUIRE(trapped.size() == 1);
  CHECK(trapped[0].why == reason::noconnection());
}

TEST_CASE("who links again with a peer that is just dying hears once, and how it died") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    std::vector<exit_signal> trapped;
    auto p = trapping(w, n, trapped);
    auto peer = n.spawn<subject>();
    in(w, n, p, [&](subject& self) { self.link(peer); });
    n.exit(peer, reason::custom("over"));
    n.cast(p, perform{[&](process& self) {
             if (trapped.empty())
               static_cast<subject&>(self).link(peer);
           }});
    w.run();
    REQUIRE(trapped.size() == 1);
    CHECK(trapped[0].why == reason::custom("over"));
  });
}

TEST_CASE("X44 a kill ends only who it was meant for; those linked with it see killed and can trap it") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    std::vector<exit_signal> a_saw, c_saw;
    auto a = trapping(w, n, a_saw);
    auto c = trapping(w, n, c_saw);
    auto b = n.spawn<subject>();
    auto plain = n.spawn<subject>();
    auto behind_plain = trapping(w, n, c_saw);
    in(w, n, b, [&](subject& self) {
      self.link(a);
      self.link(c);
      self.link(plain);
    });
    in(w, n, plain, [&](subject& self) { self.link(behind_plain); });
    in(w, n, a, [&](subject& self) { self.exit(b, reason::kill()); });
    CHECK(how_ended(n, b) == reason::killed());
    CHECK(how_ended(n, plain) == reason::killed());
    REQUIRE(a_saw.size() == 1);
    CHECK(a_saw[0].why == reason::killed());
    CHECK(a_saw[0].from == b);
    CHECK(c_saw.size() == 2);
    for (const auto& e : c_saw)
      CHECK(e.why == reason::killed());
    CHECK(n.is_alive(a));
    CHECK(n.is_alive(c));
    CHECK(n.is_alive(behind_plain));
  });
}

TEST_CASE("X45 everything a process sent before it ended arrives before its EXIT and its DOWN") {
  testing::for_each_seed(40, [](world& w) {
    auto& n = w.start_node();
    std::vector<std::string> story;
    auto parent = n.spawn<subject>();
    pid child;
    bool is_watched = w.seed() % 2 == 0;
    in(w, n, parent, [&](subject& self) {
      auto tell = [&story, &self](const reason& why) {
        story.push_back(to_string(why) + " after " + std::to_string(self.seen.size()));
      };
      child = self.spawn<subject>();
      self.trap_exits([tell](const exit_signal& e) { tell(e.why); });
      if (is_watched)
        self.watch(child, tell);
      else
        self.link(child);
    });
    in(w, n, child, [&](subject& self) {
      for (long i = 0; i < 1000; ++i)
        self.cast(parent, add{i});
      self.stop(reason::custom("done"));
    });
    w.advance(1s);
    CHECK(story == std::vector<std::string>{"custom: done after 1000"});
    in(w, n, parent, [](subject& self) {
      for (std::size_t i = 0; i < self.seen.size(); ++i)
        if (self.seen[i] != static_cast<long>(i))
          throw std::logic_error{"out of order"};
    });
    CHECK(n.is_alive(parent));
  });
}
