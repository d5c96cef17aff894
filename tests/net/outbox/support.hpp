#pragma once

#include "net/linked_nodes.hpp"
#include "net/outbox/blog_events.hpp"
#include "net/outbox/server.hpp"
#include "net/rpc/procedure.hpp"
#include "net/rpc/server.hpp"
#include "supervision/supervisor.hpp"
#include "testing/disk/simulated_database.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net::outbox::test {

namespace rpc = beamline::net::rpc;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

/// What a target did, and how it is to behave. It outlives the target's processes, as a database would.
struct ledger {
  std::vector<event> applied;  // In order, each once.
  std::set<uid> ids;
  std::vector<std::size_t> batches;  // How many events each brought.
  std::vector<time_point> at;        // When each came.
  std::size_t duplicates = 0;

  bool is_mute = false;  // Applies, and never answers.
  bool is_deaf = false;  // Neither.
  bool says_retry = false;
  std::size_t answers_max = 10'000;                    // Answers for so many of a batch ...
  std::function<std::string(const event&)> rejects{};  // ... and not for ... : why.
  duration takes{};

  [[nodiscard]] std::vector<std::uint64_t> numbers(std::string_view key = {}) const {
    std::vector<std::uint64_t> out;
    for (const auto& e : applied)
      if (key.empty() || e.key == key)
        out.push_back(e.id.low());
    return out;
  }
};

/// Applies events once, as an accumulator does.
class target final : public process {
public:
  target(process_context& c, ledger& book) : process{c}, book_{book} {}

private:
  behavior init() override {
    cast(rpc::rpc_on(env()),
         rpc::register_procedures{{rpc::served_procedure<handle_buffered_event, event_answers>(self())}, self()});
    return handlers([this](const handle_buffered_event& m) -> deferred {
      auto to = promise<event_answers>();
      book_.batches.push_back(m.events.size());
      book_.at.push_back(now());
      if (book_.is_deaf)
        return kept_.emplace_back(to);
      auto answer = apply(m);
      if (book_.is_mute)
        return kept_.emplace_back(to);
      if (book_.takes > 0ns)
        run_after(book_.takes, [to, answer] { to.set(answer); });
      else
        to.set(answer);
      return to;
    });
  }

  event_answers apply(const handle_buffered_event& m) {
    event_answers out;
    for (const auto& e : m.events) {
      if (out.answers.size() == book_.answers_max)
        break;
      if (book_.says_retry) {
        out.answers.push_back({.id = e.id, .outcome = event_outcome::retry, .why = "later", .answer = {}});
        break;
      }
      if (auto why = book_.rejects ? book_.rejects(e) : std::string{}; !why.empty()) {
        out.answers.push_back({.id = e.id, .outcome = event_outcome::rejected, .why = why, .answer = {}});
      } else if (!book_.ids.insert(e.id).second) {
        ++book_.duplicates;
        out.answers.push_back({.id = e.id, .outcome = event_outcome::duplicate, .why = {}, .answer = "again " + e.key});
      } else {
        book_.applied.push_back(e);
        out.answers.push_back({.id = e.id, .outcome = event_outcome::applied, .why = {}, .answer = "done " + e.key});
      }
    }
    return out;
  }

  ledger& book_;
  std::vector<reply_promise<event_answers>> kept_;
};

struct in_turn {
  std::function<void(process&)> run;
};
/// Runs what the test says in its own turns.
class client final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([this](const in_turn& m) { m.run(*this); });
  }
};

/// Lines in memory.
class listed_recovery final : public recovery {
public:
  void append(std::string lines, std::function<void(result<void>)> done) override {
    if (is_failing)
      return done(error{errc::io, "no space left"});
    text += lines;
    done({});
  }
  std::string text;
  bool is_failing = false;
};

inline outbox_options prompt_options() {
  outbox_options o;
  o.start_delay_max = 0s;
  o.events_per_s = 100'000;
  o.retry_min = 100ms;
  o.retry_max = 1s;
  o.call_time = 1s;
  return o;
}

struct story_options {
  outbox_options outbox = prompt_options();
  bool is_durable = true;
  std::shared_ptr<const class_table> classes = blog_classes();
  std::string prefix{};
  std::vector<std::string> targets{"target_1@sim"};
};

