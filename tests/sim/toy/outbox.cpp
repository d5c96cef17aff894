#include "sim/toy/outbox.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/setup.hpp"
#include "store/database.hpp"

#include <algorithm>

namespace beamline::toy {

namespace {

constexpr std::string_view begin_life_sql =
    "INSERT INTO lives (name, count) VALUES ('outbox', 1) ON CONFLICT (name) DO UPDATE SET count = count + 1";
constexpr std::string_view select_life_sql = "SELECT count FROM lives WHERE name = 'outbox'";
constexpr std::string_view select_all_sql = "SELECT event, target, amount FROM outbox";
constexpr std::string_view insert_sql = "INSERT INTO outbox (event, target, amount) VALUES ($1, $2, $3)";
constexpr std::string_view delete_sql = "DELETE FROM outbox WHERE event = $1";

// A life of the outbox numbers its events from here on, so that no two lives use the same ones.
constexpr std::int64_t events_per_life = std::int64_t{1} << 32;

struct start {
  std::int64_t life = 0;
  std::vector<std::tuple<std::int64_t, std::string, std::int64_t>> waiting;
};

result<start> begin_life(store::transaction& tx) {
  if (auto r = tx.execute(begin_life_sql); !r)
    return r.error();
  auto life = tx.select_one<std::int64_t>(select_life_sql);
  if (!life)
    return life.error();
  auto waiting = tx.select<std::int64_t, std::string, std::int64_t>(select_all_sql);
  if (!waiting)
    return waiting.error();
  return start{std::get<0>(life->value()), std::move(*waiting)};
}

}  // namespace

behavior outbox::init() {
  hold_start();
  load();
  env().peers().register_service("outbox", self());
  return handlers([this](const submit& m) { return handle_submit(m); },
                  [this](const take_batch& m) { return handle_take(m); },
                  [this](const await_removal& m) { return handle_await(m); },
                  [this](const remove_batch& m) { remove(m.target, m.events); },
                  [this](const peer_message& m) { handle_acknowledged(m); });
}

void outbox::load() {
  env().get<store::database>().transact(begin_life, resume_with([this](const result<start>& found) {
                                          if (!found)
                                            return stop(reason::custom("cannot begin: " + found.error().message));
                                          for (const auto& [event, target, amount] : found->waiting)
                                            queues_[target].emplace(event, amount);
                                          last_event_ = found->life * events_per_life;
                                          is_loaded_ = true;
                                          tell_size();
                                          confirm_start();
                                        }));
}

process::deferred outbox::handle_submit(const submit& m) {
  auto answer = promise<bool>();
  if (!is_loaded_ || size() + asked_for_ >= entries_max) {
    answer.set(false);
    return answer;
  }
  ++asked_for_;
  tell_size();
  auto event = ++last_event_;
  if (has(env(), mistake::accept_before_commit))
    env().events().emit(accepted{env().self()->name, event, m.target});
  env().get<store::database>().transact(
      [m, event](store::transaction& tx) {
        return tx.execute(insert_sql, {event, m.target, m.amount});
      },
      resume_with([this, m, event, answer](const result<void>& r) {
        --asked_for_;
        if (!r) {
          tell_size();
          return answer.set(false);
        }
        queues_[m.target].emplace(event, m.amount);
        if (!has(env(), mistake::accept_before_commit))
          env().events().emit(accepted{env().self()->name, event, m.target});
        tell_size();
        answer.set(true);
        cast(pid{env().self(), "drain"}, wake{m.target});
      }));
  return answer;
}

batch outbox::handle_take(const take_batch& m) {
  batch out;
  std::vector<std::int64_t> events;
  for (const auto& [event, amount] : queues_[m.target])
    if (out.items.size() < batch_max && !leaving_.contains(event)) {
      out.items.push_back({event, amount});
      events.push_back(event);
    }
  if (has(env(), mistake::delete_before_ack))
    remove(m.target, events);
  return out;
}

process::deferred outbox::handle_await(const await_removal& m) {
  auto over = promise<void>();
  waiters_.push_back({m.target, m.events, over});
  answer_waiters(m.target);
  return over;
}

void outbox::handle_acknowledged(const peer_message& m) {
  auto ack = decode<acknowledged>(m.payload);
  if (!ack)
    return;
  if (!has(env(), mistake::delete_by_courier))
    return remove(m.from.name, std::move(ack->events));
  for (const auto& w : waiters_)
    w.over.set();
  waiters_.clear();
}

void outbox::remove(const std::string& target, std::vector<std::int64_t> events) {
  const auto& entries = queues_[target];
  std::erase_if(events, [&](std::int64_t e) { return !entries.contains(e) || !leaving_.insert(e).second; });
  if (events.empty())
    return;
  env().get<store::database>().transact(
      [events](store::transaction& tx) -> result<void> {
        for (auto e : events)
          if (auto r = tx.execute(delete_sql, {e}); !r)
            return r;
        return {};
      },
      resume_with([this, target, events](const result<void>& r) {
        for (auto e : events)
          leaving_.erase(e);
        if (r)
          forget(target, events);
        else  // To be sent and acknowledged once more. The drain may have found nothing meanwhile, and rest.
          cast(pid{env().self(), "drain"}, wake{target});
      }));
}

void outbox::forget(const std::string& target, const std::vector<std::int64_t>& events) {
  for (auto e : events) {
    queues_[target].erase(e);
    env().events().emit(removed{e});
  }
  tell_size();
  answer_waiters(target);
}

void outbox::answer_waiters(const std::string& target) {
  const auto& entries = queues_[target];
  std::erase_if(waiters_, [&](const waiter& w) {
    if (w.target != target || std::ranges::any_of(w.events, [&](std::int64_t e) { return entries.contains(e); }))
      return false;
    w.over.set();
    return true;
  });
}

std::size_t outbox::size() const {
  std::size_t n = 0;
  for (const auto& [target, entries] : queues_)
    n += entries.size();
  return n;
}

void outbox::tell_size() {
  if (is_loaded_)
    env().events().emit(outbox_size{size() + asked_for_});
}

}  // namespace beamline::toy
