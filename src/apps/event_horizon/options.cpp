#include "apps/event_horizon/options.hpp"

namespace beamline::event_horizon {

config::section<event_horizon_options> event_horizon_section() {
  using options = event_horizon_options;
  using config::range;
  return config::section<options>{"event_horizon", "The application that hosts the blog"}
      .key("content_dir", &options::content_dir, "directory with one Markdown file per post", config::length{1, 1024})
      .key("assets_dir", &options::assets_dir,
           "directory of the bundled browser code, counted from that of the program", config::length{1, 1024})
      .key("title", &options::title, "name of the site, shown on every page", config::length{1, 100})
      .key("url", &options::url,
           "where readers find the site, such as https://blog.example; empty: web.scheme and web.public_host",
           config::length{0, 200})
      .key("posts_max", &options::posts_max, "posts after these, by name, are left out and reported", range{1, 10'000})
      .key("post_size_max", &options::post_size_max, "a larger post is left out and reported", range{1_KiB, 1_MiB})
      .key("drafts", &options::drafts, "whether posts with draft: true are shown")
      .key("rescan", &options::rescan, "how often the folder is looked at for new and changed posts", range{50ms, 1h})
      .key("like_timeout", &options::like_timeout, "how long the answer to a like may take", range{100ms, 30s})
      .key("likes_max", &options::likes_max, "likes under way at the same time; more are refused", range{1, 100'000})
      .key("subscribers_max", &options::subscribers_max,
           "browser tabs that are told of changes; more show their page without updates", range{1, 1'000'000});
}

}  // namespace beamline::event_horizon
