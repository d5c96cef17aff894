#pragma once

#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "net/interim_link.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace beamline::testing {

/// What happened, in order; written by processes, read by the test.
class story {
public:
  void add(std::string line) {
    std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::lock_guard lock{mutex_};
    return lines_;
  }
  /// Whether `line` is there, or comes within the time.
  bool has(const std::string& line, std::chrono::milliseconds within = 10s) {
    return wait([&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); }, within);
  }
  /// Whether there are that many lines, or will be within the time.
  bool has_lines(std::size_t count, std::chrono::milliseconds within = 10s) {
    return wait([&] { return lines_.size() >= count; }, within);
  }

private:
  bool wait(const std::function<bool()>& condition, std::chrono::milliseconds within) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, within, condition);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Writes down who comes and goes and what arrives for the service "test"; answers "echo".
class witness final : public process {
public:
  witness(process_context& c, story& s) : process{c}, story_{s} {}
  behavior init() override {
    env().peers().register_service("test", self());
    env().peers().register_service("echo", self());
    for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
      note("here", peer);
    story_.add("ready");
    return handlers([this](const node_up& m) { note("up", m.peer); },
                    [this](const node_down& m) { note("down", m.peer); }, [this](const peer_message& m) { handle(m); });
  }

private:
  void note(const std::string& what, const peer_info& peer) {
    story_.add(what + " " + peer.identity.name + " " + std::to_string(peer.identity.incarnation) + " " + peer.role);
  }
  void handle(const peer_message& m) {
    if (m.service == "echo")
      (void)env().peers().send(m.from.name, lane::rpc, "test", m.payload);
    else
      story_.add(m.payload.size() > 100 ? std::to_string(m.payload.size()) + " bytes" : m.payload);
  }
  story& story_;
};

/// A node on real threads and sockets.
struct real_node {
  explicit real_node(std::string name, std::uint64_t incarnation = 1)
      : n{node::options{.name = std::move(name), .incarnation = incarnation, .configure = net::load_middleman},
          environment::ports{clock, random, *log, events, timers}} {}
  ~real_node() {
    if (link)
      link->close();
    n.shutdown(5s);
  }

  result<void> start(net::interim_link::options o) {
    auto started = net::interim_link::start(n, std::move(o));
    if (!started)
      return started.error();
    link = std::move(*started);
    n.env().use_peers(link->peers());
    n.spawn<witness>(seen);
    seen.has("ready");  // Registered: what peers send from now on is seen.
    link->begin();
    return {};
  }
  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(link->port()); }

  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  story seen;
  node n;
  std::unique_ptr<net::interim_link> link;
};

}  // namespace beamline::testing
