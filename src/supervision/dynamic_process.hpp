#pragma once

#include "supervision/board.hpp"
#include "supervision/dynamic_core.hpp"
#include "supervision/nursery.hpp"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace beamline::supervision {

/// A process around a dynamic_core: what dynamic and partition supervisors have in common. Internal to this folder.
///
/// It traps exits: a signal from its parent stops it, others are ignored (S77, S78); so does a stop order (S79). When
/// it is killed or crashes its children get an exit signal with its reason (S17).
class dynamic_process : public process {
public:
  ~dynamic_process() override;

  void terminate(const reason& why) override;

protected:
  explicit dynamic_process(process_context& c);

  /// To be called in `init`, once, before everything else. `s` was checked. Error: its nursery is in use.
  result<void> open(const dynamic_supervisor_spec& s);
  /// Answers of the core, and what happens to its children, for those who do not serve the plain API.
  struct hooks {
    std::function<void(const dynamic_child&)> up{};
    std::function<void(const dynamic_child&)> left{};
  };
  void use(hooks h) { hooks_ = std::move(h); }

  void flags_changed();

  /// The core, with everything from the nursery in it.
  [[nodiscard]] dynamic_core& core();

  void handle_stop_order(const reason& why) override;
  void handle_started(const child_started& m);
  void handle_gone(const child_gone& m);

  /// A number that the core will answer a request with: to a caller, or to a function.
  request_token expect(reply_promise<start_answer> p);
  request_token expect(reply_promise<change_answer> p);
  request_token expect_start(std::function<void(const start_answer&)> fn);
  request_token expect_change(std::function<void(const change_answer&)> fn);
  /// More than may wait do: nothing is to be asked of the core now.
  [[nodiscard]] bool is_busy() const noexcept { return starts_.size() + changes_.size() >= requests_max; }

  [[nodiscard]] pid pid_of(std::uint64_t id) const { return id == 0 ? pid{} : pid{env().self(), id}; }
  [[nodiscard]] child_info info_of(const dynamic_child& c) const;
  [[nodiscard]] zombie_list zombies();
  [[nodiscard]] supervisor_status status();

private:
  class port;
  template <class A>
  using waiting = std::unordered_map<request_token, std::variant<reply_promise<A>, std::function<void(const A&)>>>;

  template <class A>
  static void settle(waiting<A>& all, request_token t, const A& a);
  void stop_all(const reason& why);
  void make_board();
  [[nodiscard]] zombie_info describe(const child_spec& s, std::uint64_t id) const;
  void take_news();

  hooks hooks_;
  std::shared_ptr<nursery_run> births_;
  child_budget own_budget_{0};
  std::shared_ptr<supervisor_board> board_;  // Null when the node has no board_registry.
  std::unique_ptr<port> port_;
  std::optional<dynamic_core> core_;
  waiting<start_answer> starts_;
  waiting<change_answer> changes_;
  request_token last_token_ = 0;
  timer_ref timer_ = 0;
};

}  // namespace beamline::supervision
