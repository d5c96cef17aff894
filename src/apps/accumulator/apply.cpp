#include "apps/accumulator/apply.hpp"

#include "base/planted.hpp"

#include <algorithm>
#include <utility>

namespace beamline::accumulator {

namespace {

void reject_as(effect& e, std::string_view code, const std::string& text) {
  e = {};
  e.answer.outcome = event_outcome::rejected;
  e.answer.why = std::string{code} + ": " + text;
}

void raise_site(tables& t, const change& by, effect& out) {
  auto site = t.load_site();
  site.visits += by.visits;
  site.likes += by.likes;
  site.comments += by.comments;
  site.version += 1;
  t.save_site(site);
  out.site = site;
  out.by = by;
  out.has_changed = true;
}

void change_post(tables& t, const std::string& slug, post_totals totals, const change& by, effect& out) {
  totals.likes += by.likes;
  totals.visits += by.visits;
  totals.comments += by.comments;
  totals.comments_version += by.of_comments ? 1 : 0;
  totals.version += 1;
  t.save_post(slug, totals);
  out.answer.stats = to_stats(slug, totals);
  raise_site(t, by, out);
}

metric_count count_of(const std::string& page, const page_totals& totals) {
  return {metric_key({metric::scope::page, page, metric::number::visits}), totals.visits, totals.version};
}

/// What is known of the post or page; for those who are told that nothing changed.
void tell_numbers(tables& t, const wish& w, effect& out) {
  if (const auto* v = std::get_if<visits>(&w); v != nullptr && v->of == metric::scope::page)
    out.answer.count = count_of(v->name, t.load_page(v->name));
  else if (v != nullptr)
    out.answer.stats = to_stats(v->name, t.load_post(v->name));
  else if (const auto* l = std::get_if<like>(&w))
    out.answer.stats = to_stats(l->slug, t.load_post(l->slug));
  else if (const auto* c = std::get_if<new_comment>(&w))
    out.answer.stats = to_stats(c->slug, t.load_post(c->slug));
}

/// One transaction's work on one event.
class application {
public:
  application(tables& t, const incoming& e, const rules& r) : tables_{t}, event_{e}, rules_{r} {}

  effect run() {
    out_.answer.outcome = event_outcome::applied;
    if (!is_to_be_applied())
      return std::move(out_);
    std::visit([this](const auto& w) { apply(w); }, event_.what);
    if (out_.answer.outcome == event_outcome::rejected && !event_.id.is_nil())
      tables_.forget(event_.id);
    return std::move(out_);
  }

private:
  bool is_to_be_applied() {
    if (event_.id.is_nil()) {
      if (event_.is_over_limit)
        refuse_visitor();
      return !event_.is_over_limit;
    }
    if (event_.made_at() > event_.accepted_at + std::chrono::duration_cast<std::chrono::microseconds>(id_ahead_max)) {
      reject_as(out_, reject::invalid, "the id is from the future; set the clock of the host that made it");
      return false;
    }
    // What is below the bound may have been applied and forgotten.
    if (event_.id < tables_.forgotten_before()) {
      reject_as(out_, reject::expired,
                "it is older than accumulator.dedupe_retention, so nobody knows whether it was applied before");
      return false;
    }
    auto is_only_looked_up = event_.is_over_limit || planted::is_on(planted::bug::seen_apart);
    if (!(is_only_looked_up ? !tables_.is_known(event_.id) : tables_.remember(event_.id))) {
      out_.answer.outcome = event_outcome::duplicate;
      tell_numbers(tables_, event_.what, out_);
      return false;
    }
    if (event_.is_over_limit)
      refuse_visitor();
    return !event_.is_over_limit;
  }

  void refuse_visitor() { reject_as(out_, reject::too_many, "this visitor sends more than its limit allows"); }

  /// Of a post without numbers: whether it may get some.
  bool has_room_for(const post_totals& known) {
    if (known.version > 0 || tables_.count_posts() < static_cast<std::int64_t>(rules_.posts_max))
      return true;
    reject_as(out_, reject::unknown_slug,
              std::to_string(rules_.posts_max) + " posts have numbers, as many as accumulator.posts_max allows");
    return false;
  }

  void apply(const like& l) {
    auto known = tables_.load_post(l.slug);
    if (!has_room_for(known))
      return;
    std::int64_t by = l.delta;
    if (!l.visitor.empty()) {
      bool is_news = l.liked ? tables_.add_like(l.slug, l.visitor) : tables_.remove_like(l.slug, l.visitor);
      by = is_news ? (l.liked ? 1 : -1) : 0;
    }
    by = std::max(by, -known.likes);
    if (by == 0)
      out_.answer.stats = to_stats(l.slug, known);
    else
      change_post(tables_, l.slug, known, {.likes = by}, out_);
  }

  void apply(const visits& v) {
    if (v.of == metric::scope::page)
      return apply_to_page(v);
    auto known = tables_.load_post(v.name);
    if (!has_room_for(known))
      return;
    auto by = count_new(v, "blog:" + v.name);
    if (by == 0)
      out_.answer.stats = to_stats(v.name, known);
    else
      change_post(tables_, v.name, known, {.visits = by}, out_);
  }

