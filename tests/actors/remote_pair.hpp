#pragma once

// Two nodes of a world whose remote_processes talk to each other directly, over a wire that a test controls.

#include "actors/message_contract.hpp"
#include "actors/remote_events.hpp"
#include "actors/remote_processes.hpp"
#include "actors/subjects.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::subjects {

struct note {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(note, "test.note", 1, number)
};
/// Answered with the number after it.
struct question {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(question, "test.question", 1, number)
};
/// Answered when the callee is told to, by `answer_now`.
struct riddle {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(riddle, "test.riddle", 1, number)
};
/// Its handler throws.
struct poison {
  std::string why;
  BEAMLINE_MESSAGE(poison, "test.poison", 1, why)
};
/// The answer is a `secret`.
struct indiscretion {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(indiscretion, "test.indiscretion", 1, number)
};
/// In no contract.
struct secret {
  std::int64_t number = 0;
};

/// A subject that takes messages of other nodes.
class talker final : public subject {
public:
  using subject::subject;

  behavior init() override {
    auto own = subject::init();
    return handlers([this](const perform& p) { p.what(*this); },
                    [this](const note& m) { seen.push_back(static_cast<long>(m.number)); },
                    [this](const question& m) {
                      ++asked;
                      who_asked = caller();
                      return m.number + 1;
                    },
                    [this](const riddle& m) -> deferred {
                      auto p = promise<std::int64_t>();
                      riddles.emplace_back(m.number, p);
                      return p;
                    },
                    [](const poison& m) -> std::int64_t { throw std::runtime_error{m.why}; },
                    [](const indiscretion& m) { return secret{m.number}; });
  }

  int asked = 0;
  std::optional<pid> who_asked;
  std::vector<std::pair<std::int64_t, reply_promise<std::int64_t>>> riddles;
};

/// One node's view of the wire. Each flow keeps its order; two flows may overtake each other.
class wire_end final : public peers {
public:
  wire_end(testing::world& w, testing::simulated_node& here) : world_{w}, node_{here}, chance_{w.derive_seed(7)} {}

  void join(wire_end& other) { other_ = &other; }
  [[nodiscard]] node_identity identity() const { return *node_.get().identity(); }
  [[nodiscard]] const node_identity* peer() const { return peer_ ? &*peer_ : nullptr; }

  void up(std::vector<std::string> disabled = {}) {
    ++connection_;
    peer_ = other_->identity();
    node_.env().remote().linked(*peer_, std::move(disabled));
  }
  void down() {
    ++connection_;
    if (auto gone = std::exchange(peer_, std::nullopt))
      node_.env().remote().unlinked(*gone);
  }

  /// Its node is gone.
  void forget() {
    ++connection_;
    peer_.reset();
  }

  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override {
    if (!peer_ || peer_->name != to.name)
      return error{errc::unavailable, to.name + " is not linked"};
    if (to.incarnation != 0 && to.incarnation != peer_->incarnation)
      return error{errc::not_found, "another run is linked"};
    if (encoded.size() > octets_max)
      return error{errc::too_large, "too large for the wire of this test"};
    if (on_the_way >= room) {
      ++refused;
      return error{errc::busy, "the wire is full"};
    }
    ++sent;
    if (is_deaf)
      return {};
    ++on_the_way;
    log.push_back(encoded);
    auto& last = last_of_[flow];
    last = std::max(last, world_.now() + delay_min + duration{static_cast<duration::rep>(chance_.below(jitter))});
    world_.at(last, [this, of = other_->connection_, m = std::move(encoded)] {
      --on_the_way;
      if (other_->peer_ && of == other_->connection_)
        last_error = other_->take(m);
    });
    return {};
  }
  /// As if it had come over the wire.
  result<void> take(std::string_view encoded) { return node_.env().remote().receive(*peer_, encoded); }

