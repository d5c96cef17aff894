#include "sim/outbox/tables.hpp"

#include "store/database.hpp"
#include "testing/simulated_node.hpp"

#include <fmt/format.h>

#include <optional>
#include <tuple>

namespace beamline::sim_outbox {

namespace {

using number = std::int64_t;

// The order of a table without a key of its own that is an integer is that of its hidden one: that of the inserts.
constexpr std::string_view select_seen = "SELECT id FROM seen_events ORDER BY rowid";
constexpr std::string_view select_visits = "SELECT subject, visitor FROM visits ORDER BY rowid";
constexpr std::string_view select_likes = "SELECT slug, visitor FROM blog_likes";
constexpr std::string_view select_comments = "SELECT id, slug FROM blog_comments";
constexpr std::string_view select_posts = "SELECT slug, likes, visits, comments, version FROM post_totals";
constexpr std::string_view select_pages = "SELECT page, visits, version FROM page_totals";
constexpr std::string_view select_site = "SELECT likes, visits, comments, version FROM site_totals";
constexpr std::string_view select_versions = "SELECT slug, version FROM post_totals";
constexpr std::string_view select_entries = "SELECT event_id FROM outbox_entries";

/// Asks the database of a node and runs the world until it answers.
template <class T, class F>
T read(testing::world& w, const std::string& node, F load) {
  auto* n = w.find_node(node);
  if (n == nullptr)
    throw testing::simulation_error{node + " does not run"};
  struct answer {
    bool is_there = false;
    T all;
    std::string wrong = "no answer within 5 s";
  };
  auto found = std::make_shared<answer>();
  n->env().get<store::database>().read(load, [found](const result<T>& r) {
    found->is_there = true;
    found->wrong = r ? "" : r.error().message;
    if (r)
      found->all = *r;
  });
  w.run_until([&] { return found->is_there; }, 5s);
  if (!found->wrong.empty())
    throw testing::simulation_error{"the tables of " + node + " cannot be read: " + found->wrong};
  return std::move(found->all);
}

/// Reads row by row; keeps the first error.
class reading {
public:
  explicit reading(store::transaction& tx) : tx_{tx} {}

  template <class... T, class F>
  void each(std::string_view sql, F take) {
    auto done = tx_.query(sql, {}, [&](const store::row& r) { std::apply(take, r.as<T...>()); });
    if (!done && !wrong_)
      wrong_ = done.error();
  }
  template <class T>
  [[nodiscard]] result<T> finish(T all) const {
    if (wrong_)
      return *wrong_;
    return all;
  }

private:
  store::transaction& tx_;
  std::optional<error> wrong_;
};

}  // namespace

std::string to_string(const numbers& n) {
  return fmt::format("{} likes, {} visits, {} comments, version {}", n.likes, n.visits, n.comments, n.version);
}

books read_books(testing::world& w, const std::string& node) {
  using text = std::string;
  return read<books>(w, node, [](store::transaction& tx) {
    books b;
    reading r{tx};
    r.each<text>(select_seen, [&](text id) { b.seen.push_back(std::move(id)); });
    r.each<text, text>(select_visits, [&](text of, text who) { b.visits.emplace_back(std::move(of), std::move(who)); });
    r.each<text, text>(select_likes, [&](text of, text who) { b.likes.emplace(std::move(of), std::move(who)); });
    r.each<text, text>(select_comments,
                       [&](text id, text slug) { b.comments.emplace(std::move(id), std::move(slug)); });
    r.each<text, number, number, number, number>(
        select_posts, [&](const text& slug, number likes, number visits, number comments, number version) {
          b.posts[slug] = {likes, visits, comments, version};
        });
    r.each<text, number, number>(select_pages, [&](const text& of, number visits, number version) {
      b.pages[of] = {0, visits, 0, version};
    });
    r.each<number, number, number, number>(select_site,
                                           [&](number likes, number visits, number comments, number version) {
                                             b.site = {likes, visits, comments, version};
                                           });
    return r.finish(std::move(b));
  });
}

std::set<std::string> read_entries(testing::world& w, const std::string& node) {
  return read<std::set<std::string>>(w, node, [](store::transaction& tx) {
    std::set<std::string> all;
    reading r{tx};
    r.each<std::string>(select_entries, [&](std::string id) { all.insert(std::move(id)); });
    return r.finish(std::move(all));
  });
}

const version_look::versions* version_look::look(testing::world& w, const std::string& node) {
  auto* n = w.find_node(node);
  if (n == nullptr)
    return nullptr;
  // Who was asked may be gone, and never answers.
  if (!asked_ || asked_->run != n->incarnation()) {
    asked_ = std::make_shared<question>();
    asked_->run = n->incarnation();
    auto load = [](store::transaction& tx) {
      versions all;
      reading r{tx};
      r.each<std::string, number>(select_versions, [&](const std::string& slug, number v) { all[slug] = v; });
      return r.finish(std::move(all));
    };
    n->env().get<store::database>().read(load, [to = asked_](const result<versions>& r) {
      to->is_answered = r.ok();  // It has no tables yet, say: asked again with the next run, or look.
      if (r)
        to->answer = *r;
      else
        to->run = 0;
    });
  }
  return asked_->is_answered ? &asked_->answer : nullptr;
}

}  // namespace beamline::sim_outbox
