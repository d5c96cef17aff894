#include "apps/event_horizon/facade.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/comment_rules.hpp"
#include "apps/event_horizon/resubscribe.hpp"
#include "net/outbox/api.hpp"

#include <utility>

namespace beamline::event_horizon {

namespace {

// The processes are on this node and answer at once, but for what goes through the outbox, which has a limit of its
// own.
constexpr duration local_timeout = 5s;
constexpr duration write_timeout = net::outbox::answer_time + local_timeout;

error error_from(const call_error& e, std::string_view who) {
  auto name = std::string{who};
  switch (e.what) {
    case call_error::kind::timeout: return {errc::unavailable, "the process " + name + " gave no answer in time"};
    case call_error::kind::busy: return {errc::unavailable, "the process " + name + " has too much to do"};
    default: return {errc::unavailable, "the process " + name + " cannot be reached: " + to_string(e)};
  }
}

}  // namespace

blog::blog(node& home, catalogue posts, event_horizon_options o)
    : home_{home}, posts_{std::move(posts)}, options_{std::move(o)} {
  for (const auto& p : posts_.posts())
    numbers_.add_post(p.slug);
}

pid blog::process(std::string_view name) const { return {home_.identity(), std::string{name}}; }

bool blog::is_running(std::string_view name) const { return static_cast<bool>(home_.whereis(std::string{name})); }

result<void> blog::check_visitor(std::string_view slug, std::string_view visitor) const {
  if (posts_.get(slug) == nullptr)
    return error{errc::not_found, "there is no post \"" + std::string{slug} + "\""};
  if (!accumulator::is_visitor(visitor))
    return error{errc::invalid, "the session has no visitor; reload the page"};
  return {};
}

result<comment_post> blog::check(comment_post what) const {
  if (auto ok = check_visitor(what.slug, what.visitor); !ok)
    return ok.error();
  return check_comment(std::move(what), options_.comment_bytes_max);
}

// -- hearing of changes ----------------------------------------------------------------------------

void blog::subscribe(web::live::view_socket& view, std::string slug,
                     std::function<void(const std::optional<post_stats>&)> now) const {
  keep_subscribed<watch_answer>(view, process(analytics_name), watch_stats{std::move(slug), view.self()},
                                [now = std::move(now)](const watch_answer& a) { now(a.stats); });
}

void blog::subscribe_site(web::live::view_socket& view,
                          std::function<void(const std::optional<site_numbers>&)> now) const {
  keep_subscribed<watch_site_answer>(view, process(analytics_name), watch_site{view.self()},
                                     [now = std::move(now)](const watch_site_answer& a) { now(a.now); });
}

void blog::watch_discussion(web::live::view_socket& view, std::string slug,
                            std::function<void(const discussion_ref&)> now) const {
  keep_subscribed<watch_discussion_answer>(view, process(discussions_name),
                                           event_horizon::watch_discussion{std::move(slug), view.self()},
                                           [now = std::move(now)](const watch_discussion_answer& a) { now(a.now); });
}

void blog::watch_waiting(web::live::view_socket& view, std::function<void(const waiting_state&)> now) const {
  keep_subscribed<waiting_state>(view, process(backlog_name), event_horizon::watch_waiting{view.self()},
                                 std::move(now));
}

void blog::ask_liked(web::live::view_socket& view, const std::string& slug, const std::string& visitor,
                     std::function<void(const std::optional<bool>&)> done) const {
  if (!check_visitor(slug, visitor))
    return done(std::nullopt);
  view.call<liked_now>(
      process(submissions_name), event_horizon::ask_liked{slug, visitor}, write_timeout,
      [done](const liked_now& now) { done(now.liked); }, [done](const call_error&) { done(std::nullopt); });
}

void blog::prepare(std::string_view slug, duration at_most, std::function<void()> done) const {
  auto shown = slug.empty() ? nullptr : posts_.get(slug);
  bool needs_numbers = !site() || (shown != nullptr && !stats(shown->slug));
  bool needs_comments = shown != nullptr && discussion(shown->slug) == nullptr;
  if (!needs_numbers && !needs_comments)
    return done();
  auto wait = std::make_shared<const last_call>(std::move(done));
  auto of = shown == nullptr ? std::string{} : shown->slug;
  if (needs_numbers)
    home_.cast(process(analytics_name), prepare_for{of, at_most, wait});
  if (needs_comments)
    home_.cast(process(discussions_name), prepare_for{of, at_most, wait});
}

// -- what visitors do --------------------------------------------------------------------------------

void blog::like(web::live::view_socket& view, like_post what,
                std::function<void(const result<like_answer>&)> done) const {
  if (auto ok = check_visitor(what.slug, what.visitor); !ok)
    return done(ok.error());
  view.call<result<like_answer>>(
      process(submissions_name), start_like{std::move(what)}, write_timeout,
      [done](const result<like_answer>& r) { done(r); },
      [done](const call_error& e) { done(error_from(e, submissions_name)); });
}

void blog::like(like_post what, std::function<void(const result<like_answer>&)> done) const {
  if (auto ok = check_visitor(what.slug, what.visitor); !ok)
    return done(ok.error());
  if (!is_running(submissions_name))
    return done(error_from({call_error::kind::noproc, {}}, submissions_name));
  home_.cast(process(submissions_name), start_like_for{std::move(what), std::move(done)});
}

void blog::comment(web::live::view_socket& view, comment_post what,
                   std::function<void(const result<comment_answer>&)> done) const {
  auto checked = check(std::move(what));
  if (!checked)
    return done(checked.error());
  view.call<result<comment_answer>>(
      process(submissions_name), start_comment{std::move(*checked)}, write_timeout,
      [done](const result<comment_answer>& r) { done(r); },
      [done](const call_error& e) { done(error_from(e, submissions_name)); });
}

void blog::comment(comment_post what, std::function<void(const result<comment_answer>&)> done) const {
  auto checked = check(std::move(what));
  if (!checked)
    return done(checked.error());
  if (!is_running(submissions_name))
    return done(error_from({call_error::kind::noproc, {}}, submissions_name));
  home_.cast(process(submissions_name), start_comment_for{std::move(*checked), std::move(done)});
}

void blog::visit(const std::string& slug, const std::string& visitor) const {
  if (!check_visitor(slug, visitor))
    return;
  if (!is_running(submissions_name))
    return lose_visit(slug, "no_process");
  home_.cast(process(submissions_name), count_visit{slug, visitor});
}

void blog::visit_page(const std::string& page, const std::string& visitor) const {
  if (!accumulator::is_slug(page) || !accumulator::is_visitor(visitor))
    return;
  if (!is_running(submissions_name))
    return lose_visit(page, "no_process");
  home_.cast(process(submissions_name), count_page_visit{page, visitor});
}

void blog::lose_visit(std::string_view of, std::string_view why) const { losses_.add(home_.env(), of, why); }

}  // namespace beamline::event_horizon
