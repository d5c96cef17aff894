#include "pubsub/presence/layer/presence_json.hpp"
#include "pubsub/presence/layer/publisher.hpp"

#include "base/json.hpp"

#include <stdexcept>

namespace beamline::presence::layer {

namespace {

// Watches of watchers, calls and timers of the publisher together stay below what a process may have.
static_assert(count_watches_max + publisher_park_max + fetch_pool::waiting_max < process::pending_max);

call_error refused(std::string text) { return {call_error::kind::crashed, reason::custom(std::move(text))}; }

}  // namespace

/// Empty: the tracker is being restarted.
pid publisher::shard_for(const std::string& topic) const {
  try {
    return shard_of(env(), options_->tracker.name, topic);
  } catch (const std::logic_error&) {
    return {};
  }
}

// -- lists ------------------------------------------------------------------------------------------------

publisher::deferred publisher::handle_state_of(const std::string& topic, std::optional<std::string> key) {
  auto p = promise<json>();
  if (is_counting()) {
    p.fail(refused("unsupported: the tracker \"" + options_->tracker.name
                   + "\" is in mode count and knows no list; ask for watch_count"));
    return p;
  }
  auto shard = shard_for(topic);
  auto answer = [this, topic, key = std::move(key), p] { answer_state(topic, key, p); };
  if (!shard) {
    answer();
    return p;
  }
  // By then it has handled all that was tracked before the question, and noted what came of it (D169).
  call<topic_count>(shard, count_topic{topic}, shard_answer_max)
      .then([answer](const topic_count&) { answer(); }, [answer](const call_error&) { answer(); });
  return p;
}

void publisher::answer_state(const std::string& topic, const std::optional<std::string>& key,
                             const reply_promise<json>& p) {
  look();
  auto metas = ledger_->use(owner_, [&](ledger::books& b) -> std::vector<meta_change> {
    auto* t = b.find(topic);
    if (t == nullptr)
      return {};
    t->expose();
    return key ? t->present(*key) : t->present();
  });
  if (key && metas.empty()) {
    p.set(json{});
    return;
  }
  auto give = [key, p](presence_map presences) {
    p.set(key ? std::move(presences.begin()->second) : to_object(presences));
  };
  auto presences = to_presences(metas);
  if (!fetches_) {
    give(std::move(presences));
    return;
  }
  std::vector<presence_map> asked;
  asked.push_back(std::move(presences));
  fetches_->run(topic, std::move(asked), [this, topic, give](std::vector<presence_map> got, const std::string& why) {
    note_fetch(topic, why);
    give(std::move(got[0]));
  });
}

presence_counters publisher::counters() {
  look();
  auto c = counters_;
  ledger_->use(owner_, [&](ledger::books& b) {
    c.topics = b.topics.size();
    c.count_watches = b.watches.size();
  });
  if (fetches_)
    c.fetches = fetches_->running() + fetches_->waiting();
  return c;
}

// -- counts -----------------------------------------------------------------------------------------------

std::string publisher::objection_to(const watch_count& w) {
  if (!w.who || w.who.is_named())
    return "badarg: who watches a count is a process by its id, not " + (w.who ? to_string(w.who) : "nobody");
  if (!w.who.is_on(*env().self()))
    return "nolocal: " + to_string(w.who) + " is no process of " + env().self()->name
         + "; let it watch on its own node";
  if (w.options.at_most_every < count_interval_min)
    return "badarg: at_most_every is " + std::to_string(w.options.at_most_every / std::chrono::microseconds{1})
         + " us, it has to be " + std::to_string(count_interval_min / std::chrono::milliseconds{1}) + " ms at least";
  if (is_counting() && !w.options.distinct_by.empty())
    return "badarg: distinct_by is \"" + w.options.distinct_by + "\", and the tracker \"" + options_->tracker.name
         + "\" is in mode count, which knows no metas of other nodes; leave it empty";
  const auto size = ledger_->use(owner_, [](ledger::books& b) { return b.watches.size(); });
  if (size >= count_watches_max)
    return "system_limit: the presence \"" + options_->tracker.name + "\" has " + std::to_string(count_watches_max)
         + " watches of counts already";
  return {};
}

publisher::deferred publisher::handle_watch_count(const watch_count& w) {
  auto p = promise<void>();
  if (auto wrong = objection_to(w); !wrong.empty()) {
    env().log().write(refusals_, log_level::error, "presence", "watch_count refused",
                      {{"presence", options_->tracker.name}, {"topic", w.topic}, {"why", wrong}});
    p.fail(refused(std::move(wrong)));
    return p;
  }
  const auto first = ledger_->use(owner_, [&](ledger::books& b) {
    const auto field = w.options.distinct_by.empty() ? std::string{} : json_string(w.options.distinct_by);
    auto told = b.watches.add(w, count_of(b, w.topic, field), now());
    drop_abandoned(b);
    return told;
  });
  ++counters_.counts_told;
  cast(first.who, first.what);
  watch_watcher(w.who);
  look();
  tell_counts();
  p.set();
  return p;
}

void publisher::handle_unwatch_count(const unwatch_count& w) {
  ledger_->use(owner_, [&](ledger::books& b) {
    b.watches.remove(w.topic, w.who);
    drop_abandoned(b);
  });
  forget_watcher_if_done(w.who);
}

/// One that has ended already is a watcher until its watch says so, as with any other.
void publisher::watch_watcher(const pid& who) {
  if (auto [at, is_new] = watchers_.try_emplace(who); is_new)
    at->second = watch(who, [this, who](const reason&) {
      watchers_.erase(who);
      ledger_->use(owner_, [&](ledger::books& b) {
        b.watches.remove(who);
        drop_abandoned(b);
      });
    });
}

void publisher::forget_watcher_if_done(const pid& who) {
  if (ledger_->use(owner_, [&](ledger::books& b) { return b.watches.has(who); }))
    return;
  if (auto w = watchers_.extract(who))
    unwatch(w.mapped());
}

void publisher::drop_abandoned(ledger::books& b) {
  for (const auto& [topic, field] : b.watches.take_abandoned())
    if (auto* t = b.find(topic))
      t->forget_count(field);
}

std::uint64_t publisher::count_of(ledger::books& b, const std::string& topic, const std::string& field) const {
  if (is_counting()) {
    try {
      return dirty_count(env(), options_->tracker.name, topic);
    } catch (const std::logic_error&) {
      return 0;  // The tracker is being restarted.
    }
  }
  auto* t = b.find(topic);
  return t != nullptr ? t->count(field) : 0;
}

void publisher::tell_counts() {
  std::optional<time_point> next;
  const auto told = ledger_->use(owner_, [&](ledger::books& b) {
    auto all = b.watches.take_due(
        now(), [&](const std::string& topic, const std::string& field) { return count_of(b, topic, field); });
    next = b.watches.next();
    return all;
  });
  counters_.counts_told += told.size();
  for (const auto& t : told)
    cast(t.who, t.what);
  if (count_timer_ != 0 && (!next || *next < count_timer_at_))
    cancel(std::exchange(count_timer_, 0));
  if (!next || count_timer_ != 0)
    return;
  count_timer_at_ = *next;
  count_timer_ = run_after(*next - now(), [this] {
    count_timer_ = 0;
    tell_counts();
  });
}

}  // namespace beamline::presence::layer
