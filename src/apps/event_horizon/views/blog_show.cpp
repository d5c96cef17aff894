#include "apps/event_horizon/views/blog_show.hpp"

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
  assigns_.shown = blog_->find(text_of(p.params, "slug"));
  if (assigns_.shown == nullptr) {
    s.redirect("/blog");
    return;
  }
  const auto& slug = assigns_.shown->slug;
  visitor_ = text_of(p.session, "visitor");
  assigns_.csrf = text_of(p.session, "csrf");
  assigns_.stats = blog_->stats(slug);
  assigns_.liked = blog_->has_liked(slug, visitor_);
  if (s.connected())
    blog_->subscribe(s, slug, [this](const std::optional<post_stats>& now) {
      if (now)
        learn(*now);
    });
}

void blog_show::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "like")
    throw std::runtime_error{"blog_show has no event \"" + e.name.substr(0, 64) + "\""};
  auto wanted = text_of(e.value, "liked");
  like(wanted.empty() ? !assigns_.liked : wanted == "true", s);
}

void blog_show::like(bool liked, live::view_socket& s) {
  blog_->like(s, {assigns_.shown->slug, visitor_, liked}, [this, &s](const result<like_answer>& r) {
    if (!r) {
      s.put_flash("error", std::string{like_failed_text});
      return;
    }
    s.clear_flash();
    assigns_.liked = r->liked;
    learn(r->stats);
  });
}

void blog_show::handle_info(const stats_updated& m, live::view_socket&) {
  if (m.slug == assigns_.shown->slug)
    learn(m.stats);
}

void blog_show::learn(const post_stats& news) {
  // An answer and a broadcast come by different ways, so the older one may come last.
  if (!assigns_.stats || assigns_.stats->version < news.version)
    assigns_.stats = news;
}

live::rendered blog_show::render() const { return render_blog_show(assigns_, flash()); }

std::string blog_show::title() const { return assigns_.shown == nullptr ? std::string{} : assigns_.shown->title; }

}  // namespace beamline::event_horizon
