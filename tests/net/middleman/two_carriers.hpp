#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "net/middleman/middleman_carriers.hpp"
#include "net/tcp/net_thread.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace beamline::testing {

/// A node with the middleman, and its carriers.
struct carrier_node {
  explicit carrier_node(std::string name, std::function<void(system_config&)> configure = net::load_carriers)
      : n{node::options{.name = std::move(name), .incarnation = 1, .configure = std::move(configure)},
          environment::ports{clock, random, *log, events, timers}} {}
  ~carrier_node() {
    if (carriers)
      loop.run([this] { carriers.reset(); });
    loop.stop();
    n.shutdown(5s);
  }
  result<void> start() {
    auto started = net::middleman_carriers::start(loop, n.system());
    if (!started)
      return started.error();
    carriers = std::move(*started);
    return {};
  }

  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n;
  net::net_thread loop;
  std::unique_ptr<net::middleman_carriers> carriers;
};

/// One end of a link: a carrier, and what came out of it.
class carrier_end {
public:
  carrier_end(carrier_node& home, net::link_side side) : home_{home}, side_{side} {}
  ~carrier_end() { cut(); }

  /// On the loop's side: opens the carrier.
  void open() {
    home_.loop.run([this] {
      auto made = home_.carriers->open(
          side_, {[this](result<void> how) { note_opened(std::move(how)); }, [this](bytes e) { note(std::move(e)); }});
      carrier_ = std::move(made.value());
    });
  }
  void cut() {
    home_.loop.run([this] { carrier_.reset(); });
  }
  [[nodiscard]] result<void> wait_opened(std::chrono::milliseconds within = 10s) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, within, [this] { return opened_.has_value(); }))
      return error{errc::timeout, "opened was not called"};
    return *opened_;
  }
  bool wait_received(std::size_t count, std::chrono::milliseconds within = 60s) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, within, [&] { return received_ >= count; });
  }
  void on_received(std::function<void(bytes)> fn) { on_received_ = std::move(fn); }
  [[nodiscard]] net::carrier& get() { return *carrier_; }
  [[nodiscard]] carrier_node& home() { return home_; }
  [[nodiscard]] bool is_open() const { return carrier_ != nullptr; }
  [[nodiscard]] std::size_t received() const {
    std::lock_guard lock{mutex_};
    return received_;
  }

private:
  void note_opened(result<void> how) {
    std::lock_guard lock{mutex_};
    opened_ = std::move(how);
    changed_.notify_all();
  }
  void note(bytes e) {
    if (on_received_)
      on_received_(std::move(e));
    std::lock_guard lock{mutex_};
    ++received_;
    changed_.notify_all();
  }

  carrier_node& home_;
  net::link_side side_;
  std::unique_ptr<net::carrier> carrier_;
  std::function<void(bytes)> on_received_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<result<void>> opened_;
  std::size_t received_ = 0;
};

/// Brings the octets of one carrier to the other, as a link does: checked, one piece at a time. Every piece can be
/// seen.
class relay : public std::enable_shared_from_this<relay> {
public:
  relay(carrier_end& from, carrier_end& to) : from_{from}, to_{to} {}
  void start() {
    from_.home().loop.post([self = shared_from_this()] { self->next(); });
  }
  /// What it saw, for tests that need a recorded stream.
  std::function<void(const bytes&)> on_octets;
  [[nodiscard]] std::string problem() const {
    std::lock_guard lock{mutex_};
    return problem_;
  }
  [[nodiscard]] bool has_ended() const { return has_ended_; }

private:
  void next() {
    if (!from_.is_open())
      return end("cut");
    from_.get().octets().read(64 * 1024, [self = shared_from_this()](result<bytes> got) {
      if (!got || got->empty())
        return self->end(got ? "end" : got.error().message);
      if (self->on_octets)
        self->on_octets(*got);
      self->to_.home().loop.post([self, octets = std::move(*got)]() mutable { self->pass(std::move(octets)); });
    });
  }
  void pass(bytes octets) {
    if (!to_.is_open())
      return end("cut");
    if (auto fine = to_.get().check(octets); !fine)
      return end(fine.error().message);
    to_.get().octets().write(std::move(octets), [self = shared_from_this()](result<void> how) {
      if (!how)
        return self->end(how.error().message);
      self->from_.home().loop.post([self] { self->next(); });
    });
  }
  void end(std::string why) {
    std::lock_guard lock{mutex_};
    problem_ = std::move(why);
    has_ended_ = true;
  }

  carrier_end& from_;
  carrier_end& to_;
  mutable std::mutex mutex_;
  std::string problem_;
  std::atomic<bool> has_ended_{false};
};

/// Two nodes and a link between them.
struct carrier_pair {
  carrier_pair(carrier_node& a, carrier_node& b)
      : dialler{a, net::link_side::dialler}, acceptor{b, net::link_side::acceptor} {}
  void open() {
    dialler.open();
    acceptor.open();
    there = std::make_shared<relay>(dialler, acceptor);
    back = std::make_shared<relay>(acceptor, dialler);
  }
  void start() {
    there->start();
    back->start();
  }
  result<void> link() {
    open();
    start();
    if (auto a = dialler.wait_opened(); !a)
      return a.error().in("dialler (" + there->problem() + ", " + back->problem() + ")");
    if (auto b = acceptor.wait_opened(); !b)
      return b.error().in("acceptor (" + there->problem() + ", " + back->problem() + ")");
    return {};
  }
  void cut() {
    dialler.cut();
    acceptor.cut();
  }

  carrier_end dialler;
  carrier_end acceptor;
  std::shared_ptr<relay> there;
  std::shared_ptr<relay> back;
};

}  // namespace beamline::testing
