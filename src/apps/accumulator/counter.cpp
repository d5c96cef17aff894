#include "apps/accumulator/counter.hpp"

#include "apps/accumulator/events.hpp"
#include "apps/accumulator/reads.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/system.hpp"
#include "supervision/depend_on.hpp"

#include <algorithm>
#include <utility>

namespace beamline::accumulator {

counter::counter(process_context& c, parts p, accumulator_options o)
    : process{c}, parts_{std::move(p)}, writer_{process_access{*this}, parts_.store, o} {
  standing_.is_shared = parts_.is_shared;
  is_held_ = parts_.is_held;
}

// -- start ----------------------------------------------------------------------------------------

behavior counter::init() {
  hold_start();
  parts_.store->migrate(std::string{schema_name}, migrations(),
                        resume_with([this](const result<void>& r) { on_migrated(r); }));
  return handlers(
      [this](const net::rpc::procedure_call& call) -> deferred {
        auto to = promise<bytes>();
        answer(call, to);
        return to;
      },
      [this](const tracked_event& m) { on_tracked(m); }, [this](const change_options& m) { writer_.change(m.to); },
      [this](const admit_writes& m) { is_held_ = !m.is_open; },
      [this](const await_ready&) -> deferred {
        auto to = promise<ready>();
        if (is_ready_)
          to.set(ready{});
        else
          awaiting_.push_back(to);
        return to;
      });
}

void counter::fail_start(std::string_view what, const error& why) {
  env().log().error("accumulator", what, {{"error", std::string_view{why.message}}});
  stop(reason::custom(why.message));
}

void counter::on_migrated(const result<void>& r) {
  if (!r)
    return fail_start("the tables could not be brought up to date", r.error());
  uid_source ids{env().time(), env().random()};
  auto identify = [fresh = ids.next()](store::transaction& tx) -> result<uid> {
    tables t{tx};
    auto id = t.identity(fresh);
    if (auto ok = t.outcome(); !ok)
      return ok.error();
    return id;
  };
  parts_.store->transact(identify, resume_with([this](const result<uid>& id) { on_identified(id); }));
}

void counter::on_identified(const result<uid>& r) {
  if (!r)
    return fail_start("the database's own id could not be read", r.error());
  standing_.database = *r;
  supervision::depend_on(process_access{*this}, parts_.rpc, [this](const pid& rpc) { serve(rpc); });
}

void counter::serve(const pid& rpc) {
  namespace n = net::rpc;
  cast(rpc, n::register_procedures{{n::raw_procedure_of<update_likes, write_answer>(self()),
                                    n::raw_procedure_of<increment_blog_visit, write_answer>(self()),
                                    n::raw_procedure_of<increment_visit, write_answer>(self()),
                                    n::raw_procedure_of<add_comment, write_answer>(self()),
                                    n::raw_procedure_of<handle_buffered_event, event_answers>(self()),
                                    n::raw_procedure_of<get_blog_stats, blog_stats>(self()),
                                    n::raw_procedure_of<get_liked, like_state>(self()),
                                    n::raw_procedure_of<get_site_stats, site_stats>(self()),
                                    n::raw_procedure_of<get_count, metric_count>(self()),
                                    n::raw_procedure_of<list_comments, comment_list>(self()),
                                    n::raw_procedure_of<recent_comments, comment_list>(self()),
                                    n::raw_procedure_of<moderate_comment, write_answer>(self()),
                                    n::raw_procedure_of<get_standing, standing>(self())},
                                   self()});
  if (auto* topics = pubsub::find_system(env()))
    if (auto heard = topics->subscribe(self(), analytics_topic()); !heard)
      env().log().warn("accumulator", "broadcast events are not heard", {{"error", heard.error()}});
  confirm_start();
  is_ready_ = true;
  for (auto& to : awaiting_)
    to.set(ready{});
  awaiting_.clear();
}

// -- calls ----------------------------------------------------------------------------------------

void counter::answer(const net::rpc::procedure_call& call, const reply_promise<bytes>& to) {
  if (!answer_write(call, to) && !answer_read(call, to))
    refuse(call.procedure, {errc::unsupported, "the accumulator has no procedure \"" + call.procedure + "\""}, to);
}

bool counter::answer_write(const net::rpc::procedure_call& call, const reply_promise<bytes>& to) {
  auto finish = [to](const write_answer& a) { to.set(encode(a)); };
  const auto& name = call.procedure;
  if (name == handle_buffered_event::message_name) {
    auto m = read_batch(call.arguments);
    m ? apply_batch(*m, to) : refuse(name, m.error(), to);
  } else if (name == moderate_comment::message_name) {
    auto m = read_moderate_comment(call.arguments);
    if (!m)
      finish(note(failed_answer(m.error())));
    else if (auto no = objection_to(1))
      finish(note(*no));
    else
      writer_.apply(*m, finish);
  } else if (name == update_likes::message_name || name == increment_blog_visit::message_name
             || name == increment_visit::message_name || name == add_comment::message_name) {
    auto m = read_event(name, call.arguments, writer_.options().comment_bytes_max);
    if (m && !m->event_id.is_nil() && !is_event_id(m->event_id))
      m = error{errc::invalid, name + ": event_id is " + m->event_id.str() + ", expected a version 7 id"};
    if (!m)
      finish(note(failed_answer(m.error())));
    else if (auto no = objection_to(1))
      finish(note(*no));
    else
      writer_.apply(m->event_id, std::move(m->what), finish);
  } else {
    return false;
  }
  return true;
}

bool counter::answer_read(const net::rpc::procedure_call& call, const reply_promise<bytes>& to) {
  const auto& name = call.procedure;
  if (name == get_blog_stats::message_name) {
    read(name, read_get_blog_stats(call.arguments), to,
         [](tables& t, const get_blog_stats& m) { return to_stats(m.slug, t.load_post(m.slug)); });
  } else if (name == get_liked::message_name) {
    read(name, read_get_liked(call.arguments), to,
         [](tables& t, const get_liked& m) { return like_state{t.has_like(m.slug, m.visitor)}; });
  } else if (name == get_site_stats::message_name) {
    read(name, decode<get_site_stats>(call.arguments), to,
         [](tables& t, const get_site_stats&) { return t.load_site(); });
  } else if (name == get_count::message_name) {
    read(name, read_get_count(call.arguments), to, [](tables& t, const metric& m) { return count(t, m); });
  } else if (name == list_comments::message_name) {
    read(name, read_list_comments(call.arguments), to, [](tables& t, const list_comments& m) { return list(t, m); });
  } else if (name == recent_comments::message_name) {
    read(name, read_recent_comments(call.arguments), to,
         [](tables& t, const recent_comments& m) { return list(t, m); });
  } else if (name == get_standing::message_name) {
    to.set(encode(standing_));
  } else {
    return false;
  }
  return true;
}

template <class Request, class F>
void counter::read(std::string_view procedure, const result<Request>& m, const reply_promise<bytes>& to, F load) {
  auto name = std::string{procedure};
  if (!m)
    return refuse(name, {errc::invalid, m.error().message}, to);
  if (reads_ >= writer_.options().calls_max)
    return refuse(name, {errc::busy, std::to_string(reads_) + " calls wait for the store already; try again later"},
                  to);
  ++reads_;
  auto run = [m = *m, load](store::transaction& tx) -> result<bytes> {
    tables t{tx};
    auto value = encode(load(t, m));
    if (auto ok = t.outcome(); !ok)
      return ok.error();
    return value;
  };
  parts_.store->read(run, resume_with([this, name, to](const result<bytes>& r) {
                       --reads_;
                       r ? to.set(*r) : refuse(name, r.error(), to);
                     }));
}

void counter::refuse(std::string_view procedure, const error& why, const reply_promise<bytes>& to) {
  env().events().emit(call_refused{procedure, to_string(why.code), why.message});
  to.fail(reason::custom(std::string{to_string(why.code)} + ": " + why.message));
}

// -- events ---------------------------------------------------------------------------------------

std::optional<write_answer> counter::objection_to(std::size_t writes) const {
  if (is_held_)
    return write_answer{event_outcome::retry,
                        "unavailable: this accumulator asks the others first whether they count into one database"};
  if (!writer_.has_room(writes))
    return busy_answer(writer_.options().calls_max);
  return std::nullopt;
}

const write_answer& counter::note(const write_answer& a) {
  env().events().emit(event_answered{to_string(a.outcome), std::string_view{a.why}.substr(0, a.why.find(':'))});
  return a;
}

void counter::apply_event(const uid& id, std::string_view type, std::string_view payload, writer::completion finish) {
  auto refuse_as = [&](const error& why) { finish(note(failed_answer(why))); };
  if (!is_event_id(id))
    return refuse_as({errc::invalid, "the event's id is " + id.str() + ", expected a version 7 id"});
  if (payload.size() > payload_bytes_max)
    return refuse_as({errc::invalid, "the event has " + std::to_string(payload.size())
                                         + " bytes of payload, expected at most " + std::to_string(payload_bytes_max)});
  auto m = read_event(type, payload, writer_.options().comment_bytes_max);
  if (!m)
    return refuse_as(m.error());
  writer_.apply(id, std::move(m->what), std::move(finish));
}

void counter::apply_batch(const handle_buffered_event& m, const reply_promise<bytes>& to) {
  struct open_batch {
    event_answers all;
    std::size_t left;
  };
  auto batch = std::make_shared<open_batch>(open_batch{{}, m.events.size()});
  for (const auto& e : m.events)
    batch->all.answers.push_back({e.id, event_outcome::retry, {}, {}});
  // As a whole or not at all: no event of it overtakes an earlier one.
  auto no = objection_to(m.events.size());
  if (no)
    for (auto& a : batch->all.answers)
      a.why = note(*no).why;
  if (m.events.empty() || no)
    return to.set(encode(batch->all));
  for (std::size_t i = 0; i < m.events.size(); ++i) {
    const auto& e = m.events[i];
    apply_event(e.id, e.type, e.payload, [batch, i, to](const write_answer& a) {
      auto& one = batch->all.answers[i];
      one.outcome = a.outcome;
      one.why = a.why;
      if (a.outcome == event_outcome::applied || a.outcome == event_outcome::duplicate)
        one.answer = encode(a);
      if (--batch->left == 0)
        to.set(encode(batch->all));
    });
  }
}

void counter::on_tracked(const tracked_event& m) {
  if (auto lost = parts_.losses->note(m.source, m.sequence); lost > 0)
    lose("gap", lost);
  auto finish = [this](const write_answer& a) {
    if (a.outcome == event_outcome::retry || a.outcome == event_outcome::rejected)
      lose(std::string_view{a.why}.substr(0, a.why.find(':')), 1);
  };
  if (auto no = objection_to(1))
    finish(note(*no));
  else
    apply_event(m.id, m.type, m.payload, finish);
}

void counter::lose(std::string_view why, std::uint64_t count) { env().events().emit(events_lost{why, count}); }

}  // namespace beamline::accumulator
