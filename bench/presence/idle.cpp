#include "presence/hall.hpp"
#include "testing/net/simulated_links.hpp"
#include "testing/world.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

// What goes over the links of three nodes while nobody comes or goes: the real links, their ticks and handshakes, over
// the simulator's network, since what is wanted is octets in a minute and not time.

namespace beamline::bench {
namespace {

constexpr std::chrono::seconds watched_for{60};
constexpr std::uint64_t at_once = 100;  // They come.
// Of the issue: less than 1 KiB/s. Both directions together.
constexpr double octets_per_second_max = 1024;

class quiet_hall {
public:
  explicit quiet_hall(std::uint64_t visitors) : visitors_{visitors} {
    for (const auto& name : names_)
      start(name);
    wait_until([&] { return std::ranges::all_of(links_, [](auto* l) { return l->links().stats().size() == 2; }); });
    for (std::uint64_t i = 0; i < visitors_; ++i) {
      nodes_[i % nodes_.size()]->spawn<visitor>("visitor-" + std::to_string(i), told_);
      if (i % at_once == 0)
        world_.pass(std::chrono::milliseconds{10});  // A long queue makes the simulator slow.
    }
    wait_until([&] { return std::ranges::all_of(nodes_, [&](auto* n) { return count_at(*n) == visitors_; }); });
    world_.pass(std::chrono::seconds{30});
  }

  [[nodiscard]] std::uint64_t count_at(testing::simulated_node& n) const {
    return presence::dirty_count(n.env(), "presence", topic);
  }
  [[nodiscard]] bool are_counts_exact() const {
    return std::ranges::all_of(nodes_, [&](auto* n) { return count_at(*n) == visitors_; });
  }
  void pass(duration d) { world_.pass(d); }

  /// Of each link, both directions.
  [[nodiscard]] std::map<std::string, std::uint64_t> octets() const {
    std::map<std::string, std::uint64_t> all;
    for (std::size_t i = 0; i < links_.size(); ++i)
      for (const auto& l : links_[i]->links().stats())
        all[std::min(names_[i], l.peer.identity.name) + std::max(names_[i], l.peer.identity.name)] += l.wire_octets_out;
    return all;
  }

private:
  void start(const std::string& name) {
    auto& n = world_.start_node(name);
    n.env().provide(n.own<supervision::partition_directory>());
    n.env().provide(n.own<pubsub::directory>());
    n.env().provide(n.own<presence::trackers>());
    testing::simulated_links_options o;
    o.links = {};  // As nodes really have them.
    o.links.keys = testing::fast_links().keys;
    links_.push_back(&testing::simulated_links::start(n, names_, o));
    presence::presence_options p;
    p.tracker.mode = presence::tracker_mode::count;
    supervision::supervisor_spec top;
    top.children.push_back(pubsub::child_system({}));
    top.children.push_back(presence::child_presence(p));
    n.spawn<supervision::supervisor>(std::move(top));
    world_.run();
    nodes_.push_back(&n);
  }
  template <class Condition>
  void wait_until(Condition holds) {
    for (int i = 0; i < 600; ++i) {
      if (holds())
        return;
      world_.pass(std::chrono::milliseconds{100});
    }
    throw std::runtime_error{"a minute was not enough until all nodes were linked and had the number"};
  }

  const std::vector<std::string> names_{"a@sim", "b@sim", "c@sim"};
  std::uint64_t visitors_;
  visits told_;
  testing::world world_{testing::world_options{.seed = 1, .log = log_level::critical}};
  std::vector<testing::simulated_node*> nodes_;
  std::vector<testing::simulated_links*> links_;
};

void idle_counted(benchmark::State& state) {
  for (auto _ : state) {
    quiet_hall h{static_cast<std::uint64_t>(state.range(0))};
    const auto before = h.octets();
    h.pass(watched_for);
    std::uint64_t most = 0;
    for (const auto& [link, octets] : h.octets())
      most = std::max(most, octets - before.at(link));
    if (!h.are_counts_exact())
      state.SkipWithError("the number is not the right one");
    state.counters["octets_per_second_and_link"] = static_cast<double>(most) / static_cast<double>(watched_for.count());
    state.counters["octets_per_second_and_link_at_most"] = octets_per_second_max;
  }
}

// Without anybody: what the links, and topics, cost by themselves.
BENCHMARK(idle_counted)->Arg(0)->Arg(100'000)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beamline::bench
