#include "apps/accumulator/requests.hpp"

#include "actors/message_codec.hpp"
#include "base/json.hpp"
#include "base/plain_text.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace beamline::accumulator {

namespace {

// Of a value that was refused, this much is shown.
constexpr std::size_t shown_bytes_max = 40;

std::string shown(std::string_view value) {
  auto cut = truncate_utf8(value, shown_bytes_max);
  return json_string(cut) + (cut.size() < value.size() ? "..." : "");
}

/// Collects what is wrong with the fields of one message; the first thing counts.
class field_checks {
public:
  explicit field_checks(std::string_view message) : message_{message} {}

  field_checks& expect(bool is_good, std::string_view field, const std::string& is, const std::string& expected) {
    if (!is_good && !wrong_)
      wrong_ = error{errc::invalid,
                     std::string{message_} + ": " + std::string{field} + " is " + is + ", expected " + expected};
    return *this;
  }
  field_checks& slug(std::string_view field, std::string_view value) {
    return expect(is_slug(value), field, shown(value),
                  "at most " + std::to_string(slug_bytes_max) + " of a-z, 0-9 and single hyphens between them");
  }
  field_checks& visitor(std::string_view value) {
    return expect(is_visitor(value), "visitor", shown(value),
                  std::to_string(visitor_bytes_min) + " to " + std::to_string(visitor_bytes_max)
                      + " of a-z, A-Z, 0-9, - and _");
  }
  field_checks& visitor_or_none(std::string_view value) { return value.empty() ? *this : visitor(value); }
  field_checks& text(std::string_view field, std::string_view value, std::size_t bytes_min, std::size_t bytes_max) {
    expect(value.size() >= bytes_min && value.size() <= bytes_max, field, std::to_string(value.size()) + " bytes",
           std::to_string(bytes_min) + " to " + std::to_string(bytes_max));
    return expect(is_plain_text(value), field, shown(value), "text in UTF-8 without control characters");
  }

  template <class T>
  [[nodiscard]] result<T> finish(T good) const {
    return wrong_ ? result<T>{*wrong_} : result<T>{std::move(good)};
  }

private:
  std::string_view message_;
  std::optional<error> wrong_;
};

/// Whatever is wrong with the octets: sending them again cannot help. The message names the procedure already.
template <class M>
result<M> decoded(std::string_view octets) {
  auto m = decode<M>(octets);
  return m ? std::move(m) : result<M>{error{errc::invalid, m.error().message}};
}

// -- events, by their types -----------------------------------------------------------------------

result<request> check_like(std::string_view message, like l, const uid& id) {
  field_checks checks{message};
  checks.slug("slug", l.slug).visitor_or_none(l.visitor);
  if (l.visitor.empty())
    checks.expect(l.delta != 0 && std::abs(l.delta) <= likes_delta_max, "delta", std::to_string(l.delta),
                  "-" + std::to_string(likes_delta_max) + " to " + std::to_string(likes_delta_max)
                      + " and not 0, since there is no visitor");
  else
    checks.expect(l.delta == 0, "delta", std::to_string(l.delta), "0, since there is a visitor");
  return checks.finish(request{std::move(l), id});
}

result<request> check_visits(std::string_view message, std::string_view field, visits v, const uid& id) {
  field_checks checks{message};
  checks.slug(field, v.name);
  checks.expect(v.visitors.size() <= visitors_max, "visitors", std::to_string(v.visitors.size()),
                "at most " + std::to_string(visitors_max));
  for (const auto& visitor : v.visitors)
    checks.visitor(visitor);
  std::sort(v.visitors.begin(), v.visitors.end());
  v.visitors.erase(std::unique(v.visitors.begin(), v.visitors.end()), v.visitors.end());
  return checks.finish(request{std::move(v), id});
}

result<request> check_comment(std::string_view message, new_comment c, const uid& id, std::size_t bytes_max) {
  c.content = trimmed(std::move(c.content));
  c.author = on_one_line(std::move(c.author));
  if (c.author.empty())
    c.author = default_author;
  field_checks checks{message};
  checks.slug("slug", c.slug)
      .text("content", c.content, 1, bytes_max)
      .text("author", c.author, 1, author_bytes_max)
      .visitor_or_none(c.visitor);
  return checks.finish(request{std::move(c), id});
}

using reader = result<request> (*)(std::string_view octets, std::size_t comment_bytes_max);

template <class M>
constexpr std::string_view name_of = M::message_name;

result<request> read(const update_likes& m, std::size_t) {
  return check_like(name_of<update_likes>, {m.slug, m.visitor, m.liked, m.delta}, m.event_id);
}
result<request> read(const increment_blog_visit& m, std::size_t) {
  return check_visits(name_of<increment_blog_visit>, "slug", {metric::scope::blog, m.slug, m.visitors}, m.event_id);
}
result<request> read(const increment_visit& m, std::size_t) {
  return check_visits(name_of<increment_visit>, "page", {metric::scope::page, m.page, m.visitors}, m.event_id);
}
result<request> read(const add_comment& m, std::size_t bytes_max) {
  return check_comment(name_of<add_comment>, {m.slug, m.author, m.content, m.parent, m.visitor}, m.event_id, bytes_max);
}
result<request> read(const blog_visit& m, std::size_t) {
  auto who = m.visitor.empty() ? std::vector<std::string>{} : std::vector{m.visitor};
  return check_visits(name_of<blog_visit>, "slug", {metric::scope::blog, m.slug, std::move(who)}, {});
}
result<request> read(const blog_like& m, std::size_t) {
  return check_like(name_of<blog_like>, {m.slug, m.visitor, true, m.visitor.empty() ? 1 : 0}, {});
}
result<request> read(const blog_comment& m, std::size_t bytes_max) {
  auto field = [&](const char* name) {
    auto at = m.data.find(name);
    return at == m.data.end() ? std::string{} : at->second;
  };
  uid parent;
  if (auto text = field("parent"); !text.empty()) {
    auto id = uid::parse(text);
    if (!id)
      return id.error().in(name_of<blog_comment>).in("parent");
    parent = *id;
  }
  return check_comment(name_of<blog_comment>, {m.slug, field("author"), field("content"), parent, field("visitor")}, {},
                       bytes_max);
}

template <class M>
result<request> read_as(std::string_view octets, std::size_t comment_bytes_max) {
  auto m = decoded<M>(octets);
  return m ? read(*m, comment_bytes_max) : result<request>{m.error()};
}

template <class... M>
constexpr std::array<std::pair<std::string_view, reader>, sizeof...(M)> readers_of{
    std::pair<std::string_view, reader>{M::message_name, &read_as<M>}...};
constexpr auto& readers =
    readers_of<update_likes, increment_blog_visit, increment_visit, add_comment, blog_visit, blog_like, blog_comment>;

}  // namespace

