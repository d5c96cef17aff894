#pragma once

// A host with a blog of two posts, whose pages are served as in production. Behind the blog stand not its processes but
// a desk: a test decides what they know and answer.

#include "apps/event_horizon/attendance.hpp"
#include "apps/event_horizon/post_address.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
#include "apps/event_horizon/views/comment_texts.hpp"
#include "apps/support.hpp"
#include "pubsub/presence/presence.hpp"
#include "testing/live/live_site.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::test {

namespace eh = beamline::event_horizon;

/// What the stand-ins were asked, and what they answer.
struct desk {
  std::set<pid> of_stats{}, of_discussion{}, of_waiting{};
  std::vector<std::pair<std::string, std::string>> visits{};  // Slug, visitor.
  std::vector<eh::like_post> likes{};
  std::vector<eh::comment_post> comments{};
  std::optional<result<eh::like_answer>> like_answer{};
  std::vector<eh::ask_liked> asked_liked{};
  std::vector<reply_promise<eh::liked_now>> open_liked{};         // In their order.
  std::vector<reply_promise<result<eh::comment_answer>>> open{};  // Of the comments, in their order.
};

/// The oldest comment that was not answered yet gets this answer.
struct settle {
  result<eh::comment_answer> with;
};

/// The same of the questions whether a visitor likes the post.
struct settle_liked {
  eh::liked_now with;
};

/// Answers for one of the processes of the blog.
class stand_in final : public process {
public:
  stand_in(process_context& c, std::string_view name, eh::blog& of, desk& d)
      : process{c}, name_{name}, of_{of}, desk_{d} {}

private:
  behavior init() override {
    REQUIRE(register_as(name_));
    return handlers(
        [this](const eh::watch_stats& m) {
          desk_.of_stats.insert(m.view);
          return eh::watch_answer{of_.stats(m.slug)};
        },
        [this](const eh::watch_discussion& m) {
          desk_.of_discussion.insert(m.view);
          return eh::watch_discussion_answer{of_.discussion(m.slug)};
        },
        [this](const eh::watch_waiting& m) {
          desk_.of_waiting.insert(m.view);
          return of_.waiting();
        },
        [this](const eh::count_visit& m) { desk_.visits.emplace_back(m.slug, m.visitor); },
        [this](const eh::start_like& m) -> result<eh::like_answer> {
          desk_.likes.push_back(m.what);
          return *desk_.like_answer;
        },
        [this](const eh::ask_liked& m) -> deferred {
          desk_.asked_liked.push_back(m);
          desk_.open_liked.push_back(promise<eh::liked_now>());
          return desk_.open_liked.back();
        },
        [this](const settle_liked& m) {
          REQUIRE_FALSE(desk_.open_liked.empty());
          desk_.open_liked.front().set(m.with);
          desk_.open_liked.erase(desk_.open_liked.begin());
        },
        [this](const eh::start_comment& m) -> deferred {
          desk_.comments.push_back(m.what);
          desk_.open.push_back(promise<result<eh::comment_answer>>());
          return desk_.open.back();
        },
        [this](const settle& m) {
          REQUIRE_FALSE(desk_.open.empty());
          desk_.open.front().set(m.with);
          desk_.open.erase(desk_.open.begin());
        });
  }

  std::string name_;
  eh::blog& of_;
  desk& desk_;
};

/// The id of the n-th comment.
inline uid nth(std::uint64_t n) { return uid{0x018b'cfe5'6800'7000ULL, 0x8000'0000'0000'0000ULL + n}; }

/// A comment of "hello".
inline accumulator::comment said(std::uint64_t n, std::string content, std::string author = "ann", uid parent = {}) {
  auto at = wall_time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}} + std::chrono::minutes{845 + n};
  return {nth(n), "hello", parent, std::move(author), std::move(content), at};
}
inline eh::discussion_ref talk(std::vector<eh::comment_thread> threads, std::int64_t version = 1) {
  return std::make_shared<const eh::discussion>(eh::discussion{"hello", std::move(threads), version});
}

struct post_site {
  post_site() {
    n.env().provide(of);
    n.env().provide(n.own<presence::trackers>());
    prepare_topics(n);
    n.spawn<supervision::supervisor>(
        supervision::supervisor_spec{.children = {pubsub::child_system({}), eh::attendance_child()}});
    for (auto name : {eh::analytics_name, eh::submissions_name, eh::discussions_name, eh::backlog_name})
      n.spawn<stand_in>(name, of, at);
    w.run();
    of.numbers().update_waiting({.waiting = 0, .is_connected = true});
    pages.emplace(n);
    pages->routes().use(eh::one_address(of));
    pages->view<eh::blog_show>("/blog/:slug");
    pages->routes().get("/not-found", [](const web::request& req, web::responder answer) {
      answer.send(web::response::not_found(req));
    });
  }
  ~post_site() { w.crash_node(n); }
  post_site(const post_site&) = delete;
  post_site& operator=(const post_site&) = delete;

  void tell(eh::discussion_ref now) {
    of.discussions().put(now);
    for (const auto& v : at.of_discussion)
      n.cast(v, eh::discussion_updated{"hello", now});
    w.run();
  }
  void tell(eh::waiting_state now) {
    of.numbers().update_waiting(now);
    for (const auto& v : at.of_waiting)
      n.cast(v, eh::waiting_updated{now});
    w.run();
  }
  void tell(eh::post_stats now) {
    of.numbers().update("hello", now);
    for (const auto& v : at.of_stats)
      n.cast(v, eh::stats_updated{"hello", now});
    w.run();
  }
  /// The oldest comment that was sent and not answered yet.
  void answer(const result<eh::comment_answer>& a) {
    w.run();  // It has arrived.
    n.cast(pid{n.get().identity(), std::string{eh::submissions_name}}, settle{a});
    w.run();
  }
  /// The oldest question of a page whether its visitor likes the post.
  void answer_liked(std::optional<bool> liked) {
    w.run();
    n.cast(pid{n.get().identity(), std::string{eh::submissions_name}}, settle_liked{{liked}});
    w.run();
  }
  /// Who is counted as a reader of "hello".
  [[nodiscard]] std::vector<presence::tracked> readers() {
    w.run();
    return presence::dirty_list(n.env(), eh::attendance_name, eh::attendance_of("hello"));
  }

  testing::world w;
  testing::simulated_node& n = w.start_node("host_1@sim");
  eh::blog of{n.get(), two_posts(), {}};
  desk at;
  std::optional<testing::live_site> pages;
};

}  // namespace beamline::test
