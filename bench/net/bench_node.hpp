#pragma once

// A node with real links over loopback, for the benchmarks and for their other process.

#include "actors/message_contract.hpp"
#include "actors/node.hpp"
#include "actors/process.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "net/machine/machine_links.hpp"

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace beamline::bench {

struct question {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(question, "bench.question", 1, number)
};
struct note {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(note, "bench.note", 1, number)
};
/// Answered with how many notes have come, once that many have.
struct await_notes {
  std::int64_t until = 0;
  BEAMLINE_MESSAGE(await_notes, "bench.await", 1, until)
};
struct blob {
  bytes octets;
  BEAMLINE_MESSAGE(blob, "bench.blob", 1, octets)
};

inline message_contract bench_contract() {
  message_contract c;
  c.add<question, note, await_notes, blob>();
  return c;
}

/// Answers questions, counts notes.
class echo final : public process {
public:
  using process::process;
  behavior init() override {
    (void)register_as("echo");
    limit_mailbox(10'000'000);
    return handlers([](const question& q) { return q.number; },
                    [this](const note&) {
                      if (++notes_ == until_)
                        answer_->set(notes_);
                    },
                    [this](const await_notes& a) -> deferred {
                      answer_ = promise<std::int64_t>();
                      until_ = a.until;
                      if (notes_ >= until_)
                        answer_->set(notes_);
                      return *answer_;
                    },
                    [](const blob& b) { return static_cast<std::int64_t>(b.octets.size()); });
  }

private:
  std::int64_t notes_ = 0;
  std::int64_t until_ = -1;
  std::optional<reply_promise<std::int64_t>> answer_;
};

class bench_node {
public:
  explicit bench_node(std::string name)
      : home_{node::options{.name = std::move(name), .contract = bench_contract(), .configure = net::load_carriers},
              environment::ports{clock_, random_, *log_, events_, timers_}} {
    net::links_options o;
    o.listen = net::endpoint{"127.0.0.1", 0};
    o.keys.current = {"1", "a cookie for benchmarks, which is long enough"};
    machine_ = net::machine_links::start(home_, {.links = std::move(o)}).value();
    home_.env().use_peers(links());
    links().begin();
  }
  ~bench_node() {
    machine_->close(5s);
    home_.shutdown(5s);
    machine_.reset();
  }

  [[nodiscard]] node& home() noexcept { return home_; }
  [[nodiscard]] net::links& links() noexcept { return *machine_->get(); }
  [[nodiscard]] std::uint16_t port() const { return machine_->get()->listens_at()->port; }
  /// Blocks until that node is linked; its name.
  std::string connect(std::uint16_t port) {
    std::promise<net::connect_outcome> told;
    links().connect({"127.0.0.1", port}, {}, [&](const net::connect_outcome& o) { told.set_value(o); });
    auto o = told.get_future().get();
    if (!o.ok())
      throw std::runtime_error{"the benchmark's nodes do not link: " + o.detail};
    return o.peer;
  }

private:
  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_);
  telemetry events_;
  timer_thread timers_{clock_};
  node home_;
  std::unique_ptr<net::machine_links> machine_;
};

}  // namespace beamline::bench
