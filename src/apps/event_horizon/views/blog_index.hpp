#pragma once

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// Posts of one page of the index.
inline constexpr std::size_t index_posts_max = 20;
// Tags that the index offers; rarer ones are found below their posts.
inline constexpr std::size_t index_tags_max = 40;
// Posts whose numbers one tab follows; those of pages that it turns to later stay as they were then.
inline constexpr std::size_t index_followed_max = 200;

/// A post of the index.
struct index_row {
  post_ref of;
  safe_html snippet;                // Where the words were found; empty when nothing was looked for.
  std::optional<post_stats> stats;  // None: not heard of yet.

  friend bool operator==(const index_row&, const index_row&) = default;
};

/// All posts, at /blog: by tag (?tag=beam), by words (?q=two+nodes), page by page (?page=2). With a script the list
/// follows every letter, and every post that is saved; without, the form and the links do the same. The numbers of the
/// posts on the page follow every change; a tab hears of those posts alone, and of those it has turned over.
class blog_index final : public web::live::view_of<blog_index, posts_changed, stats_updated> {
public:
  struct assigns {
    web::live::assign<index_place> at;
    web::live::assign<std::vector<index_row>> rows;
    web::live::assign<std::vector<tag_count>> tags;
    web::live::assign<std::string> found;  // How many there are, in words.
    web::live::assign<int> pages{1};
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_params(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const posts_changed& m, web::live::view_socket& s);
  void handle_info(const stats_updated& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  void show(web::live::view_socket& s);
  void follow(const std::string& slug, web::live::view_socket& s);
  void learn(std::string_view slug, const post_stats& news);

  assigns assigns_;
  const blog* blog_ = nullptr;
  std::set<std::string, std::less<>> followed_;
};

}  // namespace beamline::event_horizon
