#include "apps/event_horizon/analytics.hpp"

#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::event_horizon {

namespace {

constexpr duration refresh_timeout = 5s;
// A post whose broadcasts leave gaps is asked for at most so often.
constexpr duration gap_pause = 1s;
// Where posts are told apart by their slugs, this is the site.
const std::string of_site;

}  // namespace

analytics::analytics(process_context& c, parts p)
    : process{c},
      parts_{std::move(p)},
      views_{parts_.of.options().subscribers_max},
      site_views_{parts_.of.options().subscribers_max},
      refreshes_{parts_.refresh} {}

behavior analytics::init() {
  if (auto named = register_as(std::string{analytics_name}); !named)
    throw std::runtime_error{named.error().message};
  listen();
  return handlers([this](const pubsub::signalled& m) { on_news(*m.what); },
                  [this](const node_up& m) { on_peer(m.peer); }, [](const node_down&) {},
                  [this](const learned_stats& m) {
                    if (check_stats(m.stats, m.stats.slug))
                      learn(m.stats);
                  },
                  [this](const watch_stats& m) -> deferred {
                    return admit(views_, m.slug, m.view, watch_answer{parts_.of.stats(m.slug)});
                  },
                  [this](const watch_site& m) -> deferred {
                    return admit(site_views_, of_site, m.view, watch_site_answer{parts_.of.site()});
                  },
                  [this](const prepare_for& m) { prepare(m); },
                  [this](const posts_changed&) {
                    listen_to_posts();
                    refresh();
                  });
}

void analytics::listen() {
  auto& topics = pubsub::system_of(env());
  auto must = [](const auto& subscribed) {
    if (!subscribed)
      throw std::runtime_error{subscribed.error().message};
  };
  must(topics.subscribe(self(), posts_topic()));
  must(topics.subscribe(self(), accumulator::site_topic(), {.how = pubsub::delivery::signal}));
  listen_to_posts();
  // Who is linked already is asked below, like everybody.
  (void)env().peers().subscribe_with_snapshot(self());
  refresh_everything();
  refresh_once_in_a_while();
}

/// Those of which it does not hear yet; their numbers are asked for with the next refresh. A post that was removed is
/// still heard of: it may come back. One that the scoreboard has no room for is not: nobody could be shown its numbers.
void analytics::listen_to_posts() {
  auto& topics = pubsub::system_of(env());
  for (const auto& p : parts_.of.posts().posts()) {
    if (!parts_.of.numbers().knows(p.slug) || !listened_.insert(p.slug).second)
      continue;
    if (auto ok = topics.subscribe(self(), accumulator::blog_topic(p.slug), {.how = pubsub::delivery::signal}); !ok)
      throw std::runtime_error{ok.error().message};
    refreshes_.want(p.slug);
  }
}

// -- what is heard -----------------------------------------------------------------------------

result<void> analytics::check_stats(const accumulator::blog_stats& stats, std::string_view slug) {
  if (stats.slug == slug && stats.likes >= 0 && stats.visits >= 0 && stats.comments >= 0 && stats.version >= 0)
    return {};
  return error{errc::corrupt, "expected numbers of \"" + std::string{slug} + "\", got " + to_string(stats)};
}

result<void> analytics::check_site(const accumulator::site_stats& stats) {
  if (stats.likes >= 0 && stats.visits >= 0 && stats.comments >= 0 && stats.version >= 0)
    return {};
  return error{errc::corrupt, "expected numbers of the site, got " + to_string(stats)};
}

void analytics::on_news(pubsub::subscription& of) {
  if (of.topic() == accumulator::site_topic().name())
    return on_site_news(of);
  auto stats = of.take_as<accumulator::blog_stats>();
  if (!stats)
    return env().log().warn("event_horizon", "broadcast dropped, it holds no numbers", {{"topic", of.topic()}});
  auto ok = check_stats(*stats, stats->slug);
  if (ok && of.topic() != accumulator::blog_topic(stats->slug).name())
    ok = error{errc::corrupt, "they are of \"" + stats->slug + "\""};
  if (!ok)
    return env().log().warn("event_horizon", "broadcast dropped", {{"topic", of.topic()}, {"error", ok.error()}});
  if (auto known = parts_.of.stats(stats->slug))
    note_gap(stats->slug, known->version, stats->previous);
  learn(*stats);
}

void analytics::on_site_news(pubsub::subscription& of) {
  auto stats = of.take_as<accumulator::site_stats>();
  auto ok = stats ? check_site(*stats) : result<void>{error{errc::corrupt, "it holds no numbers of the site"}};
  if (!ok)
    return env().log().warn("event_horizon", "broadcast dropped", {{"topic", of.topic()}, {"error", ok.error()}});
  if (auto known = parts_.of.site())
    note_gap(of_site, known->version, stats->previous);
  learn_site(*stats);
}

/// A broadcast has all numbers, so nothing that is shown is missing. But where one was lost, a later one may be, too,
/// with none behind it to make up for it: so the owner is asked.
void analytics::note_gap(const std::string& slug, std::int64_t known, std::int64_t previous) {
  if (known >= previous || !gaps_.insert(slug).second)
    return;
  run_after(gap_pause, [this, slug] { gaps_.erase(slug); });
  refreshes_.want(slug);
  refresh();
}

