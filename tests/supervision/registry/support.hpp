#pragma once

#include "supervision/registry/start.hpp"
#include "supervision/supervisor.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace beamline::supervision {

using testing::for_each_seed;
using testing::world;

/// Runs a function in a turn of a member; answers true.
struct perform {
  std::function<void(process&)> what;
};

/// Does what a test says, in its own turn, and notes what it is told.
class member : public process {
public:
  using journal = std::shared_ptr<std::vector<std::string>>;

  explicit member(process_context& c, journal j = {}, bool traps = false)
      : process{c}, journal_{std::move(j)}, traps_{traps} {}
  behavior init() override {
    if (traps_)
      trap_exits([this](const exit_signal& e) { note("exit " + to_string(e.why)); });
    return handlers(
        [this](const perform& m) {
          m.what(*this);
          return true;
        },
        [this](const std::string& text) { note(text); },
        [this](const key_registered<std::string, int>& m) {
          note(m.registry + " + " + m.key + "=" + std::to_string(m.value) + " " + to_string(m.owner));
        },
        [this](const key_unregistered<std::string>& m) {
          note(m.registry + " - " + m.key + " " + to_string(m.owner));
        });
  }

private:
  void note(std::string text) {
    if (journal_)
      journal_->push_back(std::move(text));
  }
  journal journal_;
  bool traps_;
};

inline member::journal make_notes() { return std::make_shared<std::vector<std::string>>(); }

/// A node with one registry, running.
template <class Key, class Value>
struct registry_house {
  registry_house(world& in, registry_options o) : w{in}, n{in.start_node()}, reg{n.env(), std::move(o)} {
    top = n.template spawn<supervisor>(supervisor_spec{.flags = {}, .children = {child_registry("registry", reg)}});
    w.run();
  }

  pid spawn_member(member::journal j = {}, bool traps = false) { return n.template spawn<member>(std::move(j), traps); }

  /// Lets `p` do that, and waits until it has.
  void in(const pid& p, std::function<void(process&)> what) {
    CHECK(w.template ask<bool>(p, perform{std::move(what)}));
  }

  bool put(const pid& p, const Key& key, const Value& value) {
    bool done = false;
    in(p, [&](process& me) { done = reg.register_as(me, key, value).ok(); });
    return done;
  }
  registration_error refused(const pid& p, const Key& key, const Value& value) {
    registration_error why{};
    in(p, [&](process& me) {
      auto r = reg.register_as(me, key, value);
      REQUIRE_FALSE(r);
      why = r.error();
    });
    return why;
  }
  std::size_t drop(const pid& p, const Key& key) {
    std::size_t count = 0;
    in(p, [&](process& me) { count = reg.unregister(me, key); });
    return count;
  }
  std::size_t owners() const {
    std::size_t all = 0;
    for (const auto& p : reg.partitions())
      all += p.owners;
    return all;
  }

  world& w;
  testing::simulated_node& n;
  registry<Key, Value> reg;
  pid top;
};
using house = registry_house<std::string, int>;

/// Keys and values of entries: "a=1 a=2".
template <class Entries>
std::string show(const Entries& list) {
  std::string out;
  for (const auto& e : list)
    out += (out.empty() ? "" : " ") + e->key + "=" + std::to_string(e->value);
  return out;
}

/// Each case of a unique registry runs with both.
inline std::size_t one_or_eight() {
  std::size_t n = 1;
  SUBCASE("one partition") { n = 1; }
  SUBCASE("eight partitions") { n = 8; }
  return n;
}
inline registry_options unique_options(std::size_t partitions) {
  return {.name = "names", .keys = key_rule::unique, .partitions = partitions};
}
/// Each case of a duplicate registry runs with all four.
inline registry_options duplicate_options() {
  registry_options o{.name = "topics", .keys = key_rule::duplicate};
  SUBCASE("one partition") { o.partitions = 1; }
  SUBCASE("eight partitions by key") { o.partitions = 8; }
  SUBCASE("one partition by owner") { o.partitioned = partition_rule::by_owner; }
  SUBCASE("eight partitions by owner") {
    o.partitions = 8;
    o.partitioned = partition_rule::by_owner;
  }
  return o;
}

}  // namespace beamline::supervision
