#include "apps/event_horizon/views/blog_show.hpp"

#include "apps/event_horizon/json_text.hpp"
#include "apps/event_horizon/site.hpp"
#include "apps/event_horizon/views/arrival.hpp"
#include "apps/event_horizon/views/blog_show.heex.hpp"
#include "apps/event_horizon/views/not_found.hpp"
#include "apps/event_horizon/views/post_head.hpp"

#include <stdexcept>

namespace beamline::event_horizon {

namespace live = web::live;

void blog_show::mount(const live::mount_params& p, live::view_socket& s) {
  blog_ = &s.env().get<blog>();
  show(text_of(p.params, "slug"));
  if (assigns_.shown.get() == nullptr) {
    s.navigate(std::string{not_found_path});
    return;
  }
  visitor_ = text_of(p.session, "visitor");
  client_ = text_of(p.session, "client");
  assigns_.csrf = text_of(p.session, "csrf");
  assigns_.stats = blog_->stats(slug());
  assigns_.liked = blog_->has_liked(slug(), visitor_);
  assigns_.talk = blog_->discussion(slug());
  assigns_.waiting = waiting_ = blog_->waiting();
  assigns_.bytes_max = blog_->options().comment_bytes_max;
  subscribe(s, posts_topic());
  if (s.connected())
    listen(s);
}

void blog_show::listen(live::view_socket& s) {
  blog_->subscribe(s, slug(), [this](const std::optional<post_stats>& now) {
    if (now)
      learn(*now);
  });
  blog_->watch_discussion(s, slug(), [this](const discussion_ref& now) { learn(now); });
  blog_->watch_waiting(s, [this, &s](const waiting_state& now) { learn(now, s); });
  attend(s, attendance_of(slug()), visitor_);
  live::watch_count(s, attendance_of(slug()));
  if (is_arrival(s))
    blog_->visit(slug(), visitor_);
}

void blog_show::handle_params(const live::mount_params& p, live::view_socket& s) {
  if (assigns_.shown.get() == nullptr)
    return;
  auto asked = text_of(p.params, "slug");
  if (asked != slug()) {
    // The same post under another name, or one that the browser's history leads back to.
    const auto found = blog_->posts().get(asked);
    if (found != nullptr && found->slug == slug())
      s.patch(post_path(slug()), live::history::replace);
    else
      s.navigate(post_path(asked), live::history::replace);
    return;
  }
  auto thread = uid::parse(text_of(p.params, "reply"));
  open_answer(thread ? *thread : uid{});
}

void blog_show::show(const std::string& slug) {
  const auto posts = blog_->posts().now();
  auto found = posts->find(slug);
  if (found == nullptr)
    return;  // Removed: who reads it may finish.
  assigns_.around = posts->around(slug);
  assigns_.related = posts->related(slug);
  assigns_.shown = std::move(found);
}

void blog_show::handle_info(const posts_changed&, live::view_socket&) { show(slug()); }

void blog_show::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "like") {
    auto wanted = text_of(e.value, "liked");
    return like(wanted.empty() ? !assigns_.liked : wanted == "true", s);
  }
  if (e.name == "draft")
    return write(e);
  if (e.name == "comment")
    return send(e, s);
  throw std::runtime_error{"blog_show has no event \"" + e.name.substr(0, 64) + "\""};
}

// -- numbers --------------------------------------------------------------------------------

void blog_show::find_liked(const waiting_state& now, live::view_socket& s) {
  auto is_last = now.waiting == 0;
  if (!now.is_connected)
    liked_question_ = question::open;
  if (!now.is_connected || liked_question_ == question::asked || (liked_question_ == question::asked_early && !is_last))
    return;
  // What waits here may be a like of this visitor from before a restart: it is asked again when nothing does.
  liked_question_ = is_last ? question::asked : question::asked_early;
  blog_->ask_liked(s, slug(), visitor_, [this, before = presses_](const std::optional<bool>& liked) {
    if (liked && presses_ == before)  // Who has pressed meanwhile knows better.
      assigns_.liked = *liked;
  });
}

void blog_show::like(bool liked, live::view_socket& s) {
  ++presses_;
  blog_->like(s, {slug(), visitor_, liked, client_}, [this, &s](const result<like_answer>& r) {
    if (!r) {
      s.put_flash("error",
                  std::string{r.error().code == errc::busy ? std::string_view{r.error().message} : like_failed_text});
      return;
    }
    s.clear_flash();
    assigns_.liked = r->liked;
    assigns_.like_waits = r->is_waiting;
    if (r->stats)
      learn(*r->stats);
  });
}

void blog_show::handle_info(const stats_updated& m, live::view_socket&) {
  if (m.slug == slug())
    learn(m.stats);
}

void blog_show::learn(const post_stats& news) {
  // An answer and a broadcast come by different ways, so the older one may come last.
  if (const auto& known = assigns_.stats.get(); !known || known->version < news.version)
    assigns_.stats = news;
}

void blog_show::handle_info(const presence::count_changed& m, live::view_socket&) {
  if (m.topic == attendance_of(slug()))
    assigns_.readers = m.count;
}

void blog_show::handle_info(const waiting_updated& m, live::view_socket& s) { learn(m.now, s); }

void blog_show::learn(const waiting_state& now, live::view_socket& s) {
  waiting_ = now;
  find_liked(now, s);
  if (now.is_connected && now.waiting == 0)
    note_sent();
  // Trouble that is shown is followed at once; what is on its way is shown when it stays there.
  const auto& shown = assigns_.waiting.get();
  if (!now.is_connected || now.waiting == 0 || shown.waiting > 0) {
    assigns_.waiting = now;
    return;
  }
  assigns_.waiting = waiting_state{.waiting = 0, .is_connected = true};
  if (is_waiting_looked_at_)
    return;
  is_waiting_looked_at_ = true;
  s.run_after(waiting_shown_after, [this] {
    is_waiting_looked_at_ = false;
    assigns_.waiting = waiting_;
  });
}

std::string waiting_text(const waiting_state& w) {
  auto out = std::string{w.is_connected ? "" : "Live numbers are paused."};
  if (w.waiting > 0)
    out += (out.empty() ? "" : " ") + ("Events waiting: " + std::to_string(w.waiting));
  return out;
}

// -- the page -------------------------------------------------------------------------------

live::rendered blog_show::render(live::render_context& c) const {
  static const live::statics nothing{std::vector<std::string>{""}};
  return assigns_.shown.get() == nullptr ? live::rendered{nothing} : render_template(assigns_, c);
}

std::string blog_show::title() const {
  return assigns_.shown.get() == nullptr ? std::string{} : assigns_.shown.get()->title;
}

safe_html blog_show::head() const {
  return assigns_.shown.get() == nullptr ? safe_html{} : post_head(facts_of(*blog_), *assigns_.shown.get());
}

}  // namespace beamline::event_horizon
