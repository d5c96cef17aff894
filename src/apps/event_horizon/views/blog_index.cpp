#include "apps/event_horizon/views/blog_index.hpp"

#include "apps/event_horizon/content/front_matter.hpp"
#include "apps/event_horizon/json_text.hpp"
#include "apps/event_horizon/site.hpp"
#include "apps/event_horizon/views/blog_index.heex.hpp"
#include "apps/event_horizon/views/post_head.hpp"
#include "base/utf8.hpp"
#include "web/live/form_value.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

std::string text_of(const json& object, std::string_view key, std::size_t bytes_max) {
  return std::string{truncate_utf8(event_horizon::text_of(object, key), bytes_max)};
}

std::string sentence(const index_place& at, std::size_t count) {
  auto out = count == 0 ? std::string{"No post"} : std::to_string(count) + (count == 1 ? " post" : " posts");
  if (count == search_hits_max && !at.query.empty())
    out = "The best " + out;
  if (!at.tag.empty())
    out += " tagged “" + at.tag + "”";
  if (!at.query.empty())
    out += " with “" + at.query + "”";
  return out;
}

}  // namespace

void blog_index::mount(const live::mount_params&, live::view_socket& s) {
  blog_ = &s.env().get<blog>();
  subscribe(s, posts_topic());
}

void blog_index::handle_params(const live::mount_params& p, live::view_socket& s) {
  // An address is typed as easily as it is clicked: what it says wrongly is as at the beginning.
  auto page = live::form_value<std::int64_t>::parse(text_of(p.params, "page", 10)).value_or(1);
  assigns_.at = index_place{text_of(p.params, "q", query_bytes_max), text_of(p.params, "tag", tag_bytes_max),
                            static_cast<int>(std::clamp<std::int64_t>(page, 1, 1'000'000))};
  show(s);
}

void blog_index::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "search")
    return view::handle_event(e, s);
  auto to = index_place{text_of(e.value, "q", query_bytes_max), text_of(e.value, "tag", tag_bytes_max)};
  s.patch(index_path(to), live::history::replace);
}

void blog_index::handle_info(const posts_changed&, live::view_socket& s) { show(s); }

void blog_index::show(live::view_socket& s) {
  const auto posts = blog_->posts().now();
  const auto& at = assigns_.at.get();
  auto rows = std::vector<index_row>{};
  if (!at.query.empty()) {
    for (auto& hit : posts->search(at.query, at.tag))
      rows.push_back({std::move(hit.of), std::move(hit.snippet), {}});
  } else {
    for (const auto& p : at.tag.empty() ? posts->posts() : posts->tagged(at.tag))
      rows.push_back({p, {}, {}});
  }
  assigns_.found = sentence(at, rows.size());
  auto pages = std::max<std::size_t>(1, (rows.size() + index_posts_max - 1) / index_posts_max);
  assigns_.pages = static_cast<int>(pages);
  auto page = std::min(static_cast<std::size_t>(at.page), pages);
  auto first = rows.begin() + static_cast<std::ptrdiff_t>((page - 1) * index_posts_max);
  auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), page * index_posts_max));
  auto shown = std::vector<index_row>(first, last);
  for (auto& r : shown) {
    r.stats = blog_->stats(r.of->slug);
    follow(r.of->slug, s);
  }
  assigns_.rows = std::move(shown);
  if (page != static_cast<std::size_t>(at.page))
    assigns_.at.edit().page = static_cast<int>(page);
  auto tags = posts->tags();
  tags.resize(std::min(tags.size(), index_tags_max));
  assigns_.tags = std::move(tags);
}

void blog_index::follow(const std::string& slug, live::view_socket& s) {
  if (!s.connected() || followed_.size() >= index_followed_max || !followed_.insert(slug).second)
    return;
  blog_->subscribe(s, slug, [this, slug](const std::optional<post_stats>& now) {
    if (now)
      learn(slug, *now);
  });
}

void blog_index::handle_info(const stats_updated& m, live::view_socket&) { learn(m.slug, m.stats); }

void blog_index::learn(std::string_view slug, const post_stats& news) {
  const auto& rows = assigns_.rows.get();
  auto row = std::find_if(rows.begin(), rows.end(), [&](const index_row& r) { return r.of->slug == slug; });
  if (row == rows.end() || (row->stats && row->stats->version >= news.version))
    return;
  assigns_.rows.edit()[static_cast<std::size_t>(row - rows.begin())].stats = news;
}

live::rendered blog_index::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string blog_index::title() const {
  const auto& tag = assigns_.at->tag;
  return tag.empty() ? "Blog" : "Posts tagged " + tag;
}

safe_html blog_index::head() const {
  // What a search has found is no page of its own for search engines.
  auto at = assigns_.at.get();
  at.query.clear();
  return list_head(facts_of(*blog_), title(), index_path(at));
}

}  // namespace beamline::event_horizon
