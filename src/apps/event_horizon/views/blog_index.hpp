#pragma once

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// Posts of one page of the index.
inline constexpr std::size_t index_posts_max = 20;
// Tags that the index offers; rarer ones are found below their posts.
inline constexpr std::size_t index_tags_max = 40;

/// A post of the index.
struct index_row {
  post_ref of;
  safe_html snippet;  // Where the words were found; empty when nothing was looked for.

  friend bool operator==(const index_row&, const index_row&) = default;
};

/// All posts, at /blog: by tag (?tag=beam), by words (?q=two+nodes), page by page (?page=2). With a script the list
/// follows every letter, and every post that is saved; without, the form and the links do the same.
class blog_index final : public web::live::view_of<blog_index, posts_changed> {
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
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  void show();

  assigns assigns_;
  const blog* blog_ = nullptr;
};

}  // namespace beamline::event_horizon
