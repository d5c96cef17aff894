#include "apps/event_horizon/submissions.hpp"

#include "apps/event_horizon/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"

#include <map>
#include <stdexcept>
#include <utility>
#include <variant>

namespace beamline::event_horizon {

namespace {

namespace reject = accumulator::reject;

/// What a visitor is told, by the first word of why the accumulator said no.
error error_from(const cluster::refused& r) {
  if (r.what == cluster::refused::cause::buffer_full)
    return {errc::unavailable, r.why};
  auto begins_with = [&](std::string_view word) { return r.why.starts_with(word); };
  if (begins_with(reject::too_many))
    return {errc::busy, std::string{too_many_text}};
  if (begins_with(reject::full))
    return {errc::too_large, std::string{comments_full_text}};
  if (begins_with(reject::unknown_slug))
    return {errc::not_found, r.why};
  if (begins_with(reject::unknown_comment))
    return {errc::invalid, "The comment that you answer is not there any more."};
  return {errc::invalid, r.why};
}

/// Of a like or a comment, for telemetry.
template <class Answer>
std::string_view outcome_of(const result<Answer>& r) {
  if (!r)
    return to_string(r.error().code);
  if constexpr (requires { r->is_pending; }) {
    if (r->is_pending)
      return "pending";
  }
  return r->is_waiting ? "waiting" : r->is_sent ? "sent" : "ok";
}

}  // namespace

submissions::submissions(process_context& c, parts p)
    : process{c},
      parts_{p},
      options_{parts_.of.options()},
      like_limit_{{options_.likes_per_minute, options_.likes_per_minute_and_address, options_.limited_visitors_max}},
      comment_limit_{
          {options_.comments_per_minute, options_.comments_per_minute_and_address, options_.limited_visitors_max}},
      tracker_{*this},
      like_reads_{*this, parts_.of.numbers()} {}

behavior submissions::init() {
  if (auto named = register_as(std::string{submissions_name}); !named)
    throw std::runtime_error{named.error().message};
  return handlers(
      [this](const start_like& m) -> deferred {
        auto to = promise<result<like_answer>>();
        like(m.what, [to](const result<like_answer>& r) { to.set(r); });
        return to;
      },
      [this](const start_like_for& m) { like(m.what, m.done); },
      [this](const ask_liked& m) -> deferred {
        auto to = promise<liked_now>();
        like_reads_.ask(m, [to](const liked_now& now) { to.set(now); });
        return to;
      },
      [this](const start_comment& m) -> deferred {
        auto to = promise<result<comment_answer>>();
        comment(m.what, [to](const result<comment_answer>& r) { to.set(r); });
        return to;
      },
      [this](const start_comment_for& m) { comment(m.what, m.done); }, [this](const count_visit& m) { visit(m); },
      [this](const count_page_visit& m) { visit_page(m); });
}

result<void> submissions::admit(std::size_t under_way, write_limit& limit, const std::string& visitor,
                                const std::string& client) {
  if (under_way >= options_.writes_max)
    return error{errc::unavailable,
                 std::to_string(under_way) + " under way, as many as event_horizon.writes_max allows"};
  switch (limit.take(visitor, client, env().time().wall_now())) {
    case write_limit::verdict::ok: break;
    case write_limit::verdict::too_many_of_visitor: return error{errc::busy, std::string{too_many_text}};
    case write_limit::verdict::too_many_of_address: return error{errc::busy, std::string{too_many_at_address_text}};
  }
  return {};
}

void submissions::learn(const std::optional<accumulator::blog_stats>& stats, const std::string& slug) {
  if (stats && stats->slug == slug)
    cast(pid{env().self(), std::string{analytics_name}}, learned_stats{*stats});
  else
    env().log().warn("event_horizon", "an answer without the numbers of its post", {{"slug", slug}});
}

// -- likes ---------------------------------------------------------------------------------------

void submissions::like(const like_post& what, const like_completion& tell) {
  auto finish = [this, what, tell, start = now()](const result<like_answer>& r) {
    env().events().emit(like_done{what.slug, what.liked, outcome_of(r), now() - start});
    if (!r)
      env().log().debug("event_horizon", "like refused", {{"slug", what.slug}, {"error", r.error()}});
    tell(r);
  };
  if (auto ok = admit(likes_, like_limit_, what.visitor, what.client); !ok)
    return finish(ok.error());
  if (options_.likes_path == event_path::broadcast)
    return broadcast_like(what, finish);
  ++likes_;
  like_reads_.pressed(what.slug, what.visitor);
  cluster::update_likes(*this, what.slug, what.visitor, what.liked,
                        [this, what, finish](const cluster::write_outcome& o) {
                          --likes_;
                          on_like(what, o, finish);
                          like_reads_.settled(what.slug, what.visitor);
                        });
}

void submissions::broadcast_like(const like_post& what, const like_completion& tell) {
  auto told =
      what.liked ? tracker_.track_blog_like(what.slug, what.visitor) : tracker_.track_unlike(what.slug, what.visitor);
  if (!told)
    return on_like(what, cluster::refused{cluster::refused::cause::buffer_full, told.error().message}, tell);
  like_reads_.pressed(what.slug, what.visitor);
  parts_.of.numbers().remember_like(what.slug, what.visitor, what.liked);
  like_reads_.settled(what.slug, what.visitor);
  tell(like_answer{.liked = what.liked, .is_sent = true});
}

void submissions::on_like(const like_post& what, const cluster::write_outcome& o, const like_completion& tell) {
  if (const auto* r = std::get_if<cluster::refused>(&o)) {
    if (r->what == cluster::refused::cause::buffer_full)
      like_limit_.give_back(what.visitor, what.client);
    return tell(error_from(*r));
  }
  if (const auto* b = std::get_if<cluster::buffered>(&o)) {
    parts_.of.numbers().remember_like(what.slug, what.visitor, what.liked, b->id);
    return tell(like_answer{.liked = what.liked, .is_waiting = true});
  }
  const auto& a = std::get<cluster::applied>(o);
  parts_.of.numbers().remember_like(what.slug, what.visitor, what.liked);
  learn(a.stats, what.slug);
  auto answer = like_answer{.liked = what.liked};
  if (a.stats && a.stats->slug == what.slug)
    answer.stats = to_post_stats(*a.stats);
  tell(answer);
}

// -- comments ------------------------------------------------------------------------------------

void submissions::comment(const comment_post& what, const comment_completion& tell) {
  auto finish = [this, slug = what.slug, tell, start = now()](const result<comment_answer>& r) {
    env().events().emit(comment_done{slug, outcome_of(r), now() - start});
    if (!r)
      env().log().debug("event_horizon", "comment refused", {{"slug", slug}, {"error", r.error()}});
    tell(r);
  };
  if (auto ok = admit(comments_, comment_limit_, what.visitor, what.client); !ok)
    return finish(ok.error());
  if (options_.comments_path == event_path::broadcast)
    return broadcast_comment(what, finish);
  ++comments_;
  // Known when it is answered: the id is made here, and the answer comes in a later turn.
  auto id = std::make_shared<uid>();
  *id = cluster::add_comment(*this, {what.slug, what.content, what.author, what.parent, what.visitor, {}},
                             [this, what, id, finish](const cluster::write_outcome& o) {
                               --comments_;
                               on_comment(what, *id, o, finish);
                             });
}

void submissions::broadcast_comment(const comment_post& what, const comment_completion& tell) {
  auto refuse = [&](std::string why) {
    on_comment(what, {}, cluster::refused{cluster::refused::cause::buffer_full, std::move(why)}, tell);
  };
  // A like that is lost can be pressed again; what somebody has written is not thrown away knowingly.
  if (!tracker_.is_heard())
    return refuse("no accumulator is linked, and event_horizon.comments_path keeps nothing");
  auto data =
      std::map<std::string, std::string>{{"content", what.content}, {"author", what.author}, {"visitor", what.visitor}};
  if (!what.parent.is_nil())
    data.emplace("parent", what.parent.str());
  auto told = tracker_.track_blog_comment(what.slug, std::move(data));
  if (!told)
    return refuse(told.error().message);
  tell(comment_answer{.id = *told, .is_sent = true});
}

void submissions::on_comment(const comment_post& what, const uid& id, const cluster::write_outcome& o,
                             const comment_completion& tell) {
  if (const auto* r = std::get_if<cluster::refused>(&o)) {
    if (r->what == cluster::refused::cause::buffer_full)
      comment_limit_.give_back(what.visitor, what.client);
    return tell(error_from(*r));
  }
  auto answer = comment_answer{.id = id};
  if (const auto* a = std::get_if<cluster::applied>(&o)) {
    learn(a->stats, what.slug);
    answer.is_pending = a->made && a->made->state == accumulator::comment_state::pending;
    if (!answer.is_pending)
      answer.made = a->made;
  } else {
    answer.is_waiting = true;
  }
  tell(answer);
}

// -- visits --------------------------------------------------------------------------------------

cluster::write_done submissions::visit_done(std::string of) {
  ++visits_;
  return [this, of = std::move(of)](const cluster::write_outcome& o) {
    --visits_;
    if (const auto* r = std::get_if<cluster::refused>(&o)) {
      env().log().debug("event_horizon", "visit refused", {{"of", of}, {"why", r->why}});
      parts_.of.lose_visit(of, "refused");
    } else if (const auto* a = std::get_if<cluster::applied>(&o); a != nullptr && a->stats) {
      learn(a->stats, of);
    }
  };
}

bool submissions::has_room_for_visit(const std::string& of) {
  if (visits_ < options_.writes_max)
    return true;
  parts_.of.lose_visit(of, "under_way");
  return false;
}

void submissions::note_tracked(const result<uid>& told, const std::string& of) {
  if (told)
    return;
  env().log().debug("event_horizon", "visit not broadcast", {{"of", of}, {"error", told.error()}});
  parts_.of.lose_visit(of, "not_sent");
}

void submissions::visit(const count_visit& m) {
  if (options_.visits_path == event_path::broadcast)
    return note_tracked(tracker_.track_blog_visit(m.slug, m.visitor), m.slug);
  if (has_room_for_visit(m.slug))
    cluster::increment_blog_visit(*this, m.slug, m.visitor, visit_done(m.slug));
}

void submissions::visit_page(const count_page_visit& m) {
  if (options_.visits_path == event_path::broadcast)
    return note_tracked(tracker_.track_visit(m.page, m.visitor), m.page);
  if (has_room_for_visit(m.page))
    cluster::increment_visit(*this, m.page, m.visitor, visit_done(m.page));
}

}  // namespace beamline::event_horizon
