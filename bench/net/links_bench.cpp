// Between two processes over loopback: our links beside CAF's own. Each figure is of one run of both.

#include "net/links_bench.hpp"

#include "net/bench_node.hpp"
#include "net/plain_caf.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char** environ;  // NOLINT: POSIX gives it no header of its own.

namespace beamline::bench {

namespace {

using seconds = std::chrono::duration<double>;

/// The other process, for as long as this lives.
class peer_process {
public:
  peer_process() {
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0)
      throw std::runtime_error{"no pipes"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    std::string program = BENCH_NET_PEER;
    char* arguments[] = {program.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ) != 0)
      throw std::runtime_error{"cannot start " + program};
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    auto* ports = ::fdopen(out[0], "r");
    if (std::fscanf(ports, "%hu %hu", &links_port, &plain_port) != 2)
      throw std::runtime_error{program + " did not say its ports"};
    std::fclose(ports);
  }
  ~peer_process() {
    ::close(in_);
    ::waitpid(pid_, nullptr, 0);
  }
  peer_process(const peer_process&) = delete;
  peer_process& operator=(const peer_process&) = delete;

  std::uint16_t links_port = 0, plain_port = 0;

private:
  ::pid_t pid_ = 0;
  int in_ = -1;
};

/// Both processes and both ways between them; made with the first benchmark.
struct setup {
  peer_process peer;
  bench_node here{"bench@127.0.0.1"};
  std::string far = here.connect(peer.links_port);
  pid echo{std::make_shared<const node_identity>(node_identity{far, 0}), std::string{"echo"}};
  plain_node plain;
  caf::actor plain_echo = plain.remote(peer.plain_port);
};

std::unique_ptr<setup> the_setup;

setup& both() {
  if (!the_setup)
    the_setup = std::make_unique<setup>();
  return *the_setup;
}

// -- calls, one after another per caller -------------------------------------------------------------

class caller final : public process {
public:
  caller(process_context& c, pid to, int calls, std::function<void()> finished)
      : process{c}, to_{std::move(to)}, left_{calls}, finished_{std::move(finished)} {}
  behavior init() override {
    next();
    return handlers();
  }

private:
  void next() {
    if (left_-- == 0) {
      finished_();
      return stop();
    }
    call<std::int64_t>(to_, question{left_}, 30s)
        .then([this](std::int64_t) { next(); },
              [this](const call_error&) {
                finished_();
                stop();
              });
  }
  pid to_;
  int left_;
  std::function<void()> finished_;
};

class plain_caller : public caf::event_based_actor {
public:
  plain_caller(caf::actor_config& c, caf::actor to, int calls, std::function<void()> finished)
      : caf::event_based_actor{c}, to_{std::move(to)}, left_{calls}, finished_{std::move(finished)} {}
  caf::behavior make_behavior() override {
    next();
    return {[](char) {}};
  }

private:
  void next() {
    if (left_-- == 0) {
      finished_();
      return quit();
    }
    request(to_, std::chrono::seconds{30}, plain_question{left_}).then([this](std::int64_t) { next(); });
  }
  caf::actor to_;
  int left_;
  std::function<void()> finished_;
};

/// Runs `start(finished)` that many times and waits until all have finished.
template <class F>
double time_of(int how_many, F start) {
  std::promise<void> all;
  std::atomic<int> left{how_many};
  auto finished = [&] {
    if (--left == 0)
      all.set_value();
  };
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < how_many; ++i)
    start(finished);
  all.get_future().wait();
  return seconds{std::chrono::steady_clock::now() - begin}.count();
}

constexpr int calls_in_all = 20'000;
constexpr double calls_per_second_min = 60'000;  // With 64 callers.
constexpr double calls_ratio_min = 0.6, many_calls_ratio_min = 0.8;

