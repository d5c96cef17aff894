#pragma once

// Nodes with a process group scope each, linked when the test says so, and somebody who keeps what monitors are told.

#include "net/linked_nodes.hpp"
#include "pubsub/groups.hpp"
#include "pubsub/groups/limits.hpp"
#include "pubsub/groups/scope.hpp"
#include "pubsub/groups/wire.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::pubsub::test {

using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

class member final : public process {
public:
  using process::process;
  behavior init() override { return handlers(); }
};

/// Keeps what its monitors are told: `+g 2` is a join of two members of g.
struct told {
  std::vector<std::string> lines;
  std::map<std::string, std::vector<pid>> folded;
};
class listener final : public process {
public:
  listener(process_context& c, told& to) : process{c}, to_{to} {}
  behavior init() override {
    return handlers(
        [this](const groups::joined& m) {
          to_.lines.push_back("+" + m.group + " " + std::to_string(m.members.size()));
          for (const auto& p : m.members)
            to_.folded[m.group].push_back(p);
        },
        [this](const groups::left& m) {
          to_.lines.push_back("-" + m.group + " " + std::to_string(m.members.size()));
          for (const auto& p : m.members) {
            auto& all = to_.folded[m.group];
            if (auto at = std::find(all.begin(), all.end(), p); at != all.end())
              all.erase(at);
            else
              to_.lines.push_back("left without having joined");
          }
        });
  }

private:
  told& to_;
};

inline std::vector<pid> sorted(std::vector<pid> all) {
  std::sort(all.begin(), all.end());
  return all;
}

/// Nodes with a scope each, linked when the test says so.
struct group_cluster {
  explicit group_cluster(world& the_world, std::vector<std::string> the_names = {"a@sim", "b@sim"},
                         std::size_t started = 9)
      : w{the_world}, names{std::move(the_names)}, net{w, names} {
    for (const auto& n : names)
      if (scopes.size() < started)
        start(n);
  }

  simulated_node& start(const std::string& name) {
    auto& n = w.start_node(name);
    n.env().provide(n.own<groups::scope_list>());
    net.join(n, "any");
    scopes[name] = n.spawn<groups::scope>();
    w.run();
    return n;
  }
  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  simulated_node& a() { return at("a@sim"); }
  simulated_node& b() { return at("b@sim"); }
  void connect() {
    net.connect(a(), b());
    settle();
  }
  void settle() { w.advance(500ms); }

  pid spawn(simulated_node& n) {
    auto p = n.spawn<member>();
    w.run();
    return p;
  }
  /// Empty, or what it was refused with.
  template <class M>
  std::string ask(simulated_node& n, M m) {
    auto o = w.try_ask<void>(groups::scope_on(n.env()), std::move(m));
    auto* e = std::get_if<call_error>(&o);
    if (e == nullptr)
      return {};
    return e->what == call_error::kind::crashed ? e->why.text : std::string{to_string(e->what)};
  }
  void join(simulated_node& n, const std::string& group, std::vector<pid> members) {
    CHECK(ask(n, groups::join{group, std::move(members)}) == "");
  }
  void leave(simulated_node& n, const std::string& group, std::vector<pid> members) {
    CHECK(ask(n, groups::leave{group, std::move(members)}) == "");
  }
  std::vector<pid> members(simulated_node& n, const std::string& group) {
    return sorted(groups::get_members(n.env(), group));
  }
  std::vector<pid> local(simulated_node& n, const std::string& group) {
    return sorted(groups::get_local_members(n.env(), group));
  }
  std::vector<std::string> which(simulated_node& n) { return groups::which_groups(n.env()); }
  pid listen(simulated_node& n, told& to) {
    auto p = n.spawn<listener>(to);
    w.run();
    return p;
  }

  world& w;
  std::vector<std::string> names;
  linked_nodes net;
  std::map<std::string, pid> scopes;
};

using names = std::vector<std::string>;

}  // namespace beamline::pubsub::test
