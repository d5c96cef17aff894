#pragma once

#include "actors/names.hpp"
#include "supervision/board.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/supervisor_core.hpp"

#include <unordered_map>

namespace beamline::supervision {

/// The hands of a supervisor: turns what its core wants into spawns, signals, timers and replies, and messages into
/// calls of the core. Decides nothing.
class supervisor::impl final : public supervisor_port {
public:
  impl(supervisor& owner, init_function decide) : owner_{owner}, decide_{std::move(decide)}, core_{*this} {}

  behavior init();
  void terminate();
  void stop(const reason& why) { core_.stop(why, owner_.now()); }

  // -- supervisor_port -------------------------------------------------------------------

  spawn_outcome spawn(const spawn_order& o) override;
  void signal(const pid& who, const reason& why) override { owner_.exit(who, why); }
  bool fence(const pid& who) override;
  [[nodiscard]] std::optional<child_facts> facts(const pid& who) const override;

  void arm(std::uint64_t key, duration d) override;
  void disarm(std::uint64_t key) override;
  void post_retry(std::uint64_t key) override;
  [[nodiscard]] random_source& random() override { return owner_.env().random(); }

  void reply(std::uint64_t token, const start_answer& a) override;
  void reply(std::uint64_t token, const change_answer& a) override;
  [[nodiscard]] bool wants_report(report::kind what, bool is_api_start) const override {
    return is_wanted(owner_.env(), what, is_api_start);
  }
  void report(supervision::report r) override;

  void slot_changed(const slot& s) override;
  void slot_moved(std::uint64_t old_position, const slot& s) override;
  void slot_removed(const slot& s) override { board_->drop(s.position); }
  void declare_name(const child_spec& s) override { owner_.env().processes().names().declare(s.name, s.park_max); }
  void withdraw_name(const child_spec& s) override { owner_.env().processes().names().withdraw(s.name); }
  void flags_changed(const supervisor_flags& f) override { board_->set_flags(f); }
  void restart_counted(time_point now) override { board_->note_restart(now); }
  void zombie_added(std::uint64_t ref, const zombie_info& z, time_point since) override {
    board_->add_zombie(ref, z, since);
  }
  void zombie_removed(std::uint64_t ref) override { board_->remove_zombie(ref); }

  void started() override { owner_.confirm_start(); }
  void ending() override { board_->note_stopping(); }
  void end(const reason& why) override;
  void abort(const std::string& why) override;

private:
  template <class Answer>
  caf::response_promise take(supervisor_core::any_request r);
  [[nodiscard]] behavior make_handlers();
  void make_board();
  [[nodiscard]] spawn_outcome judge(start_outcome outcome, const starter& by, std::uint64_t ref);

  supervisor& owner_;
  init_function decide_;
  supervisor_core core_;
  std::string label_;
  std::shared_ptr<supervisor_board> board_;
  std::unordered_map<std::uint64_t, timer_ref> timers_;
  std::unordered_map<std::uint64_t, reply_promise<start_answer>> starts_;
  std::unordered_map<std::uint64_t, reply_promise<change_answer>> changes_;
  std::uint64_t last_token_ = 0;
  bool is_in_init_ = false;
  std::optional<reason> ended_;
};

}  // namespace beamline::supervision
