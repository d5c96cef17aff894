#pragma once

// What runs on the nodes of these tests: somebody who notes everything, somebody who answers, somebody who asks.

#include "actors/message_contract.hpp"
#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "actors/process.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::testing {

struct question {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(question, "real.question", 1, number)
};
struct numbered {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(numbered, "real.numbered", 1, number)
};
struct blob {
  bytes octets;
  BEAMLINE_MESSAGE(blob, "real.blob", 1, octets)
};

inline message_contract real_contract() {
  message_contract c;
  c.add<question, numbered, blob>();
  return c;
}

/// Lines that processes write and the test waits for. Thread-safe.
class journal {
public:
  void note(std::string line) {
    std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::lock_guard lock{mutex_};
    return lines_;
  }
  /// All lines, with ", " between them.
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const auto& line : lines())
      all += (all.empty() ? "" : ", ") + line;
    return all;
  }
  /// Whether there is such a line, or will be within that time.
  [[nodiscard]] bool wait_for(std::string_view line, std::chrono::milliseconds within = 10s) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, within,
                             [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Notes `up NODE`, `down NODE WHY`, and whatever else it is told.
class witness final : public process {
public:
  witness(process_context& c, journal& into) : process{c}, into_{into} {}
  behavior init() override {
    (void)register_as("witness");
    env().peers().register_service("witness", self());
    (void)env().peers().subscribe_with_snapshot(self(), node_kinds::all);
    return handlers([this](const node_up& e) { into_.note("up " + e.peer.identity.name); },
                    [this](const node_down& e) { into_.note("down " + e.peer.identity.name + " " + e.why); },
                    [this](const peer_message& m) { into_.note("message of " + m.from.name + ": " + m.payload); },
                    [this](const numbered& n) { into_.note("numbered " + std::to_string(n.number)); });
  }

private:
  bool handle_other(const caf::type_erased_tuple&) override {
    into_.note("something else");
    return false;
  }
  journal& into_;
};

struct echo_counters {
  std::atomic<std::int64_t> numbered{0}, disordered{0}, blobs{0}, blob_octets{0};
};

/// Answers questions with their number; counts what is numbered from 0 on, and what comes out of order.
class echo final : public process {
public:
  echo(process_context& c, echo_counters& into) : process{c}, into_{into} {}
  behavior init() override {
    (void)register_as("echo");
    return handlers([](const question& q) { return q.number; },
                    [this](const numbered& n) {
                      if (n.number != into_.numbered++)
                        ++into_.disordered;
                    },
                    [this](const blob& b) {
                      into_.blob_octets += static_cast<std::int64_t>(b.octets.size());
                      return ++into_.blobs;
                    });
  }

private:
  echo_counters& into_;
};

/// What callers have seen so far.
struct call_record {
  std::atomic<std::uint64_t> answered{0}, failed{0};
  std::atomic<duration::rep> slowest{0};
  std::atomic<bool> is_over{false};
};

/// Calls an echo, one call after another, until told that it is over. A wrong answer is a failure.
class caller final : public process {
public:
  caller(process_context& c, pid to, std::shared_ptr<call_record> into)
      : process{c}, to_{std::move(to)}, into_{std::move(into)} {}
  behavior init() override {
    next();
    return handlers();
  }

private:
  void next() {
    if (into_->is_over)
      return stop();
    auto begun = now();
    call<std::int64_t>(to_, question{++number_}, 20s)
        .then(
            [this, begun](std::int64_t n) {
              n == number_ ? ++into_->answered : ++into_->failed;
              into_->slowest = std::max(into_->slowest.load(), (now() - begun).count());
              next();
            },
            [this](const call_error&) {
              ++into_->failed;
              stop();
            });
  }
  pid to_;
  std::shared_ptr<call_record> into_;
  std::int64_t number_ = 0;
};

/// Runs what the test says in a turn of its own; for watch, exit and cast between processes.
class hand final : public process {
public:
  struct order {
    std::function<void(hand&)> run;
  };
  using process::process;
  behavior init() override {
    return handlers([this](const order& o) { o.run(*this); });
  }
  // What a process does for itself, done for the test.
  using process::cast;
  using process::exit;
  using process::watch;
};

}  // namespace beamline::testing
