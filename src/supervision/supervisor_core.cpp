#include "supervision/supervisor_core.hpp"

namespace beamline::supervision {

// -- inputs ----------------------------------------------------------------------------

void supervisor_core::start(supervisor_spec spec, time_point now) {
  flags_ = spec.flags;
  window_.use({.restarts_max = flags_.intensity, .period = flags_.period});
  port_.flags_changed(flags_);
  operation op{.what = operation::kind::start_list};
  op.to_start.reserve(spec.children.size());
  for (auto& c : spec.children)
    op.to_start.push_back(add_slot(std::move(c), false, now).position);
  begin(std::move(op));
  work(now);
}

void supervisor_core::handle_request(any_request r, std::uint64_t token, const pid& caller, time_point now) {
  if (phase_ >= phase::ending)
    return refuse(r, token, {.what = child_error::kind::stopping});
  if (wait_.what == waiting::stage::starting && caller) {
    auto* s = slots_.at(wait_.position);
    if (s != nullptr && s->who == caller)  // It waits for us, and we for it (S38).
      return refuse(
          r, token,
          {.what = child_error::kind::would_deadlock,
           .detail = "\"" + s->spec.id + "\" is being started and asks its own supervisor; ask once it runs"});
  }
  if (requests_waiting_ >= requests_max)
    return refuse(r, token,
                  {.what = child_error::kind::busy, .detail = std::to_string(requests_max) + " changes wait already"});
  ++requests_waiting_;
  queue_.emplace_back(std::make_unique<queued_request>(queued_request{std::move(r), token}));
  work(now);
}

void supervisor_core::handle_started(std::uint64_t ref, const std::any& info, time_point now) {
  if (wait_.what != waiting::stage::starting || wait_.ref != ref)
    return;  // It is being stopped, or has been left behind.
  start_done(*slots_.at(wait_.position), info, now);
  work(now);
}

void supervisor_core::handle_gone(std::uint64_t ref, child_gone::stage when, const reason& why, time_point now) {
  if (reap(ref, why, now))
    return;
  auto* s = slots_.find_ref(ref);
  if (s == nullptr)
    return;  // S43
  if (wait_.ref != ref || wait_.what == waiting::stage::none) {
    s->gone = why;
    queue_.emplace_back(notice{ref});
  } else if (wait_.what == waiting::stage::starting) {
    if (when == child_gone::stage::ignored)
      was_ignored(*s, now);
    else
      start_failed(*s, {.what = child_error::kind::start_failed, .why = why}, now);
  } else if (wait_.what == waiting::stage::start_killed) {
    start_failed(*s, {.what = child_error::kind::start_failed, .detail = "timeout", .why = reason::custom("timeout")},
                 now);
  } else {
    stop_done(*s, why, now);
  }
  work(now);
}

void supervisor_core::handle_timer(std::uint64_t key, time_point now) {
  if (wait_.what == waiting::stage::none || wait_.timer != key)
    return handle_retry(key, now);
  wait_.timer = 0;
  auto& s = *slots_.at(wait_.position);
  switch (wait_.what) {
    case waiting::stage::starting: kill_waited(s, waiting::stage::start_killed); break;
    case waiting::stage::stopping: kill_waited(s, waiting::stage::killed); break;
    default: give_it_up(s, now); break;
  }
  work(now);
}

void supervisor_core::handle_retry(std::uint64_t key, time_point now) {
  if (!retries_.contains(key))
    return;  // Somebody stopped it meanwhile (S66).
  queue_.emplace_back(retry{key});
  work(now);
}

void supervisor_core::stop(const reason& why, time_point now) {
  if (phase_ >= phase::ending)
    return;
  begin_end(why, now);
  work(now);
}

// -- the work loop -----------------------------------------------------------------------

void supervisor_core::work(time_point now) {
  while (phase_ != phase::ended && wait_.what == waiting::stage::none) {
    if (op_)
      step(now);
    else if (!take_next(now))
      return;
  }
}

bool supervisor_core::take_next(time_point now) {
  if (queue_.empty())
    return false;
  auto next = std::move(queue_.front());
  queue_.pop_front();
  if (auto* n = std::get_if<notice>(&next)) {
    if (auto* s = slots_.find_ref(n->ref))
      handle_death(*s, now);
  } else if (auto* again = std::get_if<retry>(&next)) {
    auto i = retries_.find(again->key);
    auto* s = i == retries_.end() ? nullptr : slots_.at(i->second);
    if (i != retries_.end())
      retries_.erase(i);
    if (s != nullptr && s->retry == again->key) {
      s->retry = 0;
      restart(*s, true, now);
    }
  } else {
    auto& request = *std::get<std::unique_ptr<queued_request>>(next);
    --requests_waiting_;
    std::visit([&](auto& r) { begin_request(r, request.token, now); }, request.what);
  }
  return true;
}

void supervisor_core::step(time_point now) {
  auto& op = *op_;
  if (!op.to_stop.empty()) {
    if (auto* s = slots_.at(op.to_stop.back()))
      begin_stop(*s, now);
    else
      op.to_stop.pop_back();
  } else if (has_too_many_zombies_ && op.what != operation::kind::end && op.next_start < op.to_start.size()) {
    begin_end(reason::shutdown(), now);
  } else if (op.next_start < op.to_start.size()) {
    auto position = op.to_start[op.next_start++];
    if (auto* s = slots_.at(position))  // Not so temporary bystanders of a group restart (S49).
      begin_start(*s, now);
  } else {
    finish(now);
  }
}

void supervisor_core::finish(time_point now) {
  auto op = std::move(*op_);
  op_.reset();
  switch (op.what) {
    case operation::kind::start_list:
      phase_ = phase::running;
      port_.started();
      break;
    case operation::kind::add:
    case operation::kind::start_again: port_.reply(op.token, start_answer{std::move(op.result)}); break;
    case operation::kind::terminate: port_.reply(op.token, change_answer{nothing{}}); break;
    case operation::kind::restart: break;
    case operation::kind::end:
      phase_ = phase::ended;
      port_.end(op.why);
      return;
  }
  if (has_too_many_zombies_)
    begin_end(reason::shutdown(), now);
}

void supervisor_core::begin_end(const reason& why, time_point) {
  phase_ = phase::ending;
  port_.ending();
  if (op_)
    answer_operation({.what = child_error::kind::stopping});
  refuse_all_waiting();
  operation op{.what = operation::kind::end, .why = why};
  for (auto& [position, s] : slots_.all())
    if (s.has_process() || s.state == slot_state::restarting)
      op.to_stop.push_back(position);
  if (wait_.what != waiting::stage::none) {  // The child under way comes first.
    std::erase(op.to_stop, wait_.position);
    op.to_stop.push_back(wait_.position);
    if (wait_.what == waiting::stage::starting) {
      stop_timer();
      wait_ = {};
    } else if (wait_.what == waiting::stage::start_killed) {
      wait_.what = waiting::stage::killed;
    }
  }
  begin(std::move(op));
}

void supervisor_core::refuse_all_waiting() {
  for (auto& q : queue_)
    if (auto* request = std::get_if<std::unique_ptr<queued_request>>(&q))
      refuse((*request)->what, (*request)->token, {.what = child_error::kind::stopping});
  queue_.clear();  // Whoever has ended is met again when it is its turn to be stopped.
  requests_waiting_ = 0;
}

}  // namespace beamline::supervision
