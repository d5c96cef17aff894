#include "apps/accumulator/writer.hpp"

#include "apps/accumulator/events.hpp"
#include "base/log.hpp"
#include "base/planted.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"

#include <utility>

namespace beamline::accumulator {

namespace {

std::string_view first_word(const std::string& why) { return std::string_view{why}.substr(0, why.find(':')); }

/// The limited visitor of an event; empty: it has none.
std::string visitor_of(const wish& w) {
  if (const auto* l = std::get_if<like>(&w))
    return l->visitor;
  if (const auto* c = std::get_if<new_comment>(&w))
    return c->visitor;
  return {};
}

/// The transaction. It may run again, so it gives everything anew.
result<std::vector<effect>> apply_all(store::transaction& tx, const std::vector<write_ptr>& group, const rules& r) {
  tables t{tx};
  std::vector<effect> all;
  all.reserve(group.size());
  t.take_turn();
  for (const auto& w : group) {
    const auto* e = std::get_if<incoming>(&w->what);
    all.push_back(e != nullptr ? apply(t, *e, r) : apply(t, std::get<moderate_comment>(w->what)));
  }
  if (auto ok = t.outcome(); !ok)
    return ok.error();
  return all;
}

/// The mistake `seen_apart`: the second half of the transaction, for itself.
result<void> remember_all(store::transaction& tx, const std::vector<write_ptr>& group,
                          const std::vector<effect>& effects) {
  tables t{tx};
  for (std::size_t i = 0; i < group.size(); ++i)
    if (const auto* e = std::get_if<incoming>(&group[i]->what); e != nullptr && !e->id.is_nil())
      if (effects[i].answer.outcome == event_outcome::applied)
        (void)t.remember(e->id);
  return t.outcome();
}

}  // namespace

write_answer busy_answer(std::size_t calls_max) {
  return {event_outcome::retry,
          "busy: " + std::to_string(calls_max) + " calls and events wait for the store already; try again later"};
}

write_answer failed_answer(const error& why) {
  if (why.code == errc::unsupported)
    return {event_outcome::rejected, std::string{reject::unknown_event_type} + ": " + why.message};
  auto outcome = is_own_fault(why.code) ? event_outcome::rejected : event_outcome::retry;
  return {outcome, std::string{to_string(why.code)} + ": " + why.message};
}

writer::writer(process_access self, std::shared_ptr<store::database> db, accumulator_options o)
    : self_{self},
      db_{std::move(db)},
      options_{o},
      line_{{.interval = o.commit_interval}},
      like_limit_{o.like_limit()},
      comment_limit_{o.comment_limit()} {}

void writer::change(const accumulator_options& o) {
  options_ = o;
  like_limit_.change(o.like_limit());
  comment_limit_.change(o.comment_limit());
}

bool writer::has_room(std::size_t writes) const {
  return line_.size() == 0 || line_.size() + writes <= options_.calls_max;
}

// -- in -------------------------------------------------------------------------------------------

limiter* writer::limit_of(const wish& w) {
  if (visitor_of(w).empty())
    return nullptr;
  return std::holds_alternative<like>(w) ? &like_limit_ : &comment_limit_;
}

void writer::apply(const uid& id, wish what, completion done) {
  auto* limit = limit_of(what);
  auto visitor = visitor_of(what);
  incoming e{id, std::move(what), self_.self().env().time().wall_now()};
  if (limit != nullptr && !limit->take(visitor, e.made_at(), e.accepted_at)) {
    e.is_over_limit = true;
    limit = nullptr;  // There is nothing to give back.
  }
  push(std::move(e), std::move(done), limit, std::move(visitor));
}

void writer::apply(const moderate_comment& m, completion done) { push(m, std::move(done), nullptr, {}); }

void writer::push(std::variant<incoming, moderate_comment> what, completion done, limiter* limit, std::string visitor) {
  auto made_at = wall_time{};
  if (const auto* e = std::get_if<incoming>(&what))
    made_at = e->made_at();
  auto finish = [this, done = std::move(done), limit, visitor = std::move(visitor), made_at](const result<effect>& r) {
    auto answer = r ? r->answer : failed_answer(r.error());
    auto is_applied = answer.outcome == event_outcome::applied;
    if (limit != nullptr && !is_applied)
      limit->give_back(visitor, made_at);
    self_.self().env().events().emit(
        event_answered{to_string(answer.outcome), is_applied ? std::string_view{} : first_word(answer.why)});
    done(answer);
  };
  line_.push(std::make_shared<pending_write>(pending_write{std::move(what), std::move(finish)}));
  pump();
}

// -- commits --------------------------------------------------------------------------------------

void writer::pump() {
  if (auto group = line_.begin(self_.now()); !group.empty())
    return commit(group);
  auto pause = line_.pause(self_.now());
  if (!pause || is_timer_armed_)
    return;
  is_timer_armed_ = true;
  self_.run_after(*pause, [this] {
    is_timer_armed_ = false;
    pump();
  });
}

void writer::commit(const std::vector<write_ptr>& group) {
  auto run = [group, r = options_.rules()](store::transaction& tx) { return apply_all(tx, group, r); };
  auto finish = self_.resume_with([this](const result<std::vector<effect>>& r) { on_committed(r); });
  if (planted::is_on(planted::bug::answered_early))
    return db_->transact(
        [run, finish](store::transaction& tx) {
          auto r = run(tx);
          finish(r);
          return r;
        },
        [](const result<std::vector<effect>>&) {});
  if (planted::is_on(planted::bug::seen_apart))
    return db_->transact(run, [db = db_, group, finish](const result<std::vector<effect>>& r) {
      if (!r)
        return finish(r);
      db->transact([group, r](store::transaction& tx) { return remember_all(tx, group, *r); },
                   [finish, r](const result<void>&) { finish(r); });
    });
  db_->transact(run, finish);
}

void writer::on_committed(const result<std::vector<effect>>& r) {
  auto over = line_.finished(r ? result<void>{} : result<void>{r.error()});
  if (r) {
    for (const auto& e : *r)
      note(e);
    tell();
  }
  for (std::size_t i = 0; i < over.size(); ++i)
    over[i]->done(r ? result<effect>{r->at(i)} : result<effect>{r.error()});
  pump();
}

void writer::note(const effect& e) {
  if (!e.has_changed)
    return;
  news_.add(e);
  const auto& stats = e.answer.stats;
  auto version = stats ? stats->version : e.answer.count ? e.answer.count->version : 0;
  self_.self().env().events().emit(change_applied{stats ? std::string_view{stats->slug} : std::string_view{},
                                                  e.by.likes, e.by.visits, e.by.comments, version});
}

// -- out ------------------------------------------------------------------------------------------

// What is not told now, the next one supersedes (D214).
template <class M, pubsub::topic_class Class>
void writer::broadcast(const pubsub::topic<M, Class>& to, const M& m, std::int64_t version) {
  auto& env = self_.self().env();
  auto* topics = pubsub::find_system(env);
  pubsub::broadcast_options o;
  if constexpr (Class == pubsub::topic_class::last_value)
    o.version = static_cast<std::uint64_t>(version);
  auto told = topics == nullptr ? result<void>{error{errc::unavailable, "no PubSub system runs"}}
                                : topics->broadcast(self_.self(), to, m, o);
  if (!told)
    env.log().warn("accumulator", "the new numbers were not broadcast",
                   {{"topic", to.name()}, {"error", told.error()}});
}

void writer::tell() {
  for (const auto& s : news_.take_posts())
    broadcast(blog_topic(s.slug), s, s.version);
  for (const auto& c : news_.take_comments())
    broadcast(comment_topic(c.what.slug), c, c.version);
  if (!news_.has_sums() || is_sums_timer_armed_)
    return;
  if (self_.now() >= sums_at_)
    return tell_sums();
  is_sums_timer_armed_ = true;
  self_.run_after(sums_at_ - self_.now(), [this] {
    is_sums_timer_armed_ = false;
    tell_sums();
  });
}

void writer::tell_sums() {
  sums_at_ = self_.now() + sums_interval;
  if (auto s = news_.take_site())
    broadcast(site_topic(), *s, s->version);
  for (const auto& m : news_.take_metrics())
    broadcast(metric_topic(m.metric), m, m.version);
}

}  // namespace beamline::accumulator