void call_links(benchmark::State& state) {
  auto& s = both();
  auto callers = static_cast<int>(state.range(0));
  for (auto _ : state)
    state.SetIterationTime(time_of(callers, [&](const std::function<void()>& finished) {
      s.here.home().spawn<caller>(s.echo, calls_in_all / callers, finished);
    }));
  state.SetItemsProcessed(state.iterations() * calls_in_all);
  state.counters["ratio_at_least"] = callers == 1 ? calls_ratio_min : many_calls_ratio_min;
  if (callers > 1)
    state.counters["items_per_second_at_least"] = calls_per_second_min;
}
BENCHMARK(call_links)->Arg(1)->Arg(64)->UseManualTime()->Unit(benchmark::kMillisecond);

void call_plain_caf(benchmark::State& state) {
  auto& s = both();
  auto callers = static_cast<int>(state.range(0));
  for (auto _ : state)
    state.SetIterationTime(time_of(callers, [&](const std::function<void()>& finished) {
      s.plain.system().spawn<plain_caller>(s.plain_echo, calls_in_all / callers, finished);
    }));
  state.SetItemsProcessed(state.iterations() * calls_in_all);
}
BENCHMARK(call_plain_caf)->Arg(1)->Arg(64)->UseManualTime()->Unit(benchmark::kMillisecond);

// -- small messages, one way ---------------------------------------------------------------------------

constexpr std::int64_t notes_at_once = 200'000;
constexpr double notes_per_second_min = 300'000;
constexpr double notes_ratio_min = 1.5;

/// Sends its notes in turns, as a process does that also has other things to do.
class sender final : public process {
public:
  struct go_on {};
  sender(process_context& c, pid to, std::int64_t notes) : process{c}, to_{std::move(to)}, left_{notes} {}
  behavior init() override {
    cast(self(), go_on{});
    return handlers([this](const go_on&) {
      for (int i = 0; i < 100 && left_ > 0; ++i)
        cast(to_, note{left_--});
      if (left_ > 0)
        cast(self(), go_on{});
      else
        stop();
    });
  }

private:
  pid to_;
  std::int64_t left_;
};

void send_links(benchmark::State& state) {
  auto& s = both();
  static std::int64_t sent = 0;
  for (auto _ : state) {
    sent += notes_at_once;
    auto begin = std::chrono::steady_clock::now();
    s.here.home().spawn<sender>(s.echo, notes_at_once);
    auto came = s.here.home().call_sync<std::int64_t>(s.echo, await_notes{sent}, 60s);
    state.SetIterationTime(seconds{std::chrono::steady_clock::now() - begin}.count());
    if (came.index() != 0)
      return state.SkipWithError("notes were lost: the lane was full");
  }
  state.SetItemsProcessed(state.iterations() * notes_at_once);
  state.counters["items_per_second_at_least"] = notes_per_second_min;
  state.counters["ratio_at_least"] = notes_ratio_min;
}
BENCHMARK(send_links)->UseManualTime()->Unit(benchmark::kMillisecond);

void send_plain_caf(benchmark::State& state) {
  auto& s = both();
  static std::int64_t sent = 0;
  for (auto _ : state) {
    sent += notes_at_once;
    auto begin = std::chrono::steady_clock::now();
    s.plain.system().spawn([to = s.plain_echo](caf::event_based_actor* self) {
      for (std::int64_t i = 0; i < notes_at_once; ++i)
        self->send(to, plain_note{i});
    });
    caf::scoped_actor waiter{s.plain.system()};
    waiter->request(s.plain_echo, std::chrono::seconds{60}, plain_await{sent})
        .receive([](std::int64_t) {}, [&](caf::error&) { state.SkipWithError("no answer"); });
    state.SetIterationTime(seconds{std::chrono::steady_clock::now() - begin}.count());
  }
  state.SetItemsProcessed(state.iterations() * notes_at_once);
}
BENCHMARK(send_plain_caf)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace

void end_links() { the_setup.reset(); }

}  // namespace beamline::bench
