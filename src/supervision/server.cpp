#include "supervision/server.hpp"

#include "actors/crash_report.hpp"
#include "base/log.hpp"

#include <utility>

namespace beamline::supervision {

behavior server::init() {
  auto started = begin(on_init());
  is_in_init_ = false;
  return started;
}

behavior server::begin(start_result r) {
  switch (r.what_) {
    case start_result::kind::ok: break;
    case start_result::kind::ignored: return ignore_start();
    case start_result::kind::stopped: report_failed_start(r.why_); return refuse_start(std::move(r.why_));
    case start_result::kind::refused: return refuse_start(std::move(r.why_));
  }
  is_begun_ = true;
  if (r.idle_)
    idle_after(*r.idle_);
  if (r.continues_) {
    confirm_start();
    on_continue();
  }
  return std::move(r.handlers_);
}

void server::report_failed_start(const reason& why) {
  if (!why.is_graceful() && is_crash_report_wanted(env()))
    publish(env(), gather_crash_report(env(), self().id(), why, nullptr, nullptr));
}

void server::terminate(const reason& why) {
  // Of a zombie nobody hears any more.
  if (is_begun_ && !is_ended_by_signal() && !is_fenced())
    on_terminate(why);
}

void server::on_terminate(const reason&) {}

// -- exits -------------------------------------------------------------------------------

void server::trap_exits() {
  process::trap_exits([this](const exit_signal& e) { handle_exit_signal(e); });
}

void server::handle_exit_signal(const exit_signal& e) {
  if (is_from_parent(e))
    stop(e.why);
  else
    on_exit_signal(e);
}

bool server::is_from_parent(const exit_signal& e) const {
  if (e.from == parent())
    return true;
  return !e.from && !env().processes().is_alive(parent().id());
}

void server::on_exit_signal(const exit_signal& e) {
  env().log().warn("supervision", "exit signal dropped",
                   {{"process", to_string(self())},
                    {"kind", readable_name(typeid(*this))},
                    {"from", e.from ? to_string(e.from) : "outside"},
                    {"reason", to_string(e.why)}});
}

// -- idle timeout --------------------------------------------------------------------------

void server::idle_after(duration d) {
  auto now_is = now();
  idle_at_ = d > time_point::max() - now_is ? time_point::max() : now_is + d;
  // The message that is being handled is counted when its handler returns; init is none.
  handled_when_quiet_ = messages_handled() + (is_in_init_ ? 0 : 1);
  arm_idle_timer();
}

void server::arm_idle_timer() {
  if (idle_timer_at_ && *idle_timer_at_ <= *idle_at_)
    return;
  if (idle_timer_at_)
    cancel(idle_timer_);  // It is due after `idle_at_`, so it is not in the mailbox.
  idle_timer_at_ = idle_at_;
  idle_timer_ = run_after(*idle_at_ - now(), [this] { handle_idle_timer(); });
}

void server::handle_idle_timer() {
  idle_timer_at_.reset();
  if (!idle_at_)
    return;
  if (messages_handled() != handled_when_quiet_) {
    idle_at_.reset();
  } else if (now() < *idle_at_) {
    ++handled_when_quiet_;  // This timer.
    arm_idle_timer();
  } else {
    idle_at_.reset();
    on_idle();
  }
}

}  // namespace beamline::supervision
