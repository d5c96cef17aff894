#include "base/planted.hpp"
#include "supervision/supervisor_core.hpp"

// Starting one child (S31-S37, S54, S85).

namespace beamline::supervision {

void supervisor_core::begin_start(slot& s, time_point now) {
  if (s.has_process())
    return;  // It came back by itself: not while an operation runs, but cheap to be sure.
  cancel_retry(s);
  ++s.incarnation;
  s.since = now;
  auto ref = next_key();
  wait_ = {.what = waiting::stage::starting, .position = s.position, .ref = ref, .begun = now};
  slots_.set_ref(s, ref);
  auto outcome = port_.spawn({ref, s});
  if (auto* one = std::get_if<supervisor_port::spawned>(&outcome)) {
    s.who = one->who;
    s.is_foreign = one->is_foreign;
    set_state(s, slot_state::starting);
    if (one->is_foreign)
      start_done(s, {}, now);
    else if (s.spec.start_timeout != duration::max())
      start_timer(s.spec.start_timeout);
  } else if (std::holds_alternative<start_ignored>(outcome)) {
    was_ignored(s, now);
  } else if (auto* taken = std::get_if<supervisor_port::name_conflict>(&outcome)) {
    start_failed(s,
                 {.what = child_error::kind::already_started,
                  .detail = "the name \"" + s.spec.name + "\" is taken by",
                  .who = taken->owner,
                  .why = reason::custom("already_started " + to_string(taken->owner))},
                 now);
  } else {
    start_failed(s, {.what = child_error::kind::start_failed, .why = std::get<reason>(std::move(outcome))}, now);
  }
}

void supervisor_core::start_done(slot& s, const std::any& info, time_point now) {
  stop_timer();
  tell(s, report::kind::progress, reason::normal(), now);
  wait_ = {};
  s.since = now;
  set_state(s, slot_state::running);
  if (s.is_added && s.spec.restart == restart_type::temporary)
    s.spec.start = nullptr;  // It is never called again, and may hold much (S28).
  op_->result = {s.who, info};
}

void supervisor_core::was_ignored(slot& s, time_point) {
  stop_timer();
  wait_ = {};
  lose_process(s);
  clear_slot(s);
  op_->result = {};
}

void supervisor_core::start_failed(slot& s, child_error e, time_point now) {
  stop_timer();
  auto is_listed = op_->what == operation::kind::start_list;
  if (is_listed || op_->what == operation::kind::restart)
    tell(s, report::kind::start_error, e.why, now);
  wait_ = {};
  lose_process(s);
  switch (op_->what) {
    case operation::kind::start_list: {  // S32
      auto why = reason::shutdown("failed to start child \"" + s.spec.id + "\": " + to_string(e.why));
      set_state(s, slot_state::stopped);
      begin_end(why, now);
      break;
    }
    case operation::kind::add:
      answer_operation(e);
      remove_slot(s);
      op_.reset();
      break;
    case operation::kind::start_again:
      answer_operation(e);
      clear_slot(s);
      op_.reset();
      break;
    default:  // What would have come after it stays down until the retry (S68, S69), even who started all this.
      for (auto i = op_->next_start; i < op_->to_start.size(); ++i)
        if (auto* later = slots_.at(op_->to_start[i]); later != nullptr && later->state == slot_state::restarting)
          set_state(*later, slot_state::stopped);
      op_.reset();
      if (!planted::is_on(planted::bug::lost_retry))
        schedule_retry(s);
      break;
  }
  if (has_too_many_zombies_ && phase_ != phase::ending)
    begin_end(reason::shutdown(), now);
}

}  // namespace beamline::supervision