void analytics::learn(const accumulator::blog_stats& news) {
  auto stats = to_post_stats(news);
  if (!parts_.of.numbers().update(news.slug, stats))
    return;
  first_renders_.release(news.slug);
  env().events().emit(stats_learned{news.slug, stats.likes, stats.version, views_.of(news.slug).size()});
  announce(news.slug);
  if (auto shown = parts_.of.discussion(news.slug); shown && shown->version < stats.comments_version)
    cast(pid{env().self(), std::string{discussions_name}}, comments_moved{news.slug, stats.comments_version});
}

void analytics::learn_site(const accumulator::site_stats& news) {
  if (!parts_.of.numbers().update_site({news.visits, news.likes, news.comments, news.version}))
    return;
  first_renders_.release(of_site);
  announce(of_site);
}

void analytics::announce(const std::string& slug) {
  const auto pause = pace_.changed(slug, now());
  if (!pause)
    return;
  if (*pause == duration::zero())
    return tell_views(slug);
  run_after(*pause, [this, slug] { tell_views(slug); });
}

void analytics::tell_views(const std::string& slug) {
  const auto& views = slug == of_site ? site_views_.of(of_site) : views_.of(slug);
  pace_.told(slug, views.size(), now());
  const auto tell = [&](const auto& m) {
    for (const auto& view : views)
      cast(view, m);
  };
  if (slug == of_site)
    tell(share(site_updated{*parts_.of.site()}));
  else
    tell(share(stats_updated{slug, *parts_.of.stats(slug)}));
}

void analytics::on_peer(const peer_info& peer) {
  if (cluster::is_owner(env(), peer))
    refresh_everything();
}

// -- what is asked -----------------------------------------------------------------------------

void analytics::want_everything() {
  refreshes_.want(of_site);
  for (const auto& p : parts_.of.posts().posts())
    if (parts_.of.numbers().knows(p.slug))
      refreshes_.want(p.slug);
}

void analytics::refresh_everything() {
  want_everything();
  refreshes_.encourage();
  refresh();
}

void analytics::refresh_once_in_a_while() {
  run_after(parts_.snapshot_interval, [this] {
    want_everything();
    refresh();
    refresh_once_in_a_while();
  });
}

void analytics::refresh() {
  while (auto slug = refreshes_.next())
    *slug == of_site ? ask_site() : ask(*slug);
}

void analytics::ask(const std::string& slug) {
  cluster::call_owner<accumulator::blog_stats>(*this, accumulator::get_blog_stats{slug}, refresh_timeout, parts_.rpc)
      .then(
          [this, slug](const accumulator::blog_stats& stats) {
            if (auto ok = check_stats(stats, slug); !ok)
              return on_failure(slug, ok.error().message);
            learn(stats);
            on_answer(slug);
          },
          [this, slug](const net::rpc::failure& f) { on_failure(slug, to_string(f)); });
}

void analytics::ask_site() {
  cluster::call_owner<accumulator::site_stats>(*this, accumulator::get_site_stats{}, refresh_timeout, parts_.rpc)
      .then(
          [this](const accumulator::site_stats& stats) {
            if (auto ok = check_site(stats); !ok)
              return on_failure(of_site, ok.error().message);
            learn_site(stats);
            on_answer(of_site);
          },
          [this](const net::rpc::failure& f) { on_failure(of_site, to_string(f)); });
}

void analytics::on_answer(const std::string& slug) {
  refreshes_.answered(slug);
  first_renders_.release(slug);
  refresh();
}

void analytics::on_failure(const std::string& slug, std::string_view why) {
  env().log().debug("event_horizon", "no numbers yet", {{"slug", slug}, {"why", why}});
  // Nobody is there, or has no time: whoever waits need not.
  first_renders_.release_all();
  if (auto pause = refreshes_.failed(slug, env().random()))
    run_after(*pause, [this] {
      refreshes_.retry();
      refresh();
    });
}

// -- views ---------------------------------------------------------------------------------------

template <class Answer>
reply_promise<Answer> analytics::admit(audience& to, std::string_view slug, const pid& view, const Answer& now) {
  auto answer = promise<Answer>();
  switch (to.add(slug, view)) {
    case audience::outcome::full: answer.fail(to.refusal()); return answer;
    case audience::outcome::first: watch(view, [&to, view](const reason&) { to.remove(view); }); break;
    case audience::outcome::another: break;
  }
  answer.set(now);
  return answer;
}

void analytics::prepare(const prepare_for& m) {
  if (!parts_.of.site())
    await(of_site, m);
  if (m.slug != of_site && !parts_.of.stats(m.slug))
    await(m.slug, m);
}

/// For as long as there is hope: with nobody to ask the page is made at once.
void analytics::await(const std::string& slug, const prepare_for& m) {
  refreshes_.want(slug);
  refresh();
  if (refreshes_.is_paused())
    return;
  if (auto n = first_renders_.add(slug, m.done))
    run_after(m.at_most, [this, number = *n] { first_renders_.drop(number); });
}

}  // namespace beamline::event_horizon
