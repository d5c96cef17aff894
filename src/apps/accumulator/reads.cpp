#include "apps/accumulator/reads.hpp"

#include <algorithm>

namespace beamline::accumulator {

namespace {

std::int64_t number_of(metric::number what, std::int64_t visits, std::int64_t likes, std::int64_t comments) {
  switch (what) {
    case metric::number::visits: return visits;
    case metric::number::likes: return likes;
    case metric::number::comments: return comments;
  }
  return 0;
}

}  // namespace

metric_count count(tables& t, const metric& m) {
  auto key = metric_key(m);
  switch (m.of) {
    case metric::scope::site: {
      auto s = t.load_site();
      return {key, number_of(m.what, s.visits, s.likes, s.comments), s.version};
    }
    case metric::scope::page: {
      auto p = t.load_page(m.name);
      return {key, p.visits, p.version};
    }
    case metric::scope::blog: {
      auto p = t.load_post(m.name);
      return {key, number_of(m.what, p.visits, p.likes, p.comments), p.version};
    }
  }
  return {};
}

comment_list list(tables& t, const list_comments& m) {
  auto limit = std::clamp(m.limit, std::uint32_t{1}, comments_listed_max);
  comment_list out;
  out.comments = t.shown_comments(m, std::int64_t{limit} + 1);
  out.is_complete = out.comments.size() <= limit;
  if (!out.is_complete)
    out.comments.pop_back();
  out.version = t.load_post(m.slug).comments_version;
  return out;
}

comment_list list(tables& t, const recent_comments& m) {
  auto limit = std::clamp(m.limit, std::uint32_t{1}, comments_listed_max);
  comment_list out;
  out.comments = t.newest_comments(m.slug, std::int64_t{limit} + 1);
  out.is_complete = out.comments.size() <= limit;
  if (!out.is_complete)
    out.comments.pop_back();
  return out;
}

}  // namespace beamline::accumulator
