// Two nodes on real threads whose link comes and goes while their processes talk.

#include "actors/real_node.hpp"
#include "actors/remote_pair.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace beamline;
using namespace beamline::subjects;

namespace {

/// One direction of a link: what `from` signals is received by `to`, by a thread of its own.
class pump final : public peers {
public:
  pump(node& from, node& to) : from_{*from.identity()}, to_{to}, thread_{[this] { run(); }} {}
  ~pump() override {
    push({what::stop, {}});
    thread_.join();
  }

  void up() { push({what::up, {}}); }
  void down() { push({what::down, {}}); }
  /// How often it has gone down.
  [[nodiscard]] int downs() const { return downs_; }
  result<void> signal(const node_identity&, std::uint64_t, bytes encoded) override {
    if (waiting_ > 200)
      return error{errc::busy, "full"};
    ++waiting_;
    push({what::message, std::move(encoded)});
    return {};
  }
  result<void> send(std::string_view, lane, std::string_view, bytes) override { return {}; }
  void register_service(std::string, pid) override {}
  std::vector<peer_info> subscribe_with_snapshot(pid, node_kinds) override { return {}; }
  std::size_t unsubscribe(const pid&, node_kinds) override { return 0; }
  std::vector<peer_info> list(node_kinds) const override { return {}; }

private:
  enum class what { up, down, message, stop };
  struct item {
    what kind;
    bytes encoded;
  };

  void push(item i) {
    std::lock_guard lock{mutex_};
    queue_.push_back(std::move(i));
    filled_.notify_one();
  }
  void run() {
    for (;;) {
      std::unique_lock lock{mutex_};
      filled_.wait(lock, [this] { return !queue_.empty(); });
      auto next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      auto& remote = to_.env().remote();
      switch (next.kind) {
        case what::up: remote.linked(from_, {}); break;
        case what::down:
          remote.unlinked(from_);
          ++downs_;
          break;
        case what::message:
          --waiting_;
          (void)remote.receive(from_, next.encoded);
          break;
        case what::stop: remote.unlinked(from_); return;
      }
    }
  }

  node_identity from_;
  node& to_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<item> queue_;
  std::atomic<int> waiting_{0}, downs_{0};
  std::thread thread_;
};

constexpr int questions = 2000;

struct totals {
  std::atomic<int> begun{0}, ended{0}, answered{0}, watched{0}, told{0}, done{0};
};

/// Asks one question after the other, several at a time, and watches nobody along with each.
class asker final : public process {
public:
  asker(process_context& c, pid to, totals& t) : process{c}, to_{std::move(to)}, totals_{t} {}
  behavior init() override {
    for (int i = 0; i < 8; ++i)
      ask();
    return handlers([](const note&) {});
  }

private:
  void ask() {
    if (asked_ == questions)
      return;
    auto n = ++asked_;
    ++totals_.begun;
    ++totals_.watched;
    watch(pid{to_.node_ptr(), std::uint64_t{77}}, [this](const reason&) { ++totals_.told; });
    auto held = watch(to_, [](const reason&) {});
    auto count_it = [this, held] {
      unwatch(held);
      ++totals_.ended;
      if (++ended_ == questions)
        ++totals_.done;
      else
        ask();
    };
    cast(to_, note{n});
    call<std::int64_t>(to_, question{n}, n % 5 == 0 ? 1ms : 20s)
        .then(
            [this, n, count_it](std::int64_t got) {
              totals_.answered += got == n + 1 ? 1 : 0;
              count_it();
            },
            [count_it](const call_error&) { count_it(); });
  }

  pid to_;
  totals& totals_;
  int asked_ = 0, ended_ = 0;
};

class answerer final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([](const note&) {}, [](const question& q) { return q.number + 1; });
  }
};

}  // namespace

TEST_CASE("calls and watches over a link that comes and goes end once each, and nothing is left") {
  message_contract c;
  c.add<note, question>();
  real_node a{{.name = "a@127.0.0.1", .contract = c}}, b{{.name = "b@127.0.0.1", .contract = c}};
  totals t;
  {
    pump to_b{a.n, b.n}, to_a{b.n, a.n};
    a.n.env().use_peers(to_b);
    b.n.env().use_peers(to_a);
    to_b.up();  // Who is asked first: what comes before its link is up is lost.
    to_a.up();
    auto callee = b.n.spawn<answerer>();
    for (int i = 0; i < 4; ++i)
      a.n.spawn<asker>(callee, t);
    for (int flap = 0; flap < 40; ++flap) {
      auto seen = t.ended.load();
      REQUIRE(a.wait_until([&] { return t.ended > seen + 50 || t.done == 4; }));
      to_a.down();
      to_b.down();
      // As with a real one, what was said over a link is not heard over the next.
      REQUIRE(a.wait_until([&] { return to_a.downs() > flap && to_b.downs() > flap; }));
      to_b.up();
      to_a.up();
    }
    REQUIRE(a.wait_until([&] { return t.done == 4; }));
    CHECK(t.ended == 4 * questions);
    CHECK(t.answered > 0);
    auto is_quiet = [&] {
      auto of_a = a.n.env().remote().count(), of_b = b.n.env().remote().count();
      return of_a.waits + of_a.backlog + of_b.served + of_b.backlog == 0;
    };
    CHECK(a.wait_until([&] { return t.told == t.watched; }));
    CHECK(a.wait_until(is_quiet));
    CHECK(a.n.shutdown(10s).is_clean());
    CHECK(b.n.shutdown(10s).is_clean());
  }
  CHECK(t.told == t.watched);
}
