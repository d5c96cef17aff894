#pragma once

#include "apps/blog_parts.hpp"
#include "apps/tab.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::test {

using event_horizon::blog;
using event_horizon::event_horizon_options;
using event_horizon::post_stats;

inline peer_info linked_peer(std::string name, std::string role) {
  peer_info p;
  p.identity = {std::move(name), 1};
  p.role = std::move(role);
  return p;
}

/// Stands for the rpc process: answers reads as the test says, and counts.
class fake_rpc final : public process {
public:
  struct script {
    std::map<std::string, accumulator::blog_stats> stats{};     // Of get_blog_stats; other slugs: noconnection.
    std::map<std::string, accumulator::metric_count> counts{};  // Of get_count; others: noconnection.
    std::optional<accumulator::site_stats> site{};              // Of get_site_stats; none: noconnection.
    std::map<std::string, std::vector<accumulator::comment>>
        comments{};  // Of list_comments; other slugs: noconnection.
    std::map<std::string, std::int64_t> comments_versions{};
    std::size_t page_size = accumulator::comments_listed_max;
    std::set<std::pair<std::string, std::string>> likes{};  // Slug, visitor: of get_liked.
    bool knows_likes = true;                                // Else: noconnection.
    std::size_t liked_asked = 0;
    std::map<std::string, int> asked{};   // get_blog_stats by slug; get_site_stats as "".
    std::map<std::string, int> listed{};  // list_comments by slug.
    std::function<void()> before_page{};
    duration delay{};
    bool is_mute = false;  // Linked, but never answers.
  };
  fake_rpc(process_context& c, script& s) : process{c}, script_{s} {}

private:
  behavior init() override {
    CHECK(register_as("rpc"));
    return handlers([this](const net::rpc::role_call& m) -> deferred {
      auto to = promise<net::rpc::wire_reply>();
      CHECK(m.role == "accumulator");
      run_after(script_.delay, [this, m, to] { answer(m, to); });
      return to;
    });
  }

  void answer(const net::rpc::role_call& m, const reply_promise<net::rpc::wire_reply>& to) {
    auto reply = reply_to(m);
    if (script_.is_mute)
      kept_.push_back(to);
    else if (reply)
      to.set(net::rpc::to_wire(*reply));
    else
      to.fail(reason::noconnection());
  }
  std::optional<bytes> reply_to(const net::rpc::role_call& m) {
    if (m.procedure == accumulator::get_site_stats::message_name) {
      ++script_.asked[""];
      return script_.site ? std::optional{encode(*script_.site)} : std::nullopt;
    }
    if (m.procedure == accumulator::get_count::message_name) {
      auto found = script_.counts.find(decode<accumulator::get_count>(m.arguments)->metric);
      return found == script_.counts.end() ? std::nullopt : std::optional{encode(found->second)};
    }
    if (m.procedure == accumulator::get_liked::message_name) {
      ++script_.liked_asked;
      auto of = decode<accumulator::get_liked>(m.arguments).value();
      return script_.knows_likes
               ? std::optional{encode(accumulator::like_state{script_.likes.contains({of.slug, of.visitor})})}
               : std::nullopt;
    }
    if (m.procedure == accumulator::list_comments::message_name)
      return list(decode<accumulator::list_comments>(m.arguments).value());
    auto slug = decode<accumulator::get_blog_stats>(m.arguments)->slug;
    ++script_.asked[slug];
    auto known = script_.stats.find(slug);
    return known == script_.stats.end() ? std::nullopt : std::optional{encode(known->second)};
  }
  std::optional<bytes> list(const accumulator::list_comments& m) {
    ++script_.listed[m.slug];
    if (script_.before_page)
      script_.before_page();
    auto known = script_.comments.find(m.slug);
    if (known == script_.comments.end())
      return std::nullopt;
    accumulator::comment_list out{.comments = {}, .version = script_.comments_versions[m.slug]};
    for (const auto& c : known->second) {
      if (std::pair{c.at, c.id} <= std::pair{m.after_at, m.after})
        continue;
      if (out.comments.size() == std::min<std::size_t>(script_.page_size, m.limit)) {
        out.is_complete = false;
        break;
      }
      out.comments.push_back(c);
    }
    return encode(out);
  }

  script& script_;
  std::vector<reply_promise<net::rpc::wire_reply>> kept_;
};

/// Broadcasts news of comments as the counter does.
struct announce_comment {
  accumulator::comment_news what;
};
class comment_announcer final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([this](const announce_comment& m) {
      CHECK(pubsub::system_of(env()).broadcast(*this, accumulator::comment_topic(m.what.what.slug), m.what));
    });
  }
};

/// A blog host whose surroundings are scripted.
struct host {
  explicit host(testing::world& the_world, event_horizon_options o = {})
      : w{the_world}, of{n.get(), two_posts(), std::move(o)} {
    n.env().provide(of);
    rpc = n.spawn<fake_rpc>(script);
    outbox_pid = n.spawn<fake_outbox>(outbox);
    start_topics(n);
    teller = n.spawn<announcer>();
    comment_teller = n.spawn<comment_announcer>();
  }
  ~host() { w.crash_node(n); }

  void start() {
    all = start_blog(n, of, rpc);
    hub = all.numbers;
    w.run();
  }
  /// Both posts are known from the start.
  void know_posts() {
    script.stats = {{"hello", {"hello", 3, 9}}, {"second", {"second", 0, 0}}};
    script.site = accumulator::site_stats{10, 3, 0, 20};
    script.comments = {{"hello", {}}, {"second", {}}};
  }
  void tell(const accumulator::blog_stats& s) { tell(accumulator::blog_topic(s.slug).name(), s); }
  void tell(std::string topic, const accumulator::blog_stats& s) { n.cast(teller, announce{std::move(topic), s}); }
  void tell(const accumulator::comment_news& m) { n.cast(comment_teller, announce_comment{m}); }
  void link() {
    for (const auto& p : {all.numbers, all.discussions})
      n.cast(p, node_up{linked_peer("accumulator_1@sim", "accumulator")});
  }
  [[nodiscard]] std::size_t subscribers(std::string_view topic) {
    return pubsub::system_of(n.env()).subscribers(topic);
  }
  /// Of the node's log, with these words.
  [[nodiscard]] std::size_t lines(std::string_view words) {
    auto recent = n.env().log().recent();
    return static_cast<std::size_t>(
        std::count_if(recent.begin(), recent.end(), [&](const auto& l) { return l.find(words) != std::string::npos; }));
  }
  pid open(shown_page& page, std::string slug = "hello", std::string visitor = "visitor_1") {
    return n.spawn<tab>(tab::setup{std::move(slug), std::move(visitor), page});
  }

  testing::world& w;
  testing::simulated_node& n = with_calls(w).start_node("host_1@sim");
  fake_rpc::script script;
  fake_outbox::script outbox;
  blog of;
  blog_processes all;
  pid rpc, outbox_pid, teller, comment_teller, hub;
};

}  // namespace beamline::test
