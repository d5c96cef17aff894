#include "net/outbox/server.hpp"

#include <algorithm>
#include <memory>
#include <utility>

// What the outbox is asked, and how it answers.
namespace beamline::net::outbox {

behavior server::requests() {
  return handlers(
      [this](const submit& m) -> deferred {
        auto to = promise<outcome>();
        submit_event(m, [to](const outcome& o) { to.set(o); });
        advance();
        return to;
      },
      [this](const node_up& m) {
        on_up(m.peer);
        advance();
      },
      [this](const node_down& m) {
        targets_.down(m.peer.identity.name);
        advance();
      },
      [this](const trigger_sync&) {
        drain_.nudge(now());
        advance();
        return queue_.size() > 0 && targets_.current().has_value();
      },
      [this](const get_queue_size&) { return static_cast<std::uint64_t>(queue_.size()); },
      [this](const is_waiting& m) { return !is_ready_ || queue_.waits(m.entry); },
      [this](const watch_standing& m) -> deferred { return add_watcher(m.who); },
      [this](const get_status&) { return look(); }, [this](const peek& m) { return list(m.count); },
      [this](const list_dead& m) { return list_dead_letters(m.count); },
      [this](const retry_dead& m) { return retry(m.id); }, [this](const discard_dead& m) { return discard(m.id); },
      [this](const import_events& m) -> deferred {
        auto to = promise<import_report>();
        import_all(m.events, to);
        return to;
      });
}

status server::look() const {
  status s;
  s.size = queue_.size();
  s.octets = queue_.octets();
  s.entries_max = options_.entries_max;
  s.bytes_max = options_.bytes_max.bytes;
  s.dead = queue_.dead().size();
  s.direct = express_.size();
  s.is_ready = is_ready_;
  s.is_durable = parts_.store != nullptr;
  s.is_syncing = drain_.is_syncing();
  s.is_failing = drain_.is_failing();
  s.target = targets_.current();
  s.targets.assign(targets_.all().begin(), targets_.all().end());
  if (auto since = queue_.oldest())
    s.oldest = now() - *since;
  if (next_attempt_)
    s.next_attempt = std::max(duration{}, *next_attempt_ - now());
  s.last_error = last_error_;
  s.accepted = counts_.accepted;
  s.applied = counts_.applied;
  s.rejected = counts_.rejected;
  s.refused = counts_.refused;
  s.dropped = queue_.dropped();
  s.merged = counts_.merged;
  s.lost = counts_.lost;
  return s;
}

standing server::stand() const { return {queue_.size(), targets_.current().has_value()}; }

void server::tell_watchers() {
  auto now = stand();
  if (!watchers_.note(now))
    return;
  for (const auto& who : watchers_.all())
    cast(who, now);
  run_after(watch_interval, [this] {
    watchers_.resume();
    tell_watchers();
  });
}

reply_promise<standing> server::add_watcher(const pid& who) {
  auto to = promise<standing>();
  auto is_new = !watchers_.all().contains(who);
  if (!watchers_.add(who)) {
    to.fail(reason::custom("busy: " + std::to_string(watchers_max) + " processes watch this outbox"));
    return to;
  }
  if (is_new)
    watch(who, [this, who](const reason&) { watchers_.remove(who); });
  to.set(stand());
  return to;
}

entry_list server::list(std::size_t count) const {
  entry_list out{.entries = {}, .total = queue_.size()};
  queue_.look(count, now(), [&](const queue::view& v) {
    out.entries.push_back({v.what, v.merged, v.age, std::string{v.state}});
  });
  return out;
}

entry_list server::list_dead_letters(std::size_t count) const {
  entry_list out{.entries = {}, .total = queue_.dead().size()};
  for (const auto& [p, r] : queue_.dead()) {
    if (out.entries.size() == count)
      break;
    auto age = std::max(duration{}, duration{env().time().wall_now() - r.dead->at});
    out.entries.push_back({r.what, r.merged, age, r.dead->why});
  }
  return out;
}

std::uint64_t server::retry(const std::optional<uid>& id) {
  std::vector<uid> which;
  for (const auto& [p, r] : queue_.dead())
    if (!id || r.what.id == *id)
      which.push_back(r.what.id);
  auto n = static_cast<std::uint64_t>(
      std::ranges::count_if(which, [&](const uid& one) { return queue_.retry(one, now()); }));
  tell("retried", n);
  advance();
  return n;
}

std::uint64_t server::discard(const std::optional<uid>& id) {
  std::vector<uid> which;
  for (const auto& [p, r] : queue_.dead())
    if (!id || r.what.id == *id)
      which.push_back(r.what.id);
  for (const auto& one : which)
    queue_.discard(one);
  tell("discarded", which.size());
  advance();
  return which.size();
}

void server::import_all(const std::vector<event>& events, const reply_promise<import_report>& to) {
  struct progress {
    import_report report;
    std::size_t missing = 0;
  };
  auto p = std::make_shared<progress>();
  p->missing = events.size();
  auto finish_one = [p, to] {
    if (--p->missing == 0)
      to.set(p->report);
  };
  for (const auto& e : events) {
    auto refuse = [p, id = e.id.str()](const std::string& why) { p->report.refused.push_back(id + ": " + why); };
    auto is_too_old =
        e.at < env().time().wall_now() - std::chrono::duration_cast<std::chrono::microseconds>(options_.age_max);
    std::string why = closing_ ? "the outbox is ending" : is_ready_ ? objection_to(e) : "the outbox is starting";
    if (why.empty() && is_too_old)
      why = "it is older than outbox.age_max: the target may have forgotten whether it applied it";
    if (!why.empty()) {
      refuse(why);
      finish_one();
    } else if (queue_.knows(e.id)) {
      ++p->report.known;
      finish_one();
    } else {
      auto t = ++last_ticket_;
      waiters_.emplace(t, waiter{e.id, e.type, e.key, [p, refuse, finish_one](const outcome& o) {
                                   if (const auto* r = std::get_if<refused>(&o))
                                     refuse(r->why);
                                   else
                                     ++p->report.kept;
                                   finish_one();
                                 }});
      keep(e, t, {.is_closed = true});
    }
  }
  if (events.empty())
    to.set(import_report{});
  advance();
}

}  // namespace beamline::net::outbox
