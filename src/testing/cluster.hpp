#pragma once

// The fixture for several nodes: a story about machines that start, crash, are cut off and come back.
//
//   TEST_CASE("a session survives a short partition") {
//     for_each_seed(100, [](world& w) {
//       cluster c{w, {"a@sim", "b@sim", "c@sim"}, [](simulated_node& n) { start_my_app(n); }};
//       c.start();
//       c.expect("a sees b", [&] { return sees(c["a@sim"], "b@sim"); }, 1s);
//       c.partition("a@sim", "b@sim");
//       c.advance(200ms);
//       c.heal();
//       c.crash("c@sim");
//       c.start("c@sim");
//       CHECK(c.run_until([&] { return all_linked(c); }));
//     });
//   }

#include "testing/check/checker.hpp"
#include "testing/faults/fault.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// Nodes that run the same program. Names that no machine has throw simulation_error; so do verbs that make no sense at
/// that moment ("b@sim is down"). Not thread-safe: it is the world's one thread.
class cluster {
public:
  /// Starts what runs on a node; called at every start, with nothing spawned yet. What it makes that has to live as
  /// long as the node is handed to `simulated_node::own`.
  using boot_function = std::function<void(simulated_node&)>;

  cluster(testing::world& w, std::vector<std::string> nodes, boot_function boot);
  ~cluster();
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// All that are down.
  void start();
  simulated_node& start(std::string_view name);

  [[nodiscard]] simulated_node& operator[](std::string_view name);
  [[nodiscard]] machine& at(std::string_view name);
  [[nodiscard]] bool is_up(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] std::vector<simulated_node*> running();
  [[nodiscard]] testing::world& world() noexcept { return world_; }

  // -- what can happen to it ------------------------------------------------------

  void crash(std::string_view name);
  void lose_power(std::string_view name);
  /// In order, as SIGTERM does; simulation_error with their names when some had to be killed.
  void stop(std::string_view name, duration budget = 5s);
  void pause(std::string_view name, duration d);
  /// Kills the process that is registered under that name, or so called by its supervisor; false: there is none.
  bool kill(std::string_view node, std::string_view process);
  void partition(std::string_view a, std::string_view b);
  void partition_one_way(std::string_view from, std::string_view to);
  void heal(std::string_view a, std::string_view b);
  /// All cuts, stalls, slow links, full and failing disks, name servers.
  void heal();
  void reset(std::string_view a, std::string_view b);
  void step_clock(std::string_view name, duration d);
  /// Strikes now, whatever its own time; what it takes away comes back after `lasts`, by itself, unless another one
  /// still takes it away.
  void inject(const fault& f);
  /// Ends what is under way: heals, ends pauses, starts every node that is down.
  void recover();

  // -- checking ---------------------------------------------------------------------

  /// Watches from now on; throws at the end of the step in which it is broken.
  template <class C, class... Args>
  C& check(Args&&... args) {
    auto owned = std::make_unique<C>(std::forward<Args>(args)...);
    auto& c = *owned;
    add_checker(std::move(owned));
    return c;
  }
  void add_checker(std::unique_ptr<checker> c);
  /// The first broken invariant; null: all hold.
  [[nodiscard]] const violation* broken() const;
  /// Asks all checkers for their last word; throws simulation_error with the evidence when one is broken.
  void verify();

  // -- time: the world's verbs, which throw simulation_error when a checker is broken --------

  void run();
  void advance(duration d);
  bool run_until(const std::function<bool()>& condition, duration within = 60s);
  /// As `run_until`; throws simulation_error when it does not come true. `what` is what was expected, in words.
  void expect(std::string_view what, const std::function<bool()>& condition, duration within = 5s);

private:
  struct lasting {
    std::uint64_t id;
    fault what;
    time_point until;
  };

  void require_all_hold() const;
  void last(const fault& f);
  void begin(const lasting& l);
  void end(std::uint64_t id);
  void restart_later(const std::string& name, duration after);

  testing::world& world_;
  std::vector<std::string> names_;
  boot_function boot_;
  checkers checkers_;
  std::vector<lasting> under_way_;  // Injected; those that end by themselves and may overlap.
  std::uint64_t struck_ = 0;
  std::shared_ptr<void> life_ = std::make_shared<char>();  // What the world is to do later ends with it.
};

}  // namespace beamline::testing
