#pragma once

// Two nodes with a presence, subscribers on both, and visitors who come to one topic.

#include "actors/simple_node.hpp"
#include "cpu_time.hpp"
#include "presence/direct_peers.hpp"
#include "pubsub/presence/presence.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace beamline::bench {

inline const std::string topic = "hall";

/// What visitors did and were told, all together.
struct visits {
  std::atomic<std::uint64_t> tracked{0};
  std::atomic<std::uint64_t> diffs{0};
  std::atomic<std::uint64_t> joins{0};
};

/// Tracks itself, as a channel or a view does, and is shown who comes, if it wants to see it.
class visitor final : public process {
public:
  visitor(process_context& c, std::string key, visits& all, bool looks = false)
      : process{c}, key_{std::move(key)}, all_{all}, looks_{looks} {}
  behavior init() override {
    if (looks_ && !pubsub::system_of(env()).subscribe(self(), topic))
      return refuse_start(reason::custom("it is not subscribed"));
    call<presence::track_answer>(
        presence::shard_of(env(), "presence", topic),
        presence::track{topic, key_, json{{"name", key_}, {"online_at", 1'700'000'000}}, self()},
        std::chrono::minutes{1})
        .then([this](const presence::track_answer& a) { all_.tracked += a.ok() ? 1U : 0U; }, [](const call_error&) {});
    return handlers([this](const presence::presence_diff& m) {
      all_.joins += m.payload->at("joins").size();
      ++all_.diffs;
    });
  }

private:
  std::string key_;
  visits& all_;
  bool looks_;
};

/// What subscribers and watchers were told, all together.
struct told {
  std::atomic<std::uint64_t> joins{0};
  std::atomic<std::uint64_t> diffs{0};
  std::atomic<std::uint64_t> counts{0};
  std::atomic<std::uint64_t> exact{0};  // Watchers whose last number is the one that is waited for.
  std::atomic<std::uint64_t> expected{0};
};

class subscriber final : public process {
public:
  subscriber(process_context& c, told& t) : process{c}, told_{t} {}
  behavior init() override {
    return handlers(
        [this](const presence::presence_diff& m) {
          told_.joins += m.payload->at("joins").size();
          ++told_.diffs;
        },
        [this](const presence::count_changed& m) {
          ++told_.counts;
          if (m.count == told_.expected)
            ++told_.exact;
        });
  }

private:
  told& told_;
};

class hall {
public:
  explicit hall(presence::presence_options o) : peers_{direct_peers{a_.get()}, direct_peers{b_.get()}} {
    peers_[0].link(peers_[1]);
    peers_[1].link(peers_[0]);
    for (std::size_t i = 0; i < 2; ++i) {
      auto& n = at(i);
      n.env().provide(partitions_[i]);
      n.env().provide(systems_[i]);
      n.env().provide(trackers_[i]);
      n.env().use_peers(peers_[i]);
      supervision::supervisor_spec top;
      top.children.push_back(pubsub::child_system({}));
      top.children.push_back(presence::child_presence(o));
      n.spawn<supervision::supervisor>(std::move(top));
      wait_until("the presence has started", [&] {
        auto c = n.call_sync<presence::presence_counters>(presence::presence_on(n.env(), "presence"),
                                                          presence::get_presence_counters{}, std::chrono::seconds{1});
        return std::holds_alternative<presence::presence_counters>(c);
      });
    }
  }
  ~hall() {
    for (std::size_t i = 0; i < 2; ++i)
      (void)at(i).shutdown(std::chrono::seconds{30});
  }
  hall(const hall&) = delete;
  hall& operator=(const hall&) = delete;

  [[nodiscard]] node& at(std::size_t i) { return i == 0 ? a_.get() : b_.get(); }

  void subscribe(std::size_t on_each, told& t) {
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t n = 0; n < on_each; ++n)
        if (!pubsub::system_of(at(i).env()).subscribe(at(i).spawn<subscriber>(t), topic))
          throw std::runtime_error{"a subscriber was refused"};
  }
  void watch(std::size_t on_each, told& t) {
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t n = 0; n < on_each; ++n)
        at(i).cast(presence::presence_on(at(i).env(), "presence"),
                   presence::watch_count{topic, at(i).spawn<subscriber>(t)});
  }
  /// They come to the first node within `time`, a few every ten milliseconds.
  void visit(std::uint64_t visitors, bool they_look = false, std::chrono::milliseconds time = std::chrono::seconds{1}) {
    const auto waves = static_cast<std::uint64_t>(time / std::chrono::milliseconds{10});
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t w = 0; w < waves; ++w) {
      for (auto i = visitors * w / waves; i < visitors * (w + 1) / waves; ++i)
        at(0).spawn<visitor>("visitor-" + std::to_string(i), visitors_told, they_look);
      std::this_thread::sleep_until(start + (w + 1) * std::chrono::milliseconds{10});
    }
  }
  template <class Condition>
  void wait_until(const char* what, Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end)
        throw std::runtime_error{std::string{"waited a minute in vain until "} + what};
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
  /// Messages that processes of both nodes have handled, of those that still live.
  [[nodiscard]] std::uint64_t handled() {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < 2; ++i)
      for (const auto& info : at(i).processes().list(at(i).env().time().now()))
        all += info.handled;
    return all;
  }
  /// Between the nodes.
  [[nodiscard]] std::uint64_t messages() const { return peers_[0].messages() + peers_[1].messages(); }
  /// Messages that the PubSub systems of both nodes have cast to subscribers.
  [[nodiscard]] std::uint64_t deliveries() {
    return pubsub::system_of(a_.get().env()).count().deliveries + pubsub::system_of(b_.get().env()).count().deliveries;
  }
  [[nodiscard]] std::uint64_t octets() const { return peers_[0].octets() + peers_[1].octets(); }

  visits visitors_told;

private:
  std::array<supervision::partition_directory, 2> partitions_;
  std::array<pubsub::directory, 2> systems_;
  std::array<presence::trackers, 2> trackers_;
  simple_node a_{"a@127.0.0.1", log_level::error};
  simple_node b_{"b@127.0.0.1", log_level::error};
  std::array<direct_peers, 2> peers_;
};

}  // namespace beamline::bench