  result<void> send(std::string_view, lane, std::string_view, bytes) override { return {}; }
  void register_service(std::string, pid) override {}
  std::vector<peer_info> subscribe_with_snapshot(pid, node_kinds) override { return {}; }
  std::size_t unsubscribe(const pid&, node_kinds) override { return 0; }
  std::vector<peer_info> list(node_kinds) const override { return {}; }

  duration delay_min = 1ms;
  std::uint64_t jitter = 500'000;                              // Nanoseconds beyond that.
  std::size_t room = std::numeric_limits<std::size_t>::max();  // Signals on the way; one more is `busy`.
  std::size_t octets_max = 1U << 20;
  bool is_deaf = false;  // Takes everything and passes on nothing.
  std::size_t on_the_way = 0, sent = 0, refused = 0;
  std::vector<bytes> log;
  result<void> last_error{};

private:
  testing::world& world_;
  testing::simulated_node& node_;
  seeded_random chance_;
  wire_end* other_ = nullptr;
  std::optional<node_identity> peer_;
  std::uint64_t connection_ = 0;
  std::map<std::uint64_t, time_point> last_of_;
};

/// a@sim and b@sim, linked.
struct remote_pair {
  explicit remote_pair(testing::world& the_world, bool is_linked = true) : w{the_world} {
    w.contract().add<note, question, riddle, poison, indiscretion>();
    start_a();
    start_b();
    if (is_linked)
      link();
  }

  ~remote_pair() { cut(); }  // The nodes outlive the wire.
  remote_pair(const remote_pair&) = delete;
  remote_pair& operator=(const remote_pair&) = delete;

  void start_a() { a = &w.start_node("a@sim"), join(); }
  void start_b() { b = &w.start_node("b@sim"), join(); }
  void link() {
    at_a->up();
    at_b->up();
  }
  void cut() {
    at_a->down();
    at_b->down();
  }
  /// b@sim ends and starts anew; linked again.
  void restart_b() {
    at_b->forget();
    w.crash_node(*b);
    at_a->down();
    start_b();
    link();
  }
  /// A talker that is registered, too.
  pid spawn(testing::simulated_node& n, const std::string& name = {}) {
    auto p = n.spawn<talker>();
    in(w, n, p, [&](subject& self) {
      if (!name.empty() && !self.register_as(name))
        throw std::logic_error{name + " is taken"};
    });
    return p;
  }
  template <class F>
  void at(testing::simulated_node& n, const pid& p, F fn) {
    in(w, n, p, [fn](subject& self) { fn(static_cast<talker&>(self)); });
  }
  [[nodiscard]] bool is_quiet() const {
    auto of_a = a->env().remote().count(), of_b = b->env().remote().count();
    return of_a.waits + of_a.served + of_a.backlog + of_b.waits + of_b.served + of_b.backlog == 0;
  }

  testing::world& w;
  testing::simulated_node* a = nullptr;
  testing::simulated_node* b = nullptr;
  std::unique_ptr<wire_end> at_a, at_b;

private:
  void join() {
    if (a != nullptr && at_a == nullptr)
      at_a = std::make_unique<wire_end>(w, *a);
    if (b == nullptr)
      return a->env().use_peers(*at_a);
    old_.push_back(std::move(at_b));  // Something may be on its way from it.
    at_b = std::make_unique<wire_end>(w, *b);
    at_b->join(*at_a);
    at_a->join(*at_b);
    b->env().use_peers(*at_b);
  }

  std::vector<std::unique_ptr<wire_end>> old_;
};

/// The only outcome of a call, in words: "ok 4", "busy", "crashed: ...".
struct outcome_log {
  std::vector<std::string> all;

  template <class R = std::int64_t>
  void call(subject& from, const pid& to, auto message, duration within = 5s) {
    from.call<R>(to, std::move(message), within)
        .then([this](const R& n) { all.push_back("ok " + std::to_string(n)); },
              [this](const call_error& e) { all.push_back(to_string(e)); });
  }
};

}  // namespace beamline::subjects
