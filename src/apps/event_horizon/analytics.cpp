#include "apps/event_horizon/analytics.hpp"

#include "apps/event_horizon/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "supervision/depend_on.hpp"

#include <stdexcept>

namespace beamline::event_horizon {

namespace {

// The rpc process keeps the deadline of a call; this much later it is given up here, should that process be stuck.
constexpr duration rpc_grace = 1s;
constexpr duration refresh_timeout = 5s;

error error_from(const call_error& e) {
  switch (e.what) {
    case call_error::kind::timeout: return {errc::timeout, "the accumulator did not answer in time"};
    case call_error::kind::busy: return {errc::busy, "the accumulator has too much to do"};
    default: return {errc::unavailable, "the accumulator cannot be reached: " + to_string(e)};
  }
}

}  // namespace

analytics::analytics(process_context& c, parts p)
    : process{c}, parts_{std::move(p)}, views_{parts_.of.options().subscribers_max}, refreshes_{parts_.refresh} {}

behavior analytics::init() {
  if (auto named = register_as(std::string{analytics_name}); !named)
    throw std::runtime_error{named.error().message};
  hold_start();
  supervision::depend_on(process_access{*this}, parts_.broadcast, [this](const pid& broadcast) { listen(broadcast); });
  return handlers([this](const net::broadcast_message& m) { on_broadcast(m); },
                  [this](const node_up& m) { on_peer(m.peer); }, [](const node_down&) {},
                  [this](const watch_stats& m) -> deferred { return watch_view(m); },
                  [this](const start_like& m) -> deferred {
                    auto to = promise<result<like_answer>>();
                    like(m.what, [to](const result<like_answer>& r) { to.set(r); });
                    return to;
                  },
                  [this](const start_like_for& m) { like(m.what, m.done); });
}

void analytics::listen(const pid& broadcast) {
  for (const auto& p : parts_.of.posts().posts())
    cast(broadcast, net::subscribe{accumulator::blog_topic(p.slug), self()});
  // Who is linked already is asked below, like everybody.
  (void)env().peers().subscribe_with_snapshot(self());
  confirm_start();
  refresh_everything();
}

// -- what is heard -----------------------------------------------------------------------------

result<accumulator::blog_stats> analytics::read_stats(std::string_view octets, std::string_view slug) const {
  auto stats = decode<accumulator::blog_stats>(octets);
  if (!stats)
    return stats;
  if (stats->slug != slug || stats->likes < 0 || stats->version < 0)
    return error{errc::corrupt, "expected numbers of \"" + std::string{slug} + "\", got " + to_string(*stats)};
  return stats;
}

void analytics::on_broadcast(const net::broadcast_message& m) {
  auto slug = accumulator::slug_of_topic(m.topic);
  auto stats = slug ? read_stats(*m.payload, *slug)
                    : result<accumulator::blog_stats>{error{errc::invalid, "nobody subscribed to this topic"}};
  if (stats)
    learn(*stats);
  else
    env().log().warn("event_horizon", "broadcast dropped", {{"topic", m.topic}, {"error", stats.error()}});
}

void analytics::learn(const accumulator::blog_stats& news) {
  auto stats = post_stats{news.likes, news.version};
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
  auto question = net::rpc_to(std::string{accumulator::role}, accumulator::get_blog_stats{slug}, refresh_timeout);
  auto failed = [this, slug](std::string_view why) {
    env().log().debug("event_horizon", "no numbers yet", {{"slug", slug}, {"why", why}});
    if (auto pause = refreshes_.failed(slug, env().random()))
      run_after(*pause, [this] {
        refreshes_.retry();
        refresh();
      });
  };
  call<bytes>(parts_.rpc, std::move(question), refresh_timeout + rpc_grace)
      .then(
          [this, slug, failed](const bytes& reply) {
            auto stats = read_stats(reply, slug);
            if (!stats)
              return failed(stats.error().message);
            refreshes_.answered(slug);
            learn(*stats);
            refresh();
          },
          [failed](const call_error& e) { failed(to_string(e)); });
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
  auto request = net::rpc_to(std::string{accumulator::role},
                             accumulator::update_likes{what.slug, what.visitor, what.liked}, timeout);
  call<bytes>(parts_.rpc, std::move(request), timeout + rpc_grace)
      .then([this, what, finish](const bytes& reply) { on_liked(what, reply, finish); },
            [finish](const call_error& e) { finish(error_from(e)); });
}

void analytics::on_liked(const like_post& what, const bytes& reply, const like_completion& tell) {
  auto stats = read_stats(reply, what.slug);
  if (!stats)
    return tell(stats.error());
  parts_.of.numbers().remember_like(what.slug, what.visitor, what.liked);
  learn(*stats);
  tell(like_answer{{stats->likes, stats->version}, what.liked});
}

}  // namespace beamline::event_horizon
