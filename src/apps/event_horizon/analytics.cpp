#include "apps/event_horizon/analytics.hpp"

#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "net/outbox/api.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/system.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

namespace beamline::event_horizon {

namespace outbox = net::outbox;

namespace {

constexpr duration refresh_timeout = 5s;
// A post whose broadcasts leave gaps is asked for at most so often.
constexpr duration gap_pause = 1s;
// Visits under way at the same time; one more is not counted.
constexpr std::size_t visits_max = 1000;

using net::rpc::rpc_error;

error error_from(const net::rpc::failure& f) {
  if (f.is(rpc_error::kind::timeout))
    return {errc::timeout, "the accumulator did not answer in time"};
  if (f.is(rpc_error::kind::system_limit))
    return {errc::busy, "the accumulator has too much to do"};
  if (const auto* x = f.as<net::rpc::failed>(); x != nullptr && x->type == "unreadable")
    return {errc::corrupt, "the accumulator answered with something else: " + x->what};
  return {errc::unavailable, "the accumulator cannot be reached: " + to_string(f)};
}

}  // namespace

analytics::analytics(process_context& c, parts p)
    : process{c},
      parts_{std::move(p)},
      views_{parts_.of.options().subscribers_max},
      refreshes_{parts_.refresh},
      ids_{env().time(), env().random()} {}

behavior analytics::init() {
  if (auto named = register_as(std::string{analytics_name}); !named)
    throw std::runtime_error{named.error().message};
  listen();
  return handlers([this](const pubsub::signalled& m) { on_news(*m.what); },
                  [this](const node_up& m) { on_peer(m.peer); }, [](const node_down&) {},
                  [this](const watch_stats& m) -> deferred { return watch_view(m); },
                  [this](const start_like& m) -> deferred {
                    auto to = promise<result<like_answer>>();
                    like(m.what, [to](const result<like_answer>& r) { to.set(r); });
                    return to;
                  },
                  [this](const start_like_for& m) { like(m.what, m.done); }, [this](const count_visit& m) { visit(m); },
                  [this](const posts_changed&) {
                    listen_to_posts();
                    refresh();
                  });
}

void analytics::listen() {
  auto& topics = pubsub::system_of(env());
  if (auto ok = topics.subscribe(self(), posts_topic()); !ok)
    throw std::runtime_error{ok.error().message};
  listen_to_posts();
  // Who is linked already is asked below, like everybody.
  (void)env().peers().subscribe_with_snapshot(self());
  refresh_everything();
}

/// Those of which it does not hear yet; their numbers are asked for with the next refresh. A post that was removed is
/// still heard of: it may come back.
void analytics::listen_to_posts() {
  auto& topics = pubsub::system_of(env());
  for (const auto& p : parts_.of.posts().posts()) {
    if (!listened_.insert(p.slug).second)
      continue;
    if (auto ok = topics.subscribe(self(), accumulator::blog_topic(p.slug), {.how = pubsub::delivery::signal}); !ok)
      throw std::runtime_error{ok.error().message};
    refreshes_.want(p.slug);
  }
}

// -- what is heard -----------------------------------------------------------------------------

result<void> analytics::check_stats(const accumulator::blog_stats& stats, std::string_view slug) {
  if (stats.slug == slug && stats.likes >= 0 && stats.version >= 0)
    return {};
  return error{errc::corrupt, "expected numbers of \"" + std::string{slug} + "\", got " + to_string(stats)};
}

void analytics::on_news(pubsub::subscription& of) {
  auto stats = of.take_as<accumulator::blog_stats>();
  if (!stats)
    return env().log().warn("event_horizon", "broadcast dropped, it holds no numbers", {{"topic", of.topic()}});
  auto ok = check_stats(*stats, stats->slug);
  if (ok && of.topic() != accumulator::blog_topic(stats->slug).name())
    ok = error{errc::corrupt, "they are of \"" + stats->slug + "\""};
  if (ok) {
    note_gap(*stats);
    learn(*stats);
  } else {
    env().log().warn("event_horizon", "broadcast dropped", {{"topic", of.topic()}, {"error", ok.error()}});
  }
}

/// A broadcast has all numbers, so nothing that is shown is missing. But where one was lost, a later one may be, too,
/// with none behind it to make up for it: so the owner is asked.
void analytics::note_gap(const accumulator::blog_stats& news) {
  auto known = parts_.of.stats(news.slug);
  if (!known || known->version >= news.previous || !gaps_.insert(news.slug).second)
    return;
  run_after(gap_pause, [this, slug = news.slug] { gaps_.erase(slug); });
  refreshes_.want(news.slug);
  refresh();
}

void analytics::learn(const accumulator::blog_stats& news) {
  auto stats = post_stats{news.likes, news.version, news.visits, news.comments};
  if (!parts_.of.numbers().update(news.slug, stats))
    return;
  const auto& views = views_.of(news.slug);
  env().events().emit(stats_learned{news.slug, stats.likes, stats.version, views.size()});
  auto m = share(stats_updated{news.slug, stats});
  for (const auto& view : views)
    cast(view, m);
}

void analytics::on_peer(const peer_info& peer) {
  if (peer.role == accumulator::role)
    refresh_everything();
}

// -- what is asked -----------------------------------------------------------------------------

void analytics::refresh_everything() {
  for (const auto& p : parts_.of.posts().posts())
    refreshes_.want(p.slug);
  refreshes_.encourage();
  refresh();
}

void analytics::refresh() {
  while (auto slug = refreshes_.next())
    ask(*slug);
}

void analytics::ask(const std::string& slug) {
  auto failed = [this, slug](std::string_view why) {
    env().log().debug("event_horizon", "no numbers yet", {{"slug", slug}, {"why", why}});
    if (auto pause = refreshes_.failed(slug, env().random()))
      run_after(*pause, [this] {
        refreshes_.retry();
        refresh();
      });
  };
  net::rpc::call_role<accumulator::blog_stats>(*this, accumulator::role, accumulator::get_blog_stats{slug},
                                               refresh_timeout, parts_.rpc)
      .then(
          [this, slug, failed](const accumulator::blog_stats& stats) {
            if (auto ok = check_stats(stats, slug); !ok)
              return failed(ok.error().message);
            refreshes_.answered(slug);
            learn(stats);
            refresh();
          },
          [failed](const net::rpc::failure& f) { failed(to_string(f)); });
}

// -- views ---------------------------------------------------------------------------------------

reply_promise<watch_answer> analytics::watch_view(const watch_stats& m) {
  auto to = promise<watch_answer>();
  switch (views_.add(m.slug, m.view)) {
    case audience::outcome::full:
      to.fail(reason::custom("busy: " + std::to_string(views_.size())
                             + " subscriptions, as many as event_horizon.subscribers_max allows"));
      return to;
    case audience::outcome::first: watch(m.view, [this, view = m.view](const reason&) { views_.remove(view); }); break;
    case audience::outcome::another: break;
  }
  to.set(watch_answer{parts_.of.stats(m.slug)});
  return to;
}

// -- likes ---------------------------------------------------------------------------------------

void analytics::like(const like_post& what, const like_completion& tell) {
  if (likes_ >= parts_.of.options().likes_max)
    return tell(
        error{errc::busy, std::to_string(likes_) + " likes under way, as many as event_horizon.likes_max allows"});
  ++likes_;
  auto timeout = parts_.of.options().like_timeout;
  auto finish = [this, what, tell, start = now()](const result<like_answer>& r) {
    --likes_;
    auto outcome = r ? std::string_view{"ok"} : to_string(r.error().code);
    env().events().emit(like_done{what.slug, what.liked, outcome, now() - start});
    if (!r)
      env().log().warn("event_horizon", "like not counted", {{"slug", what.slug}, {"error", r.error()}});
    tell(r);
  };
  net::rpc::call_role<accumulator::write_answer>(
      *this, accumulator::role, accumulator::update_likes{what.slug, what.visitor, what.liked, 0, ids_.next()}, timeout,
      parts_.rpc)
      .then([this, what, finish](const accumulator::write_answer& answer) { on_liked(what, answer, finish); },
            [finish](const net::rpc::failure& f) { finish(error_from(f)); });
}

void analytics::on_liked(const like_post& what, const accumulator::write_answer& answer, const like_completion& tell) {
  using accumulator::event_outcome;
  if (answer.outcome == event_outcome::retry)
    return tell(error{errc::busy, answer.why});
  if (answer.outcome == event_outcome::rejected)
    return tell(error{errc::denied, answer.why});
  auto stats = answer.stats.value_or(accumulator::blog_stats{});
  if (auto ok = check_stats(stats, what.slug); !ok)
    return tell(ok.error());
  parts_.of.numbers().remember_like(what.slug, what.visitor, what.liked);
  learn(stats);
  tell(like_answer{{stats.likes, stats.version, stats.visits, stats.comments}, what.liked});
}

void analytics::visit(const count_visit& m) {
  if (visits_ >= visits_max)
    return;
  ++visits_;
  if (parts_.has_outbox)
    return keep_visit(m);
  net::rpc::call_role<accumulator::write_answer>(*this, accumulator::role,
                                                 accumulator::increment_blog_visit{m.slug, {m.visitor}, ids_.next()},
                                                 parts_.of.options().like_timeout, parts_.rpc)
      .then([this](const accumulator::write_answer&) { --visits_; },
            [this, slug = m.slug](const net::rpc::failure& f) {
              --visits_;
              env().log().debug("event_horizon", "visit not counted", {{"slug", slug}, {"why", to_string(f)}});
            });
}

void analytics::keep_visit(const count_visit& m) {
  const auto visit = accumulator::increment_blog_visit{m.slug, {m.visitor}, {}};
  auto e =
      outbox::make_event(env(), std::string{accumulator::increment_blog_visit::message_name}, m.slug, encode(visit));
  outbox::execute_or_buffer(*this, std::move(e), [this, slug = m.slug](const outbox::outcome& o) {
    --visits_;
    if (const auto* r = std::get_if<outbox::refused>(&o))
      env().log().debug("event_horizon", "visit not counted", {{"slug", slug}, {"why", r->why}});
  });
}

outbox::class_table event_classes() {
  using visits = accumulator::increment_blog_visit;
  return outbox::class_table{
      {outbox::event_class{.type = std::string{visits::message_name},
                           .when_full = outbox::overflow::drop_oldest,
                           .coalesce = outbox::coalescing<visits>(accumulator::merge_visits<visits>)}}};
}

}  // namespace beamline::event_horizon