bool is_event_id(const uid& id) noexcept { return ((id.high() >> 12) & 0xf) == 7 && (id.low() >> 62) == 2; }

result<request> read_event(std::string_view type, std::string_view octets, std::size_t comment_bytes_max) {
  auto known = std::find_if(readers.begin(), readers.end(), [&](const auto& r) { return r.first == type; });
  if (known != readers.end())
    return known->second(octets, comment_bytes_max);
  return error{errc::unsupported, "this accumulator knows no event " + shown(type)};
}

// -- arguments of the other procedures --------------------------------------------------------------

result<get_blog_stats> read_get_blog_stats(std::string_view octets) {
  auto m = decoded<get_blog_stats>(octets);
  return m ? field_checks{name_of<get_blog_stats>}.slug("slug", m->slug).finish(*m) : std::move(m);
}

result<get_liked> read_get_liked(std::string_view octets) {
  auto m = decoded<get_liked>(octets);
  return m ? field_checks{name_of<get_liked>}.slug("slug", m->slug).visitor(m->visitor).finish(*m) : std::move(m);
}

result<metric> read_get_count(std::string_view octets) {
  auto m = decoded<get_count>(octets);
  if (!m)
    return m.error();
  auto found = parse_metric(m->metric);
  return field_checks{name_of<get_count>}
      .expect(found.has_value(), "metric", shown(m->metric),
              "site., page.<name>. or blog.<slug>. and one of visits, likes and comments; a page has visits only")
      .finish(found.value_or(metric{}));
}

result<list_comments> read_list_comments(std::string_view octets) {
  auto m = decoded<list_comments>(octets);
  return m ? field_checks{name_of<list_comments>}.slug("slug", m->slug).finish(*m) : std::move(m);
}

result<recent_comments> read_recent_comments(std::string_view octets) {
  auto m = decoded<recent_comments>(octets);
  if (m && !m->slug.empty())
    return field_checks{name_of<recent_comments>}.slug("slug", m->slug).finish(*m);
  return m;
}

result<moderate_comment> read_moderate_comment(std::string_view octets) {
  auto m = decoded<moderate_comment>(octets);
  if (!m)
    return m;
  return field_checks{name_of<moderate_comment>}
      .expect(m->action <= moderation::remove, "action", std::to_string(static_cast<unsigned>(m->action)),
              "0 (hide), 1 (show) or 2 (remove)")
      .finish(*m);
}

result<handle_buffered_event> read_batch(std::string_view octets) {
  auto m = decoded<handle_buffered_event>(octets);
  if (!m)
    return m;
  return field_checks{name_of<handle_buffered_event>}
      .expect(m->events.size() <= batch_events_max, "events", std::to_string(m->events.size()),
              "at most " + std::to_string(batch_events_max))
      .finish(*m);
}

}  // namespace beamline::accumulator
