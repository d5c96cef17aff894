#include "net/outbox/server.hpp"

#include "base/planted.hpp"
#include "base/telemetry.hpp"
#include "net/outbox/events.hpp"
#include "net/outbox/table.hpp"

#include <algorithm>
#include <utility>

// The life of the outbox, what comes in, and what is written. What is sent: server_sending.cpp.
namespace beamline::net::outbox {

namespace {

queue::limits limits_of(const outbox_options& o) {
  return {.entries_max = o.entries_max, .bytes_max = o.bytes_max.bytes, .dead_max = o.dead_max};
}

drain::options drain_of(const outbox_options& o) {
  return {.events_per_s = o.events_per_s,
          .start_delay_max = o.start_delay_max,
          .retry_min = o.retry_min,
          .retry_max = o.retry_max};
}

}  // namespace

server::server(process_context& c, outbox_parts p, outbox_options o)
    : process{c},
      parts_{std::move(p)},
      options_{std::move(o)},
      queue_{*parts_.classes, limits_of(options_)},
      drain_{drain_of(options_), now()},
      targets_{{.role = parts_.target_role,
                .prefix = parts_.remote_prefix,
                .own_name = env().self()->name,
                .own_role = parts_.own_role}} {}

// -- life ----------------------------------------------------------------------------------

behavior server::init() {
  hold_start();
  trap_exits([this](const exit_signal& e) {
    if (e.from == parent() || !e.from)  // Its supervisor, or the node.
      close(e.why);
  });
  load();
  return requests();
}

void server::load() {
  if (!parts_.store)
    return on_loaded({});
  parts_.store->migrate(std::string{schema_name}, migrations(), resume_with([this](const result<void>& r) {
                          if (!r)
                            return on_load_failed(r.error());
                          // Behind whatever an earlier life still has on its way.
                          parts_.store->transact([](store::transaction& tx) { return read_rows(tx); },
                                                 resume_with([this](const result<std::vector<row>>& rows) {
                                                   rows ? on_loaded(*rows) : on_load_failed(rows.error());
                                                 }));
                        }));
}

/// A disk that has trouble for a moment is no reason for a supervisor to give up.
void server::on_load_failed(const error& why) {
  auto may_pass =
      why.code == errc::io || why.code == errc::busy || why.code == errc::unavailable || why.code == errc::timeout;
  if (closing_)
    return;
  if (!may_pass || ++load_tries_ >= load_tries_max)
    return stop(reason::custom("the outbox cannot read its table: " + why.message));
  env().log().warn("outbox", "the table cannot be read yet", {{"error", why}});
  run_after(load_pause, [this] { load(); });
}

void server::on_loaded(std::vector<row> rows) {
  if (closing_)
    return;  // Asked to end meanwhile; the rows stay.
  auto found = rows.size();
  queue_.load(std::move(rows), now(), env().time().wall_now());
  is_ready_ = true;
  if (targets_.current())
    drain_.target_up(now(), env().random());
  for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
    on_up(peer);
  confirm_start();
  tell("loaded", found);
  for (auto& e : std::exchange(early_, {}))
    submit_event(std::move(e.what), std::move(e.tell));
  advance();
}

void server::on_up(const peer_info& peer) {
  if (is_ready_ && targets_.up(peer))
    drain_.target_up(now(), env().random());
}

/// No new events; what waits may still be sent for a while.
void server::close(const reason& why) {
  if (closing_)
    return;
  closing_ = why;
  if (!is_ready_)
    return stop(why);
  drain_.nudge(now());
  run_after(options_.flush_time, [this] { write_rest(); });
  advance();
}

/// The time to send is over.
void server::write_rest() {
  if (has_written_rest_ || is_over_)
    return;
  has_written_rest_ = true;
  run_after(last_write_time, [this] { end_now(); });
  fall_back();
  advance();
}

void server::end_if_done() {
  if (!closing_ || is_over_ || express_.size() > 0 || queue_.is_saving() || queue_.has_new())
    return;
  bool can_send = targets_.current() && !drain_.is_failing() && !has_written_rest_;
  if (drain_.is_under_way() && !has_written_rest_)
    return;
  if (queue_.size() == 0 || !can_send)
    end_now();
}

void server::end_now() {
  if (is_over_)
    return;
  is_over_ = true;
  if (parts_.store)
    return stop(*closing_);
  auto rest = queue_.all_kept();
  for (const auto& [p, dead] : queue_.dead())
    rest.push_back(dead);
  rest.insert(rest.end(), evicted_.begin(), evicted_.end());
  // If that takes too long, the supervisor does not wait.
  write_down(rest, "the node ended, and its outbox was in memory", [this, n = rest.size()](const result<void>& r) {
    if (!r)
      lose(n, r.error().message);
    stop(*closing_);
  });
}

// -- in ------------------------------------------------------------------------------------

std::string server::objection_to(const event& e) const {
  if (e.id.is_nil())
    return "an event has an id";
  if (parts_.classes->find(e.type) == nullptr)
    return "no application of this node declares events of type \"" + e.type.substr(0, type_bytes_max) + "\"";
  if (e.key.empty() || e.key.size() > key_bytes_max)
    return "its key has " + std::to_string(e.key.size()) + " bytes, expected 1 to " + std::to_string(key_bytes_max);
  if (e.payload.size() > payload_bytes_max)
    return "its payload has " + std::to_string(e.payload.size()) + " bytes, expected at most "
         + std::to_string(payload_bytes_max);
  return {};
}

std::optional<refused> server::objection_to(const submit& m) const {
  if (closing_ || !is_ready_)
    return refused{refused::cause::buffer_full, closing_ ? "the outbox is ending" : "the outbox is starting"};
  if (auto why = objection_to(m.what); !why.empty())
    return refused{refused::cause::invalid, why};
  // One that was merged has lost its id: it may be here already, and nobody could tell.
  if (m.is_repeat && parts_.classes->find(m.what.type)->coalesce && !queue_.knows(m.what.id))
    return refused{refused::cause::buffer_full, "the outbox ended meanwhile; it may have kept the event or not"};
  return std::nullopt;
}

void server::submit_event(submit m, tell_function tell_it) {
  if (!is_ready_ && !closing_ && early_.size() < early_max) {
    early_.push_back({std::move(m), std::move(tell_it)});
    return;
  }
  if (auto no = objection_to(m)) {
    ++counts_.refused;
    tell("refused");
    return tell_it(*no);
  }
  auto e = std::move(m.what);
  auto t = ++last_ticket_;
  waiters_.emplace(t, waiter{e.id, e.type, e.key, std::move(tell_it)});
  bool is_next = !queue_.waits(e.key) || planted::is_on(planted::bug::queue_overtaken);
  bool may_go = m.is_direct && targets_.current() && !drain_.is_failing() && !express_.is_full() && is_next
             && !queue_.knows(e.id);
  // What may have been sent must not find the queue full when it falls back: without room it goes the long way.
  if (auto at = may_go ? queue_.reserve(e) : std::nullopt)
    express_.add({.what = std::move(e), .ticket = t, .at = *at, .since = now()});
  else
    keep(std::move(e), t, {});
}

void server::keep(event e, queue::ticket t, queue::how h) {
  auto id = e.id;
  auto r = queue_.add(std::move(e), t, now(), h);
  switch (r.what) {
    case queue::outcome::taken:
      if (r.id != id)
        ++counts_.merged;
      waiters_.at(t).id = r.id;
      break;
    case queue::outcome::known: answer(t, buffered{id}); break;
    case queue::outcome::refused:
      env().log().write(full_log_, log_level::warn, "outbox", "full, events are refused",
                        {{"entries", queue_.size()}, {"octets", queue_.octets()}, {"target", parts_.target_role}});
      answer(t, refused{refused::cause::buffer_full, "the outbox is full"});
      break;
  }
}

/// The direct way is closed: all that are on it are kept, each at the place where it came.
void server::fall_back() {
  for (auto& i : express_.take_all()) {
    queue_.release(i.what);
    keep(std::move(i.what), i.ticket, {.at = i.at, .is_closed = i.was_sent});
  }
}

void server::answer(queue::ticket t, const outcome& o) {
  auto i = waiters_.find(t);
  if (i == waiters_.end())
    return;
  auto w = std::move(i->second);
  waiters_.erase(i);
  if (std::holds_alternative<refused>(o)) {
    ++counts_.refused;
    tell("refused");
  }
  w.tell(o);
}

void server::tell_dropped(const std::vector<event>& gone) {
  for (const auto& e : gone)
    tell_settled(e, "dropped");
  auto n = queue_.dropped() - told_dropped_;
  if (n == 0)
    return;
  told_dropped_ = queue_.dropped();
  tell("dropped", n);
  env().log().write(drop_log_, log_level::warn, "outbox", "full, the oldest events that may be dropped are",
                    {{"dropped", n}, {"dropped_since_start", told_dropped_}, {"target", parts_.target_role}});
}

// -- writing -------------------------------------------------------------------------------

void server::advance() {
  if (!is_ready_)
    return;
  write_evicted();
  save();
  send_direct();
  send_queued();
  if (was_syncing_ != drain_.is_syncing()) {
    was_syncing_ = drain_.is_syncing();
    tell(was_syncing_ ? "syncing" : "idle", queue_.size());
  }
  tell_watchers();
  end_if_done();
}

void server::save() {
  while (!queue_.is_saving() && (queue_.has_new() || (queue_.has_changes() && now() >= save_again_))) {
    auto changes = std::make_shared<const row_changes>(queue_.next_save(save_rows_max));
    auto write = [changes](store::transaction& tx) { return write_rows(tx, *changes); };
    if (planted::is_on(planted::bug::accepted_unsaved))
      parts_.store->transact(write, [](const result<void>&) {});
    if (!parts_.store || planted::is_on(planted::bug::accepted_unsaved)) {
      finish_save({});
      continue;
    }
    parts_.store->transact(write, resume_with([this](const result<void>& r) {
                             finish_save(r);
                             advance();
                           }));
  }
}

void server::finish_save(const result<void>& r) {
  auto told = queue_.saved(r.ok());
  tell_dropped(told.dropped);
  if (!r) {
    save_again_ = now() + save_pause;
    env().log().write(save_log_, log_level::error, "outbox", "the table cannot be written", {{"error", r.error()}});
  }
  for (auto t : told.kept) {
    const auto& w = waiters_.at(t);
    auto id = w.id;
    ++counts_.accepted;
    if (env().events().wants<event_accepted>()) {
      auto text = id.str();  // The event only looks at it.
      env().events().emit(event_accepted{text, w.type, w.key});
    }
    answer(t, buffered{id});
  }
  if (!told.kept.empty())
    tell("accepted", told.kept.size());
  for (auto t : told.failed)
    answer(t, refused{refused::cause::buffer_full, "the outbox cannot write it down: " + r.error().message});
}

}  // namespace beamline::net::outbox
