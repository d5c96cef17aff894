#include "apps/event_horizon/views/blog_show.hpp"

#include "apps/event_horizon/site.hpp"
#include "apps/event_horizon/views/blog_show.heex.hpp"
#include "apps/event_horizon/views/post_head.hpp"

#include <stdexcept>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

std::string text_of(const json& object, std::string_view key) {
  const auto* found = find_string(object, key);
  return found == nullptr ? std::string{} : *found;
}

}  // namespace

void blog_show::mount(const live::mount_params& p, live::view_socket& s) {
  blog_ = &s.env().get<blog>();
  show(text_of(p.params, "slug"));
  if (assigns_.shown.get() == nullptr) {
    s.redirect("/blog");
    return;
  }
  const auto slug = assigns_.shown.get()->slug;
  visitor_ = text_of(p.session, "visitor");
  assigns_.csrf = text_of(p.session, "csrf");
  assigns_.stats = blog_->stats(slug);
  assigns_.liked = blog_->has_liked(slug, visitor_);
  subscribe(s, posts_topic());
  if (!s.connected())
    return;
  blog_->subscribe(s, slug, [this](const std::optional<post_stats>& now) {
    if (now)
      learn(*now);
  });
  blog_->visit(slug, visitor_);
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

void blog_show::handle_info(const posts_changed&, live::view_socket&) { show(assigns_.shown.get()->slug); }

void blog_show::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "like")
    throw std::runtime_error{"blog_show has no event \"" + e.name.substr(0, 64) + "\""};
  auto wanted = text_of(e.value, "liked");
  like(wanted.empty() ? !assigns_.liked : wanted == "true", s);
}

void blog_show::like(bool liked, live::view_socket& s) {
  blog_->like(s, {assigns_.shown.get()->slug, visitor_, liked}, [this, &s](const result<like_answer>& r) {
    if (!r) {
      s.put_flash("error", std::string{like_failed_text});
      return;
    }
    s.clear_flash();
    assigns_.liked = r->liked;
    if (r->stats)
      learn(*r->stats);
  });
}

void blog_show::handle_info(const stats_updated& m, live::view_socket&) {
  if (m.slug == assigns_.shown.get()->slug)
    learn(m.stats);
}

void blog_show::learn(const post_stats& news) {
  // An answer and a broadcast come by different ways, so the older one may come last.
  if (const auto& known = assigns_.stats.get(); !known || known->version < news.version)
    assigns_.stats = news;
}

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
