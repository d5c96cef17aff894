#include "pubsub/presence/layer/publisher.hpp"

#include "pubsub/presence/layer/events.hpp"
#include "pubsub/presence/layer/meta_text.hpp"
#include "pubsub/presence/layer/presence_json.hpp"

#include <exception>
#include <limits>

namespace beamline::presence::layer {

namespace {

// After a topic changed while the tracker was asked for its list.
constexpr duration compare_pause = std::chrono::milliseconds{250};
// While the PubSub system does not run, so often it is looked whether it does again.
constexpr duration system_pause = std::chrono::milliseconds{100};

std::uint64_t metas_in(const presence_map& presences) {
  std::uint64_t n = 0;
  for (const auto& [key, presence] : presences)
    if (const auto* metas = find_array(presence, "metas"))
      n += metas->size();
  return n;
}

}  // namespace

std::string publisher_name(std::string_view presence) { return "presence:" + std::string{presence} + ":publisher"; }
std::string fetchers_name(std::string_view presence) { return "presence:" + std::string{presence} + ":fetchers"; }

publisher::publisher(process_context& c, std::shared_ptr<const presence_options> o, std::shared_ptr<ledger> l)
    : process{c}, options_{std::move(o)}, ledger_{std::move(l)} {
  auto fetch = options_->fetch_later;
  if (options_->fetch)
    fetch = [f = options_->fetch](supervision::task_context&, const std::string& topic, presence_map asked,
                                  const std::function<void(presence_map)>& give) { give(f(topic, std::move(asked))); };
  if (fetch)
    fetches_.emplace(*this, fetch_pool::options{.tasks = fetchers_on(env(), options_->tracker.name),
                                                .fetch = std::move(fetch),
                                                .time = options_->fetch_time,
                                                .is_blocking = options_->fetch_blocks});
}

behavior publisher::init() {
  owner_ = ledger_->adopt();
  if (options_->handle_metas)
    restore_metas();
  std::set<pid> watchers;
  ledger_->use(owner_, [&](ledger::books& b) {
    watchers = b.watches.watchers();
    b.watches.changed_all(now());
    // The first one has nothing to compare.
    for (const auto& [topic, t] : b.topics)
      to_compare_.push_back(topic);
  });
  for (const auto& who : watchers)
    watch_watcher(who);
  look();
  tell_counts();
  compare_next();
  return handlers([this](const changes_noted&) { look(); },
                  [this](const state_of& m) { return handle_state_of(m.topic, std::nullopt); },
                  [this](const state_of_key& m) { return handle_state_of(m.topic, m.key); },
                  [this](const watch_count& m) { return handle_watch_count(m); },
                  [this](const unwatch_count& m) { handle_unwatch_count(m); },
                  [this](const get_presence_counters&) { return counters(); });
}

void publisher::terminate(const reason&) {
  if (options_->handle_metas && owner_ != 0)
    ledger_->keep(owner_, std::move(metas_));
}

// -- diffs ----------------------------------------------------------------------------------------------

/// Whenever there is an occasion, not only after changes_noted: a full mailbox may have refused that one.
void publisher::look() {
  auto noted = ledger_->use(owner_, [](ledger::books& b) { return std::exchange(b.noted, {}); });
  for (const auto& topic : noted)
    due_.emplace_back(now() + options_->batch, topic);
  arm_flush();
}

void publisher::arm_flush() {
  if (due_.empty() && unfinished_.empty())
    return;
  const auto at = unfinished_.empty() ? due_.front().first : now();
  if (flush_timer_ != 0 && flush_timer_at_ <= at)
    return;
  if (flush_timer_ != 0)
    cancel(flush_timer_);
  flush_timer_at_ = at;
  flush_timer_ = run_after(at - now(), [this] {
    flush_timer_ = 0;
    flush_due();
  });
}

void publisher::flush_due() {
  auto topics = std::exchange(unfinished_, {});
  for (; !due_.empty() && due_.front().first <= now(); due_.pop_front())
    topics.push_back(std::move(due_.front().second));
  for (const auto& topic : topics)
    flush(topic);
  look();
  tell_counts();
}

void publisher::flush(const std::string& topic) {
  const auto is_away = pubsub::find_system(env(), options_->pubsub) == nullptr;
  const auto is_held = order_.waiting(topic) >= diffs_in_flight_max;
  topic_ledger::flight f;
  ledger_->use(owner_, [&](ledger::books& b) {
    b.recounted.erase(topic);
    b.watches.changed(topic, now());
    auto* t = b.find(topic);
    if (is_away || is_held || t == nullptr)
      return;
    f = t->take(diff_changes_max);
    if (t->is_dirty())
      unfinished_.push_back(topic);
    b.forget_if_idle(topic);
  });
  if (is_away)
    wait_for_system(topic);
  else if (is_held)
    held_.insert(topic);
  if (!f.changes.empty())
    send_out(topic, std::move(f));
}

/// Its subscribers outlive the processes of the PubSub system: they are told when it runs again.
void publisher::wait_for_system(const std::string& topic) {
  waiting_.insert(topic);
  if (system_timer_ == 0)
    system_timer_ = run_after(system_pause, [this] {
      system_timer_ = 0;
      look_for_system();
    });
}

void publisher::look_for_system() {
  auto topics = std::exchange(waiting_, {});
  if (pubsub::find_system(env(), options_->pubsub) == nullptr) {
    wait_for_system(*topics.begin());
    waiting_ = std::move(topics);
    return;
  }
  for (const auto& topic : topics) {
    publish_ready(topic);
    flush(topic);
  }
  arm_flush();
}

bool publisher::is_listened_to(const std::string& topic) const {
  auto* s = pubsub::find_system(env(), options_->pubsub);
  return s == nullptr || s->subscribers(topic) > 0;  // One that is away has those it had.
}

void publisher::send_out(const std::string& topic, topic_ledger::flight f) {
  if (order_.waiting(topic) == 0 && !options_->handle_metas && !is_listened_to(topic)) {
    // Whoever subscribes now asks for the list after that, and this is in it.
    ledger_->use(owner_, [&](ledger::books& b) {
      b.find(topic)->published(f.id);
      b.forget_if_idle(topic);
    });
    return;
  }
  auto joins = to_presences(f.changes.joins);
  auto leaves = to_presences(f.changes.leaves);
  if (!fetches_) {
    order_.begin(topic, {f.id, std::move(joins), std::move(leaves), now()});
    order_.give_up(topic, f.id);
    publish_ready(topic);
    return;
  }
  order_.begin(topic, {f.id, joins, leaves, now()});
  std::vector<presence_map> asked;
  asked.push_back(std::move(joins));
  asked.push_back(std::move(leaves));
  fetches_->run(topic, std::move(asked),
                [this, topic, id = f.id](std::vector<presence_map> got, const std::string& why) {
                  note_fetch(topic, why);
                  order_.finish(topic, id, std::move(got[0]), std::move(got[1]));
                  publish_ready(topic);
                });
}

void publisher::publish_ready(const std::string& topic) {
  while (auto parts = order_.take_ready(topic)) {
    if (publish(topic, *parts))
      continue;
    order_.put_back(topic, *std::move(parts));
    return wait_for_system(topic);
  }
  if (held_.erase(topic) > 0)
    flush(topic);
  arm_flush();
}

/// False: the PubSub system does not run, and nobody was told.
bool publisher::publish(const std::string& topic, const publish_order::diff_parts& parts) {
  auto* s = pubsub::find_system(env(), options_->pubsub);
  if (s == nullptr)
    return false;
  if (options_->handle_metas || is_listened_to(topic)) {
    const auto d = to_diff(topic, parts.joins, parts.leaves);
    if (!broadcast(*s, topic, d))
      return false;
    tell_metas(topic, parts, d);
  }
  ledger_->use(owner_, [&](ledger::books& b) {
    if (auto* t = b.find(topic))
      t->published(parts.id);
    b.forget_if_idle(topic);
  });
  const auto joins = metas_in(parts.joins);
  const auto leaves = metas_in(parts.leaves);
  ++counters_.diffs;
  counters_.joins += joins;
  counters_.leaves += leaves;
  env().events().emit<diff_published>([&] {
    return diff_published{options_->tracker.name, topic, joins, leaves, now() - parts.taken};
  });
  return true;
}

bool publisher::broadcast(pubsub::system& s, const std::string& topic, const presence_diff& d) {
  auto told = s.local_broadcast(*this, topic, pubsub::topic_class::fire_and_forget, share(d),
                                {.dispatcher = options_->dispatcher});
  if (told)
    return true;
  if (told.error().code == errc::unavailable)
    return false;  // It has ended just now.
  const auto why = told.error().message;
  env().events().emit(diff_refused{options_->tracker.name, topic, why, ++counters_.refused});
  env().log().write(refusals_, log_level::error, "presence", "a diff could not be broadcast",
                    {{"presence", options_->tracker.name}, {"topic", topic}, {"why", told.error()}});
  return true;
}

void publisher::tell_metas(const std::string& topic, const publish_order::diff_parts& parts, const presence_diff& d) {
  if (!options_->handle_metas)
    return;
  const auto& metas = metas_.apply(topic, parts.joins, parts.leaves);
  std::string why;
  try {
    options_->handle_metas(topic, d, metas);
    return;
  } catch (const std::exception& e) {
    why = e.what();
  } catch (...) {
    why = "something that is no std::exception";
  }
  env().events().emit(handle_metas_failed{options_->tracker.name, topic, why, ++counters_.metas_failures});
  env().log().write(metas_complaints_, log_level::error, "presence", "handle_metas threw",
                    {{"presence", options_->tracker.name}, {"topic", topic}, {"why", why}});
}

void publisher::note_fetch(const std::string& topic, const std::string& why) {
  if (why.empty())
    return;
  env().events().emit(fetch_failed{options_->tracker.name, topic, why, ++counters_.fetch_failures});
  env().log().write(fetch_complaints_, log_level::error, "presence",
                    "fetch failed, presences go out as they were tracked",
                    {{"presence", options_->tracker.name}, {"topic", topic}, {"why", why}});
}

/// As the one before left it; of one that could not leave it, as it was tracked.
void publisher::restore_metas() {
  if (auto kept = ledger_->take_kept(owner_)) {
    metas_ = std::move(*kept);
    return;
  }
  std::map<std::string, std::vector<meta_change>> told;
  ledger_->use(owner_, [&](ledger::books& b) {
    for (const auto& [topic, t] : b.topics)
      told.emplace(topic, t.told());
  });
  for (const auto& [topic, metas] : told)
    metas_.apply(topic, to_presences(metas), {});
}

// -- the list of the tracker, after it was started anew ---------------------------------------------------

void publisher::compare_next() {
  if (to_compare_.empty() || is_counting())
    return;
  auto topic = std::move(to_compare_.front());
  to_compare_.pop_front();
  auto version = ledger_->use(owner_, [&](ledger::books& b) {
    const auto* t = b.find(topic);
    return t != nullptr ? t->version() : 0;
  });
  auto again = [this, topic] {
    to_compare_.push_back(topic);
    run_after(compare_pause, [this] { compare_next(); });
  };
  auto shard = shard_for(topic);
  if (!shard)
    return again();
  call<listing>(shard, list_topic{topic}, shard_answer_max)
      .then(
          [this, topic, version, again](const listing& l) {
            if (!compare(topic, version, l))
              return again();
            compare_next();
          },
          [again](const call_error&) { again(); });
}

/// False: the topic has changed since it was asked for.
bool publisher::compare(const std::string& topic, std::uint64_t version, const listing& l) {
  std::vector<meta_change> listed;
  for (const auto& e : l.entries)
    listed.push_back({e.key.key, ref_of(*e.meta), e.meta});
  const auto is_current = ledger_->use(owner_, [&](ledger::books& b) {
    auto* t = b.find(topic);
    if ((t != nullptr ? t->version() : 0) != version)
      return false;
    if (t == nullptr)
      return true;
    const auto was_dirty = t->is_dirty();
    t->replace(listed);
    if (!was_dirty && t->is_dirty())
      b.noted.insert(topic);
    return true;
  });
  look();
  return is_current;
}

}  // namespace beamline::presence::layer