/// A host with an outbox under a supervisor, and a target: on two machines whose link the test makes and cuts.
struct story {
  explicit story(world& the_world, story_options o = {}) : w{the_world}, options{std::move(o)}, net{w, names()} {
    rpc::add_messages(w.contract());
    start_host();
    await_ready();
  }
  ~story() {
    for (const auto& name : names())
      if (auto* n = w.find_node(name))
        w.crash_node(*n);
  }

  simulated_node& start_host() {
    auto& n = w.start_node("host_1@sim");
    net.join(n, "host");
    n.spawn<rpc::server>("host");
    outbox_parts p{
        .classes = options.classes, .target_role = "target", .remote_prefix = options.prefix, .own_role = "host"};
    if (options.is_durable)
      p.store = n.own<testing::simulated_database>(n).share();
    p.recovery = recovery;
    auto child = supervision::child<server>("outbox", p, options.outbox);
    child.name = std::string{outbox_name};
    child.shutdown = supervision::shutdown_policy{5s};
    top = n.spawn<supervision::supervisor>(
        supervision::supervisor_spec{.flags = {.intensity = 1000, .period = 1s}, .children = {child}});
    who = n.spawn<client>();
    w.run();
    return n;
  }
  simulated_node& start_target(const std::string& name = "target_1@sim") {
    auto& n = w.start_node(name);
    net.join(n, "target");
    n.spawn<rpc::server>("target");
    w.run();
    n.spawn<target>(book);
    w.run();
    return n;
  }
  simulated_node& host() { return *w.find_node("host_1@sim"); }
  simulated_node& far(const std::string& name = "target_1@sim") { return *w.find_node(name); }
  void link(const std::string& name = "target_1@sim") { net.connect(host(), far(name)); }
  void cut(const std::string& name = "target_1@sim") { net.cut(host(), far(name)); }
  pid outbox() { return host().get().whereis(std::string{outbox_name}); }

  /// Whoever submits waits for the outcome in what this gives back.
  std::shared_ptr<std::optional<outcome>> submit(event e, bool is_direct = true) {
    auto got = std::make_shared<std::optional<outcome>>();
    host().cast(who, in_turn{[e = std::move(e), is_direct, got](process& p) {
                  auto keep = [got](const outcome& o) {
                    CHECK_FALSE(got->has_value());
                    *got = o;
                  };
                  is_direct ? execute_or_buffer(p, e, keep) : enqueue(p, e, keep);
                }});
    return got;
  }
  /// The outcome; runs the world until it is there.
  outcome await(const std::shared_ptr<std::optional<outcome>>& got) {
    w.expect(
        "an outcome", [&] { return got->has_value(); }, 11s);
    return **got;
  }
  outcome do_submit(event e, bool is_direct = true) { return await(submit(std::move(e), is_direct)); }

  void await_ready() {
    for (int i = 0; i < 2000 && !(outbox() && look().is_ready); ++i)
      w.advance(10ms);
    REQUIRE(outbox());
    REQUIRE(look().is_ready);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    auto all = options.targets;
    all.emplace_back("host_1@sim");
    return all;
  }

  status look() { return w.ask<status>(outbox(), get_status{}); }
  bool is_empty() { return outbox() && look().size == 0; }
  void expect_empty(duration within = 30s) {
    await_ready();
    for (auto end = w.now() + within; w.now() < end && !is_empty();)
      w.advance(50ms);
    CHECK(look().size == 0);
    CHECK_FALSE(look().is_syncing);
  }

  world& w;
  story_options options;
  ledger book;
  std::shared_ptr<listed_recovery> recovery = std::make_shared<listed_recovery>();
  linked_nodes net;
  pid top, who;
};

inline std::string text_of(const outcome& o) {
  if (const auto* a = std::get_if<applied>(&o))
    return "applied: " + a->answer;
  if (const auto* r = std::get_if<refused>(&o))
    return (r->what == refused::cause::invalid ? "invalid: " : "full: ") + r->why;
  return "buffered";
}

inline std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t n = 1; n <= last; ++n)
    out.push_back(n);
  return out;
}

}  // namespace beamline::net::outbox::test
