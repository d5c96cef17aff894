#pragma once

// Nodes with a PubSub system each, subscribers that keep what they are told, and processes that broadcast when asked.

#include "net/linked_nodes.hpp"
#include "pubsub/events.hpp"
#include "pubsub/subscription_set.hpp"
#include "pubsub/system.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::pubsub::test {

using testing::for_each_seed;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

/// What is broadcast in these tests.
struct said {
  std::uint64_t number = 0;
  std::string text;
  BEAMLINE_MESSAGE(said, "test.said", 1, number, text)

  friend bool operator==(const said&, const said&) = default;
};
/// In no contract.
struct unspeakable {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(unspeakable, "test.unspeakable", 1, number)
};

/// Does in its own turn what it is asked to, and keeps what it is told.
struct act {
  std::function<void(process&)> run;
};
struct heard {
  std::vector<said> all;
  std::uint64_t wakes = 0;
  std::optional<reason> ended{};

  [[nodiscard]] std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> n;
    for (const auto& m : all)
      n.push_back(m.number);
    return n;
  }
};
class person final : public process {
public:
  person(process_context& c, std::shared_ptr<heard> to, std::int64_t mailbox_max = 0, bool looks = true)
      : process{c}, to_{std::move(to)}, looks_{looks} {
    if (mailbox_max > 0)
      limit_mailbox(mailbox_max);
  }
  behavior init() override {
    return handlers([this](const act& m) { m.run(*this); }, [this](const said& m) { to_->all.push_back(m); },
                    [this](const signalled& m) {
                      ++to_->wakes;
                      if (!looks_)
                        return;
                      if (auto news = m.what->take_as<said>())
                        to_->all.push_back(*news);
                    });
  }
  void terminate(const reason& why) override { to_->ended = why; }

private:
  std::shared_ptr<heard> to_;
  bool looks_;
};

/// One process of a test.
struct someone {
  pid who;
  std::shared_ptr<heard> is_told = std::make_shared<heard>();

  [[nodiscard]] std::vector<std::uint64_t> numbers() const { return is_told->numbers(); }
};

using numbers = std::vector<std::uint64_t>;

inline system_options named(std::string name) {
  system_options o;
  o.name = std::move(name);
  return o;
}

/// Gives a node what its PubSub systems stand on.
inline void prepare(simulated_node& n) {
  n.env().provide(n.own<supervision::partition_directory>());
  n.env().provide(n.own<directory>());
}

/// Nodes with systems, linked when the test says so.
struct pubsub_cluster {
  explicit pubsub_cluster(world& the_world, std::vector<std::string> the_names = {"one@sim"},
                          testing::simulated_links_options links = {})
      : w{the_world}, names{std::move(the_names)}, net{w, names, std::move(links)} {
    w.contract().add<said>();
  }

  simulated_node& start(const std::string& name, const std::vector<system_options>& systems = {{}}) {
    auto& n = w.start_node(name);
    prepare(n);
    net.join(n, "any");
    supervision::supervisor_spec top;
    for (const auto& o : systems)
      top.children.push_back(child_system(o));
    n.spawn<supervision::supervisor>(std::move(top));
    w.run();
    return n;
  }
  void start_all(const std::vector<system_options>& systems = {{}}) {
    for (const auto& name : names)
      start(name, systems);
  }
  void connect_all() {
    for (const auto& a : names)
      for (const auto& b : names)
        if (a < b)
          net.connect(at(a), at(b));
    settle();
  }
  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  void settle() { w.advance(500ms); }
  [[nodiscard]] system& of(const std::string& node, std::string_view name = default_system) {
    return system_of(at(node).env(), name);
  }

  someone spawn(const std::string& node, std::int64_t mailbox_max = 0, bool looks = true) {
    someone s;
    s.who = at(node).spawn<person>(s.is_told, mailbox_max, looks);
    w.run();
    return s;
  }
  someone subscriber(const std::string& node, const std::string& topic, subscribe_options o = {}) {
    auto s = spawn(node);
    REQUIRE(of(node).subscribe(s.who, topic, std::move(o)));
    return s;
  }
  /// In a turn of that process, and everything that follows.
  void in_turn_of(const someone& s, std::function<void(process&)> run) {
    at(s.who.node().name).cast(s.who, act{std::move(run)});
  }
  result<void> broadcast(const someone& by, const std::string& topic, said m,
                         topic_class kind = topic_class::fire_and_forget, broadcast_options o = {},
                         std::string_view system = default_system) {
    auto outcome = std::make_shared<result<void>>(error{errc::cancelled, "its turn has not come"});
    in_turn_of(by, [=, this, name = std::string{system}](process& p) {
      *outcome = of(by.who.node().name, name).broadcast(p, topic, kind, share(m), o);
    });
    w.advance(50ms);
    return *outcome;
  }

  world& w;
  std::vector<std::string> names;
  linked_nodes net;
};

}  // namespace beamline::pubsub::test
