#include "actors/events.hpp"
#include "base/log.hpp"
#include "supervision/events.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;

namespace {

/// What is told of a node, in order.
struct listener {
  testing::simulated_node& n;
  std::vector<std::string> told;
  telemetry::handle crashes =
      n.events().attach<process_crashed>([this](const process_crashed&) { told.emplace_back("crash"); });
  telemetry::handle reports = n.events().attach<supervisor_reported>([this](const supervisor_reported& e) {
    told.push_back(std::string{to_string(e.what)} + (e.full.is_restarting ? " retry" : ""));
  });

  explicit listener(testing::simulated_node& node) : n{node} {}
};

using lines = std::vector<std::string>;

pid child_of(testing::world& w, const pid& sup) { return w.ask<child_list>(sup, which_children{}).at(0).who; }

}  // namespace

TEST_CASE("X27 a crash is told as crash, end and new start, in this order") {
  testing::for_each_seed(30, [](testing::world& w) {
    auto& n = w.start_node();
    listener l{n};
    auto sup = n.spawn<supervisor>(supervisor_spec{.children = {w_child("a")}});
    w.run();
    CHECK(l.told == lines{"progress"});
    l.told.clear();
    n.cast(child_of(w, sup), crash{});
    w.run();
    CHECK(l.told == lines{"crash", "child_terminated", "progress"});
  });
}

TEST_CASE("X27 a supervisor that gives up says so after the last end") {
  testing::for_each_seed(30, [](testing::world& w) {
    auto& n = w.start_node();
    listener l{n};
    auto sup = n.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 0}, .children = {w_child("a")}});
    w.run();
    l.told.clear();
    n.cast(child_of(w, sup), crash{});
    w.advance(10s);
    CHECK(l.told == lines{"crash", "child_terminated", "shutdown"});
  });
}

TEST_CASE("X27 each attempt of a restart that fails is told, and then the end") {
  testing::for_each_seed(30, [](testing::world& w) {
    auto& n = w.start_node();
    listener l{n};
    auto s = std::make_shared<script>();
    s->answers["a"] = {start_answer_of::ok};
    s->otherwise = start_answer_of::refuse;
    auto sup = n.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 2}, .children = {w3_child("a", s)}});
    w.run();
    l.told.clear();
    n.cast(child_of(w, sup), crash{});
    w.advance(10s);
    REQUIRE(l.told.size() >= 4);
    CHECK(l.told[0] == "crash");
    CHECK(l.told[1] == "child_terminated");
    CHECK(l.told.back() == "shutdown");
    for (std::size_t i = 2; i + 1 < l.told.size(); ++i)
      CHECK(l.told[i].starts_with("start_error"));
    CHECK(l.told.size() == 5);  // Two attempts are within the budget.
  });
}

TEST_CASE("X27 the log has the same lines, from which a reader learns what happened") {
  testing::world w;
  auto& n = w.start_node();
  n.env().log().set_level(log_level::info);
  auto sup = n.spawn<supervisor>(supervisor_spec{.children = {w_child("counter")}});
  w.run();
  n.cast(child_of(w, sup), crash{"out of paper"});
  w.run();
  auto log = n.env().log().recent();
  auto line_with = [&](std::string_view what, std::string_view and_what) {
    for (const auto& l : log)
      if (l.find(what) != std::string::npos && l.find(and_what) != std::string::npos)
        return l;
    return std::string{};
  };
  CHECK(line_with("process crashed", "out of paper").find("std::runtime_error") != std::string::npos);
  auto ended = line_with("child_terminated", "child=counter");
  CHECK(ended.find("out of paper") != std::string::npos);
  CHECK(ended.find("restarts=") != std::string::npos);
  CHECK_FALSE(line_with("progress", "life=2").empty());
}
