#include "apps/accumulator/news.hpp"

#include <utility>

namespace beamline::accumulator {

namespace {

template <class T>
std::vector<T> taken(std::map<std::string, T>& from) {
  std::vector<T> all;
  all.reserve(from.size());
  for (auto& one : from)
    all.push_back(std::move(one.second));
  from.clear();
  return all;
}

}  // namespace

void news::add(const effect& e) {
  if (!e.has_changed)
    return;
  using scope = metric::scope;
  using number = metric::number;
  if (const auto& s = e.answer.stats) {
    // Each event raises the version by one: what was told before the first of them is one less.
    auto at = posts_.find(s->slug);
    auto before = at == posts_.end() ? s->version - 1 : at->second.previous;
    auto& newest = posts_[s->slug];
    newest = *s;
    newest.previous = before;
    if (e.by.visits != 0)
      add_metric({scope::blog, s->slug, number::visits}, s->visits, s->version);
    if (e.by.likes != 0)
      add_metric({scope::blog, s->slug, number::likes}, s->likes, s->version);
    if (e.by.comments != 0)
      add_metric({scope::blog, s->slug, number::comments}, s->comments, s->version);
  }
  if (e.answer.count)
    metrics_[e.answer.count->metric] = *e.answer.count;
  if (e.site) {
    auto before = site_ ? site_->previous : e.site->version - 1;
    site_ = e.site;
    site_->previous = before;
    if (e.by.visits != 0)
      add_metric({scope::site, {}, number::visits}, e.site->visits, e.site->version);
    if (e.by.likes != 0)
      add_metric({scope::site, {}, number::likes}, e.site->likes, e.site->version);
    if (e.by.comments != 0)
      add_metric({scope::site, {}, number::comments}, e.site->comments, e.site->version);
  }
  if (e.news)
    comments_.push_back(*e.news);
}

void news::add_metric(const metric& m, std::int64_t count, std::int64_t version) {
  auto key = metric_key(m);
  metrics_[key] = {key, count, version};
}

std::vector<blog_stats> news::take_posts() { return taken(posts_); }
std::vector<comment_news> news::take_comments() { return std::exchange(comments_, {}); }
std::optional<site_stats> news::take_site() { return std::exchange(site_, std::nullopt); }
std::vector<metric_count> news::take_metrics() { return taken(metrics_); }

}  // namespace beamline::accumulator
