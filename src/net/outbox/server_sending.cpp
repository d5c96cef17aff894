#include "base/planted.hpp"
#include "base/telemetry.hpp"
#include "net/outbox/events.hpp"
#include "net/outbox/server.hpp"
#include "net/rpc/call.hpp"

#include <algorithm>
#include <utility>

// What the outbox sends, on both ways, and what it makes of the answers.
namespace beamline::net::outbox {

namespace {

// Of one batch on the direct way; a drain's has the same.
constexpr std::uint64_t direct_bytes_max = 1U << 20;
constexpr std::size_t why_bytes_max = 500;

bool has_taken_effect(event_outcome v) { return v == event_outcome::applied || v == event_outcome::duplicate; }

/// What was answered for the event; null: nothing that counts, as after `retry`.
const event_answer* answer_for(const event_answers& a, std::size_t i, const uid& id) {
  if (i >= a.answers.size() || !(a.answers[i].id == id || a.answers[i].id.is_nil()))
    return nullptr;
  const auto& one = a.answers[i];
  return has_taken_effect(one.outcome) || one.outcome == event_outcome::rejected ? &one : nullptr;
}

/// Why there was nothing that counts.
std::string why_not(const event_answers& a, std::size_t i) {
  if (i >= a.answers.size())
    return "retry: the target did not answer for all events";
  if (a.answers[i].outcome != event_outcome::retry)
    return "retry: the target answered for another event, or in words of a newer release";
  return "retry: " + a.answers[i].why.substr(0, why_bytes_max);
}

}  // namespace

rpc::prepared_call<event_answers> server::call_target(std::vector<event> events, duration within) {
  return {process_access{*this},
          {rpc::detail::target::by::node, *targets_.current()},
          parts_.procedure,
          encode(handle_buffered_event{std::move(events), env().self()->name}),
          within};
}

// -- the direct way ------------------------------------------------------------------------

void server::send_direct() {
  if (express_.size() == 0 || express_.is_under_way() || is_over_)
    return;
  if (!targets_.current() || drain_.is_failing()) {
    fall_back();
    return save();
  }
  const auto& items = express_.start(batch_events_max, direct_bytes_max);
  std::vector<event> events;
  events.reserve(items.size());
  for (const auto& i : items)
    events.push_back(i.what);
  auto left = std::max<duration>(1ms, items.front().since + options_.call_time - now());
  call_target(std::move(events), left)
      .then([this, to = *targets_.current(), since = now()](const rpc::outcome<event_answers>& o) {
        on_direct(to, since, o);
      });
}

void server::on_direct(const std::string& target, time_point since, const rpc::outcome<event_answers>& o) {
  if (!express_.is_under_way())
    return;  // They have fallen back: the node ends.
  std::string failure;
  std::uint64_t settled = 0;
  if (const auto* f = std::get_if<rpc::failure>(&o)) {
    failure = to_string(*f);
  } else {
    const auto& answers = std::get<event_answers>(o);
    while (express_.is_under_way() && failure.empty()) {
      if (const auto* a = answer_for(answers, settled, express_.front().id)) {
        take_direct(*a);
        ++settled;
      } else {
        failure = why_not(answers, settled);
      }
    }
  }
  env().events().emit(batch_done{target, "direct", settled, failure.empty() ? "ok" : failure, now() - since});
  if (failure.empty()) {
    last_error_.clear();
  } else {
    note_failure(target, failure);
    fall_back();
  }
  advance();
}

void server::take_direct(const event_answer& v) {
  auto i = express_.take_front();
  queue_.release(i.what);
  if (has_taken_effect(v.outcome)) {
    ++counts_.applied;
    tell_settled(i.what, to_string(v.outcome));
    answer(i.ticket, applied{v.answer});
  } else if (v.why.starts_with(unknown_event_type)) {
    // This host is newer than its target. In the queue it becomes a dead letter, which somebody may retry.
    keep(std::move(i.what), i.ticket, {.at = i.at, .is_closed = true});
  } else {
    ++counts_.rejected;
    answer(i.ticket, refused{refused::cause::invalid, v.why.substr(0, why_bytes_max)});
  }
}

// -- the queue -----------------------------------------------------------------------------

void server::send_queued() {
  if (is_over_)
    return;
  auto step = drain_.next(now(), queue_.size(), targets_.current().has_value());
  if (!planted::is_on(planted::bug::never_again))
    next_attempt_ = step.again;
  if (step.send > 0) {
    auto blocked = [this](std::string_view key) { return express_.has(key); };
    auto sent =
        queue_.seal({.events_max = step.send, .age_max = options_.age_max}, blocked, now(), env().time().wall_now());
    if (sent.empty()) {
      drain_.nothing_sent();
    } else {
      drain_.started(sent.size());
      std::vector<event> events;
      events.reserve(sent.size());
      for (auto p : sent) {
        events.push_back(queue_.at(p));
        if (planted::is_on(planted::bug::row_gone_early))
          queue_.forget(p);
      }
      call_target(std::move(events), options_.call_time)
          .then([this, to = *targets_.current(), sent, since = now()](const rpc::outcome<event_answers>& o) {
            on_drained(to, sent, since, o);
          });
    }
  }
  auto at = next_attempt_;
  if (queue_.has_changes() && !queue_.is_saving())
    at = at ? std::min(*at, save_again_) : save_again_;
  if (!evicted_.empty() && !is_writing_evicted_)
    at = at ? std::min(*at, write_again_) : write_again_;
  arm_timer(at);
}

void server::on_drained(const std::string& target, const std::vector<place>& sent, time_point since,
                        const rpc::outcome<event_answers>& o) {
  std::string failure;
  auto before = queue_.sealed();
  if (const auto* f = std::get_if<rpc::failure>(&o))
    failure = to_string(*f);
  else
    failure = settle(sent, std::get<event_answers>(o));
  auto settled = before - queue_.sealed();
  queue_.unseal();
  env().events().emit(batch_done{target, "drain", settled, failure.empty() ? "ok" : failure, now() - since});
  // What failed after some of it went well is the first failure.
  if (failure.empty() || settled > 0)
    drain_.succeeded();
  if (failure.empty()) {
    last_error_.clear();
  } else {
    drain_.failed(now(), env().random());
    note_failure(target, failure);
  }
  advance();
}

/// Takes the answers to a batch over; says why it must stop before its end, if it must.
std::string server::settle(const std::vector<place>& sent, const event_answers& a) {
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto what = queue_.at(sent[i]);
    const auto* v = answer_for(a, i, what.id);
    if (v == nullptr) {
      for (auto rest = i; rest < sent.size() && planted::is_on(planted::bug::batch_gone); ++rest)
        queue_.applied(sent[rest]);
      return why_not(a, i);
    }
    if (has_taken_effect(v->outcome)) {
      counts_.applied += queue_.merged(sent[i]);
      queue_.applied(sent[i]);
    } else {
      ++counts_.rejected;
      queue_.reject(sent[i], v->why.substr(0, why_bytes_max), env().time().wall_now());
      env().log().warn("outbox", "an event was rejected and is a dead letter now",
                       {{"id", what.id.str()}, {"type", what.type}, {"key", what.key}, {"why", v->why}});
    }
    tell_settled(what, to_string(v->outcome));
    tell(has_taken_effect(v->outcome) ? "applied" : "rejected");
  }
  return {};
}

void server::note_failure(const std::string& target, const std::string& why) {
  last_error_ = target + ": " + why;
  env().log().debug("outbox", "not sent", {{"target", target}, {"why", why}});
  if (targets_.current() == target)
    targets_.failed();
  // A drain that is under way at this moment sees for itself.
  if (!drain_.is_under_way() && !drain_.is_failing())
    drain_.failed(now(), env().random());
}

void server::arm_timer(std::optional<time_point> at) {
  if (at == timer_at_)
    return;
  if (timer_at_)
    cancel(timer_);
  timer_at_ = at;
  if (at)
    timer_ = run_after(std::max(duration{}, *at - now()), [this] {
      timer_at_.reset();
      advance();
    });
}

void server::tell(std::string_view action, std::uint64_t count) const {
  env().events().emit(buffer_changed{action, count, queue_.size(), queue_.octets(), queue_.dead().size(),
                                     drain_.is_syncing() ? "syncing" : "idle"});
}

void server::tell_settled(const event& e, std::string_view how) const {
  if (!env().events().wants<event_settled>())
    return;
  auto id = e.id.str();  // The event only looks at it.
  env().events().emit(event_settled{id, e.type, e.key, how});
}

}  // namespace beamline::net::outbox
