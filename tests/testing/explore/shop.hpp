#pragma once

#include "testing/explore/scenario.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// A small scenario with planted bugs: on each node a till takes an order every few milliseconds and writes it down.
namespace shop {

using namespace beamline;
using namespace beamline::testing;

struct options {
  bool accepts_before_writing = false;  // A crash in between loses an order.
  bool forgets_to_stop = false;         // Load goes on after the horizon.
  bool has_stubborn = false;            // A process that does not stop when it is told to.
  bool has_hasty_adders = false;        // Two processes read, then write: an update may be lost.
  bool has_clerks = false;              // A manager tells six clerks something at a time ...
  bool lists_by_address = false;        // ... in the order of their addresses.
};

struct accepted {
  static constexpr std::string_view event_name = "shop.accepted";
  std::uint64_t order = 0;
  BEAMLINE_EVENT(order)
};
struct written {
  static constexpr std::string_view event_name = "shop.written";
  std::uint64_t order = 0;
  BEAMLINE_EVENT(order)
};

struct get {
  BEAMLINE_MESSAGE(get, "shop.get", 1)
};
struct put {
  int value = 0;
  BEAMLINE_MESSAGE(put, "shop.put", 1, value)
};

/// What outlives nodes: one per run.
struct books {
  std::map<std::string, std::set<std::uint64_t>> written;  // By node.
  std::set<std::uint64_t> accepted;
  std::uint64_t next = 0;
  bool is_open = true;
  int last_put = 0, puts = 0;
};

class till final : public process {
public:
  till(process_context& c, options o, books& b) : process{c}, options_{o}, books_{b} {}
  behavior init() override {
    run_after(5ms, [this] { take_order(); });
    return handlers();
  }

private:
  void take_order() {
    if (!books_.is_open && !options_.forgets_to_stop)
      return;
    auto order = ++books_.next;
    if (options_.accepts_before_writing) {
      env().events().emit(accepted{order});
      run_after(500us, [this, order] { write(order); });
    } else {
      run_after(500us, [this, order] {
        write(order);
        env().events().emit(accepted{order});
      });
    }
    run_after(5ms, [this] { take_order(); });
  }
  void write(std::uint64_t order) {
    books_.written[env().self()->name].insert(order);
    env().events().emit(written{order});
  }

  options options_;
  books& books_;
};

class stubborn final : public process {
public:
  using process::process;
  behavior init() override {
    trap_exits([](const exit_signal&) {});
    return handlers();
  }
};

class tally final : public process {
public:
  tally(process_context& c, books& b) : process{c}, books_{b} {}
  behavior init() override {
    return handlers([this](const get&) { return books_.last_put; },
                    [this](const put& p) {
                      books_.last_put = p.value;
                      ++books_.puts;
                    });
  }

private:
  books& books_;
};

/// Reads a number and writes it back, plus one.
class adder final : public process {
public:
  adder(process_context& c, pid to) : process{c}, to_{to} {}
  behavior init() override {
    auto wait = duration{1us} * static_cast<std::int64_t>(env().random().below(3000));
    run_after(1ms + wait, [this] {
      call<int>(to_, get{}, 1s).then([this](int n) { cast(to_, put{n + 1}); }, [](const call_error&) {});
    });
    return handlers();
  }

private:
  pid to_;
};

class clerk final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([](const put&) {});
  }
};

class manager final : public process {
public:
  manager(process_context& c, bool lists_by_address) : process{c}, lists_by_address_{lists_by_address} {}
  behavior init() override {
    for (int i = 0; i < 6; ++i)
      clerks_.push_back(std::make_shared<pid>(spawn<clerk>()));
    if (lists_by_address_)
      std::sort(clerks_.begin(), clerks_.end());  // The planted bug.
    tell();
    return handlers();
  }

private:
  void tell() {
    for (const auto& c : clerks_)
      cast(*c, put{1});
    run_after(20ms, [this] { tell(); });
  }

  bool lists_by_address_;
  std::vector<std::shared_ptr<pid>> clerks_;
};

class orders_are_kept final : public checker {
public:
  explicit orders_are_kept(books& b) : checker{"orders are kept"}, books_{b} {}
  void on_start(simulated_node& n) override {
    handles_.push_back(n.events().attach<accepted>([this](const accepted& e) { books_.accepted.insert(e.order); }));
  }
  void at_end(testing::world&) override {
    for (auto order : books_.accepted) {
      bool is_there = false;
      for (const auto& [node, orders] : books_.written)
        is_there = is_there || orders.contains(order);
      if (!is_there)
        fail("order " + std::to_string(order) + " was accepted and is not written anywhere");
    }
    if (books_.puts == 2 && books_.last_put != 2)
      fail("two were added, and the sum is " + std::to_string(books_.last_put));
  }

private:
  books& books_;
  std::vector<telemetry::handle> handles_;
};

class shop_scenario : public scenario {
public:
  explicit shop_scenario(options o = {}) : options_{o} {}

  [[nodiscard]] std::vector<std::string> nodes() const override { return {"a@sim", "b@sim"}; }
  void boot(simulated_node& n) override {
    n.get().spawn_as<till>({.name = "till"}, options_, books_);
    if (options_.has_stubborn)
      n.spawn<stubborn>();
    if (options_.has_clerks || options_.lists_by_address)
      n.spawn<manager>(options_.lists_by_address);
    if (options_.has_hasty_adders && n.name() == "a@sim" && n.on().starts() == 1) {
      auto to = n.spawn<tally>(books_);
      n.spawn<adder>(to);
      n.spawn<adder>(to);
    }
  }
  void add_checkers(cluster& c) override { c.check<orders_are_kept>(books_); }
  void stop_load(cluster&) override { books_.is_open = false; }
  bool is_settled(cluster& c, std::string& why) override {
    why = "orders still come in, the last one is " + std::to_string(books_.next);
    if (seen_ == books_.next)
      return ++quiet_ > 10;
    seen_ = books_.next;
    quiet_ = 0;
    return c.running().empty();
  }

protected:
  options options_;
  books books_;

private:
  std::uint64_t seen_ = 0;
  int quiet_ = 0;
};

inline scenario_factory make(options o = {}) {
  return [o] { return std::make_unique<shop_scenario>(o); };
}

}  // namespace shop
