#include "sim/outbox/checkers/ledger.hpp"

#include "net/outbox/events.hpp"
#include "sim/outbox/events.hpp"
#include "sim/outbox/setup.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace beamline::sim_outbox {

namespace {

/// What applying events one after another comes to.
struct model {
  std::map<std::string, numbers> posts, pages;
  numbers site;
  std::set<books::subject_and_visitor> likes;
  std::map<std::string, std::string> comments;

  void change(numbers& of, std::int64_t likes_by, std::int64_t visits_by, std::int64_t comments_by) {
    for (auto* n : {&of, &site}) {
      n->likes += likes_by;
      n->visits += visits_by;
      n->comments += comments_by;
      n->version += 1;
    }
  }
};

}  // namespace

void ledger::on_start(testing::simulated_node& n) {
  listen<offered>(n, [this](const offered& e) {
    offers_[std::string{e.id}] = {std::string{e.token}, std::string{e.what}, std::string{e.key}, std::string{e.visitor},
                                  e.amount};
    ids_[std::string{e.token}] = e.id;
  });
  listen<promised>(n, [this, host = n.name()](const promised& e) {
    promises_.push_back({std::string{e.token}, std::string{e.entry}, std::string{e.how}, host, lives_[host].number});
  });
  listen<net::outbox::buffer_changed>(n, [this, host = n.name()](const net::outbox::buffer_changed& e) {
    auto& life = lives_[host];
    if (e.action == "loaded")
      life = {life.number + 1, 0};
    else if (e.action == "dropped")
      life.dropped += e.count;
  });
}

void ledger::at_end(testing::world& w) {
  auto b = read_books(w, accumulator_node);
  check_effects(b);
  check_promises(w, b);
}

void ledger::expect_equal(const std::string& of, const numbers& stands, const numbers& expected) {
  if (!(stands == expected))
    fail(of + " has " + to_string(stands) + "; applying each event once gives " + to_string(expected) + " (I38)");
}

void ledger::check_effects(const books& b) {
  model m;
  std::set<books::subject_and_visitor> visits;
  for (const auto& v : b.visits)
    if (!visits.insert(v).second)
      return fail(v.second + " has visited " + v.first + " twice (I38)");
  for (const auto& id : b.seen) {
    auto known = offers_.find(id);
    if (known == offers_.end())
      return fail("an event " + id + " was applied that nobody offered");
    const auto& o = known->second;
    auto is_page = o.key == page;
    auto& of = is_page ? m.pages[o.key] : m.posts[o.key];
    if (o.kind == "like" || o.kind == "toggle" || o.kind == "delta") {
      auto by = o.amount;
      if (o.kind != "delta" && o.amount == 1)
        by = m.likes.emplace(o.key, o.visitor).second ? 1 : 0;
      else if (o.kind != "delta")
        by = m.likes.erase({o.key, o.visitor}) > 0 ? -1 : 0;
      if (by = std::max(by, -of.likes); by != 0)  // Likes without a visitor may have been taken back already.
        m.change(of, by, 0, 0);
    } else if (o.kind == "comment") {
      m.comments[id] = o.key;
      m.change(of, 0, 0, 1);
    } else if (o.kind == "passer") {
      m.change(of, 0, 1, 0);
    } else if (o.kind == "visit") {
      if (!visits.contains({(is_page ? "page:" : "blog:") + o.key, o.visitor}))
        return fail(o.token + " is remembered, and its visit is not there (I37)");
      m.change(of, 0, 0, 0);  // How many were merged into it the table says.
    } else {
      return fail(o.token + ", which is to be rejected, was applied");
    }
  }
  // Those that were merged lost their ids: they count where they stand.
  for (const auto& [subject, visitor] : b.visits) {
    auto key = subject.substr(subject.find(':') + 1);
    (key == page ? m.pages[key] : m.posts[key]).visits += 1;
    m.site.visits += 1;
  }
  if (b.likes != m.likes)
    fail("other likes stand in the table than the events make (I38)");
  if (b.comments != m.comments)
    fail("other comments stand in the table than the events make (I38)");
  for (const auto& [key, stands] : b.posts)
    expect_equal(key, stands, m.posts[key]);
  for (const auto& [key, expected] : m.posts)
    if (!b.posts.contains(key))
      expect_equal(key, {}, expected);
  for (const auto& [key, expected] : m.pages)
    expect_equal(key, b.pages.contains(key) ? b.pages.at(key) : numbers{}, expected);
  expect_equal("the site", b.site, m.site);
}

void ledger::check_promises(testing::world& w, const books& b) {
  const std::set<std::string> seen{b.seen.begin(), b.seen.end()};
  std::set<std::string> visitors;
  std::transform(b.visits.begin(), b.visits.end(), std::inserter(visitors, visitors.end()),
                 [](const auto& v) { return v.second; });
  std::map<std::string, std::set<std::string>> kept;
  for (const auto& host : hosts_)
    kept[host] = read_entries(w, host);
  std::map<std::string, std::uint64_t> missing;  // By host, of its last outbox's life.
  for (const auto& p : promises_) {
    const auto& o = offers_.at(ids_.at(p.token));
    if (o.kind == "visit" ? visitors.contains(p.token) : seen.contains(p.entry))
      continue;
    auto is_buffered = p.how == "buffered";
    if (is_buffered && kept[p.host].contains(p.entry))
      continue;
    if (!is_buffered || !may_drop_ || !is_droppable(o.kind))
      return fail(p.token + ", a " + o.kind + " that was promised (" + p.how + "), is lost (I37)");
    if (p.life == lives_[p.host].number)
      ++missing[p.host];
  }
  for (const auto& [host, n] : missing)
    if (n > lives_[host].dropped)
      fail(std::to_string(n) + " visits that " + host + " kept are lost, and " + std::to_string(lives_[host].dropped)
           + " were told dropped (I37)");
}

}  // namespace beamline::sim_outbox
