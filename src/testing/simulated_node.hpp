#pragma once

#include "testing/world.hpp"

#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace beamline::net {
class byte_network;
class resolver;
}  // namespace beamline::net

namespace beamline::testing {

/// One node of a world: the production `node` over simulated ports, for one run of its machine.
class simulated_node final : public mail_hook {
public:
  simulated_node(testing::world& w, machine& on, std::uint64_t incarnation);
  ~simulated_node() override;

  template <class P, class... Args>
  pid spawn(Args&&... args) {
    return node_->spawn<P>(std::forward<Args>(args)...);
  }
  template <class M>
  void cast(const pid& to, M&& m) {
    node_->cast(to, std::forward<M>(m));
  }
  void exit(const pid& who, const reason& why) { node_->exit(who, why); }
  void kill(const pid& who) { node_->exit(who, reason::kill()); }
  [[nodiscard]] bool is_alive(const pid& p) {
    return node_->processes().find(node_->processes().resolve(p)) != nullptr;
  }

  [[nodiscard]] beamline::node& get() noexcept { return *node_; }
  [[nodiscard]] environment& env() noexcept { return node_->env(); }
  [[nodiscard]] telemetry& events() noexcept { return telemetry_; }
  [[nodiscard]] process_table& processes() noexcept { return node_->processes(); }
  [[nodiscard]] const std::string& name() const noexcept { return machine_.name(); }
  [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }

  // -- what it stands on ---------------------------------------------------------------

  [[nodiscard]] testing::world& world() noexcept { return world_; }
  [[nodiscard]] machine& on() noexcept { return machine_; }
  [[nodiscard]] simulated_disk& disk() noexcept { return machine_.disk(); }
  [[nodiscard]] net::byte_network& network();
  [[nodiscard]] net::resolver& resolver();
  /// Not before then does it do anything.
  [[nodiscard]] time_point paused_until() const noexcept { return paused_until_; }

  /// Makes something that lives as long as this run of the node: it goes after the processes, last made first.
  template <class T, class... Args>
  T& own(Args&&... args) {
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    owned_.push_back(made);
    return *made;
  }

  /// As if the program called `exit`: after this step the node is gone as by a crash. A cluster starts it again. For a
  /// boot function whose root supervisor gave up.
  void quit_program();
  void on_quit(std::function<void()> handler) { on_quit_ = std::move(handler); }

  /// True while a handler of the actor with that CAF id is suspended between two sends.
  [[nodiscard]] bool is_held(std::uint64_t actor) const {
    return (!held_.empty() && held_.contains(actor)) || (!blocked_.empty() && blocked_.contains(actor));
  }

  bool hold(process& to, caf::mailbox_element_ptr& m) override { return world_.hold(to, m); }
  void after_sends(const process& from, std::function<void()> tell) override {
    world_.after_sends(*this, from, std::move(tell));
  }
  [[nodiscard]] bool is_busy(const process& p) override { return world_.is_blocked(p); }

private:
  friend class testing::world;

  class node_clock final : public clock {
  public:
    node_clock(const testing::world& w, const machine& m) : world_{w}, machine_{m} {}
    [[nodiscard]] time_point now() const override { return world_.now(); }
    [[nodiscard]] wall_time wall_now() const override { return machine_.wall_now(); }

  private:
    const testing::world& world_;
    const machine& machine_;
  };

  class node_timers final : public timers {
  public:
    node_timers(testing::world& w, std::uint64_t incarnation) : world_{w}, incarnation_{incarnation} {}
    timer_id arm(time_point at, std::function<void()> fire) override {
      return world_.at(at, std::move(fire), incarnation_);
    }
    void cancel(timer_id id) override { world_.forget(id); }

  private:
    testing::world& world_;
    std::uint64_t incarnation_;
  };

  // Of one handler of this node. The receivers may be on any, and may end meanwhile.
  struct held_send {
    caf::weak_actor_ptr to;
    caf::mailbox_element_ptr message;
    std::function<void()> last_word;  // Instead of a message: of a process that is gone.
    timer_id due{};
  };
  struct held_sends {
    caf::weak_actor_ptr sender;
    std::deque<held_send> queue;
    time_point last{};
  };

  testing::world& world_;
  machine& machine_;
  std::uint64_t incarnation_;  // Which start of any node of the world this is.
  time_point paused_until_{};
  node_clock clock_;
  node_timers timers_;
  seeded_random random_;
  telemetry telemetry_;
  std::unique_ptr<logger> log_;
  coordinator* coordinator_ = nullptr;  // Owned by the actor system.
  std::map<std::uint64_t, held_sends> held_;
  std::map<std::uint64_t, time_point> blocked_;  // Actors in a handler that takes until then.
  std::function<void()> on_quit_;
  telemetry::handle events_handle_;  // For observers of the world.
  std::vector<std::shared_ptr<void>> owned_;
  std::unique_ptr<beamline::node> node_;
};

}  // namespace beamline::testing
