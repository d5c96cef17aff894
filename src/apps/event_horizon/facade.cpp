#include "apps/event_horizon/facade.hpp"

#include "apps/accumulator/contracts.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace {

// The analytics process is on this node and answers at once, but for likes, which have a limit of their own.
constexpr duration local_timeout = 5s;
// How long it may be away before a view asks again: at first, and after that doubled several times.
constexpr duration resubscribe_min = 500ms;
constexpr duration resubscribe_max = 30s;

error error_from(const call_error& e) {
  switch (e.what) {
    case call_error::kind::timeout: return {errc::timeout, "the answer took too long"};
    case call_error::kind::busy: return {errc::busy, "the analytics process has too much to do"};
    default: return {errc::unavailable, "the analytics process cannot be reached: " + to_string(e)};
  }
}

}  // namespace

blog::blog(node& home, catalogue posts, event_horizon_options o)
    : home_{home}, posts_{std::move(posts)}, options_{std::move(o)} {
  for (const auto& p : posts_.posts())
    numbers_.add_post(p.slug);
}

pid blog::analytics_pid() const { return {home_.identity(), std::string{analytics_name}}; }

result<void> blog::check(const like_post& what) const {
  if (find(what.slug) == nullptr)
    return error{errc::not_found, "there is no post \"" + what.slug + "\""};
  if (!accumulator::is_visitor(what.visitor))
    return error{errc::invalid, "the session has no visitor; reload the page"};
  return {};
}

void blog::subscribe(web::live::view_socket& view, std::string slug,
                     std::function<void(const std::optional<post_stats>&)> now) const {
  subscribe(view, std::move(slug), std::move(now), std::make_shared<duration>(resubscribe_min));
}

void blog::subscribe(web::live::view_socket& view, std::string slug,
                     std::function<void(const std::optional<post_stats>&)> now,
                     const std::shared_ptr<duration>& pause) const {
  auto again = [this, &view, slug, now, pause] {
    auto jitter = view.env().random().below(static_cast<std::uint64_t>(pause->count()) / 2);
    view.run_after(*pause - duration{static_cast<std::int64_t>(jitter)},
                   [this, &view, slug, now, pause] { subscribe(view, slug, now, pause); });
    *pause = std::min(*pause * 2, resubscribe_max);
  };
  // Watched before it is asked: whatever becomes of it, one of the two tells.
  auto watched = view.watch(analytics_pid(), [again](const reason&) { again(); });
  auto answered = [now, pause](const watch_answer& a) {
    *pause = resubscribe_min;
    now(a.stats);
  };
  auto failed = [&view, slug, again, watched](const call_error& e) {
    if (e.what == call_error::kind::noproc)
      return;
    if (e.what == call_error::kind::crashed) {
      // It said no, and asking again would not help; or it ended.
      if (e.why.why == reason::kind::custom)
        view.env().log().warn("event_horizon", "a page gets no updates", {{"why", to_string(e)}, {"slug", slug}});
      return;
    }
    view.unwatch(watched);
    again();
  };
  view.call<watch_answer>(analytics_pid(), watch_stats{slug, view.self()}, local_timeout, answered, failed);
}

void blog::like(web::live::view_socket& view, like_post what,
                std::function<void(const result<like_answer>&)> done) const {
  if (auto ok = check(what); !ok)
    return done(ok.error());
  view.call<result<like_answer>>(
      analytics_pid(), start_like{std::move(what)}, options_.like_timeout + local_timeout,
      [done](const result<like_answer>& r) { done(r); }, [done](const call_error& e) { done(error_from(e)); });
}

void blog::like(like_post what, std::function<void(const result<like_answer>&)> done) const {
  if (auto ok = check(what); !ok)
    return done(ok.error());
  if (!home_.whereis(std::string{analytics_name}))
    return done(error_from({call_error::kind::noproc, {}}));
  home_.cast(analytics_pid(), start_like_for{std::move(what), std::move(done)});
}

void blog::visit(const std::string& slug, const std::string& visitor) const {
  if (find(slug) != nullptr && accumulator::is_visitor(visitor))
    home_.cast(analytics_pid(), count_visit{slug, visitor});
}

}  // namespace beamline::event_horizon
