#include "apps/accumulator/counter.hpp"

#include "apps/accumulator/arguments.hpp"
#include "apps/accumulator/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/system.hpp"
#include "supervision/depend_on.hpp"

namespace beamline::accumulator {

counter::counter(process_context& c, parts p, accumulator_options o) : process{c}, parts_{std::move(p)}, options_{o} {}

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
      [this](const change_options& m) { options_ = m.to; },
      [this](const await_ready&) -> deferred {
        auto to = promise<ready>();
        if (is_ready_)
          to.set(ready{});
        else
          awaiting_.push_back(to);
        return to;
      });
}

void counter::on_migrated(const result<void>& r) {
  if (!r) {
    env().log().error("accumulator", "the tables could not be brought up to date",
                      {{"error", std::string_view{r.error().message}}});
    stop(reason::custom(r.error().message));
    return;
  }
  supervision::depend_on(process_access{*this}, parts_.rpc, [this](const pid& rpc) { serve(rpc); });
}

void counter::serve(const pid& rpc) {
  cast(rpc, net::rpc::register_procedures{{net::rpc::raw_procedure_of<update_likes, blog_stats>(self()),
                                           net::rpc::raw_procedure_of<get_blog_stats, blog_stats>(self())},
                                          self()});
  confirm_start();
  is_ready_ = true;
  for (auto& to : awaiting_)
    to.set(ready{});
  awaiting_.clear();
}

void counter::answer(const net::rpc::procedure_call& call, const reply_promise<bytes>& to) {
  if (calls_ >= options_.calls_max)
    return refuse(call.procedure,
                  {errc::busy, std::to_string(calls_) + " calls wait for the store already; try again later"}, to);
  if (call.procedure == update_likes::message_name) {
    auto m = read_update_likes(call.arguments);
    m ? start_update(*std::move(m), to) : refuse(call.procedure, m.error(), to);
  } else if (call.procedure == get_blog_stats::message_name) {
    auto m = read_get_blog_stats(call.arguments);
    m ? start_get(*std::move(m), to) : refuse(call.procedure, m.error(), to);
  } else {
    refuse(call.procedure, {errc::unsupported, "the accumulator has no procedure \"" + call.procedure + "\""}, to);
  }
}

void counter::start_update(update_likes m, const reply_promise<bytes>& to) {
  ++calls_;
  parts_.store->transact([m](store::transaction& tx) { return apply(tx, m); },
                         resume_with([this, m, to](const result<applied>& r) { on_applied(m, r, to); }));
}

void counter::on_applied(const update_likes& m, const result<applied>& r, const reply_promise<bytes>& to) {
  --calls_;
  if (!r)
    return refuse(update_likes::message_name, r.error(), to);
  if (r->has_changed) {
    env().events().emit(change_applied{m.slug, m.liked, r->stats.likes, r->stats.version});
    tell(r->stats);
  }
  to.set(encode(r->stats));
}

// The next one supersedes what is not told now (D214).
void counter::tell(const blog_stats& stats) {
  auto* topics = pubsub::find_system(env());
  auto told = topics == nullptr ? result<void>{error{errc::unavailable, "no PubSub system runs"}}
                                : topics->broadcast(*this, blog_topic(stats.slug), stats,
                                                    {.version = static_cast<std::uint64_t>(stats.version)});
  if (!told)
    env().log().warn("accumulator", "the new numbers were not broadcast",
                     {{"slug", stats.slug}, {"error", told.error()}});
}

void counter::start_get(get_blog_stats m, const reply_promise<bytes>& to) {
  ++calls_;
  parts_.store->read([m](store::transaction& tx) { return load_stats(tx, m.slug); },
                     resume_with([this, to](const result<blog_stats>& r) {
                       --calls_;
                       r ? to.set(encode(*r)) : refuse(get_blog_stats::message_name, r.error(), to);
                     }));
}

void counter::refuse(std::string_view procedure, const error& why, const reply_promise<bytes>& to) {
  env().events().emit(call_refused{procedure, to_string(why.code), why.message});
  to.fail(reason::custom(std::string{to_string(why.code)} + ": " + why.message));
}

}  // namespace beamline::accumulator