  void apply_to_page(const visits& v) {
    auto page = tables_.load_page(v.name);
    if (page.version == 0 && tables_.count_pages() >= static_cast<std::int64_t>(rules_.posts_max))
      return reject_as(out_, reject::unknown_slug,
                       std::to_string(rules_.posts_max)
                           + " pages have numbers, as many as accumulator.posts_max allows");
    if (auto by = count_new(v, "page:" + v.name); by > 0) {
      page.visits += by;
      page.version += 1;
      tables_.save_page(v.name, page);
      raise_site(tables_, {.visits = by}, out_);
    }
    out_.answer.count = count_of(v.name, page);
  }

  std::int64_t count_new(const visits& v, const std::string& subject) {
    if (v.visitors.empty())
      return 1;
    auto window = window_of(event_.made_at(), rules_.visit_window);
    return std::count_if(v.visitors.begin(), v.visitors.end(),
                         [&](const auto& who) { return tables_.add_visit(window, subject, who); });
  }

  void apply(const new_comment& c) {
    if (event_.id.is_nil())
      return reject_as(out_, reject::invalid, "a comment needs the id of an event");
    auto known = tables_.load_post(c.slug);
    if (!has_room_for(known))
      return;
    if (tables_.count_comments(c.slug) >= static_cast<std::int64_t>(rules_.comments_max))
      return reject_as(out_, reject::full,
                       "the post has " + std::to_string(rules_.comments_max)
                           + " comments, as many as accumulator.comments_max allows");
    auto made = comment{event_.id, c.slug, {}, c.author, c.content, event_.accepted_at, comment_state::visible};
    if (!c.parent.is_nil() && !join_thread(c, made))
      return;
    if (rules_.comments_moderated)
      made.state = comment_state::pending;
    out_.answer.made = made;
    if (!tables_.add_comment(made, c.visitor)) {  // Its id was forgotten, and it is there all the same.
      out_.answer.outcome = event_outcome::duplicate;
      out_.answer.stats = to_stats(c.slug, known);
      return;
    }
    if (made.state != comment_state::visible) {
      // A post begins with its first event, or posts_max would not hold for their comments.
      if (known.version == 0)
        return change_post(tables_, c.slug, known, {}, out_);
      out_.answer.stats = to_stats(c.slug, known);
      return;
    }
    change_post(tables_, c.slug, known, {.comments = 1, .of_comments = true}, out_);
    out_.news = comment_news{out_.answer.stats->comments_version, made, false};
  }

  /// One level: an answer to an answer belongs to the same thread.
  bool join_thread(const new_comment& c, comment& made) {
    auto parent = tables_.load_comment(c.parent);
    if (parent && !parent->parent.is_nil() && parent->state == comment_state::visible)
      parent = tables_.load_comment(parent->parent);
    if (!parent || parent->slug != c.slug || parent->state != comment_state::visible) {
      reject_as(out_, reject::unknown_comment, "the comment that it answers is not shown at this post");
      return false;
    }
    made.parent = parent->id;
    return true;
  }

  tables& tables_;
  const incoming& event_;
  const rules& rules_;
  effect out_;
};

comment_state state_after(moderation m) {
  switch (m) {
    case moderation::hide: return comment_state::hidden;
    case moderation::show: return comment_state::visible;
    case moderation::remove: return comment_state::deleted;
  }
  return comment_state::hidden;
}

}  // namespace

effect apply(tables& t, const incoming& e, const rules& r) { return application{t, e, r}.run(); }

effect apply(tables& t, const moderate_comment& m) {
  effect out;
  out.answer.outcome = event_outcome::applied;
  auto found = t.load_comment(m.id);
  auto to = state_after(m.action);
  if (!found) {
    reject_as(out, reject::unknown_comment, "there is no comment " + m.id.str());
    return out;
  }
  if (found->state == comment_state::deleted && to != comment_state::deleted) {
    reject_as(out, reject::unknown_comment, "the comment " + m.id.str() + " is deleted, and cannot come back");
    return out;
  }
  bool is_thread_shown = true;
  if (!found->parent.is_nil()) {
    auto parent = t.load_comment(found->parent);
    is_thread_shown = parent && parent->state == comment_state::visible;
  }
  auto was_shown = found->state == comment_state::visible && is_thread_shown;
  auto is_shown = to == comment_state::visible && is_thread_shown;
  auto known = t.load_post(found->slug);
  out.answer.stats = to_stats(found->slug, known);
  if (found->state != to) {
    found->state = to;
    if (to == comment_state::deleted)
      found->author = found->content = "";
    t.update_comment(*found);
  }
  out.answer.made = *found;
  if (was_shown == is_shown)
    return out;
  auto answers = found->parent.is_nil() ? t.count_visible_answers(found->id) : 0;
  change_post(t, found->slug, known, {.comments = (is_shown ? 1 : -1) * (1 + answers), .of_comments = true}, out);
  auto told = *found;
  if (!is_shown)
    told.author = told.content = "";
  out.news = comment_news{out.answer.stats->comments_version, std::move(told), is_shown && answers > 0};
  return out;
}

wall_time window_of(wall_time at, duration window) {
  auto length = std::chrono::duration_cast<std::chrono::microseconds>(window).count();
  auto since = at.time_since_epoch().count();
  auto into = ((since % length) + length) % length;
  return wall_time{std::chrono::microseconds{since - into}};
}

}  // namespace beamline::accumulator
