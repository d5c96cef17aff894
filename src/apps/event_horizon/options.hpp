#pragma once

#include "base/config/section.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <filesystem>

namespace beamline::event_horizon {

using namespace config::literals;

/// What an administrator decides about the blog: section `event_horizon` of the configuration.
struct event_horizon_options {
  std::filesystem::path content_dir = "content/posts";
  // What the asset build made; counted from the program's own directory.
  std::filesystem::path assets_dir = "../assets";
  std::string title = "Event Horizon";
  // Where readers find the site: `https://blog.example`. Empty: made of `web.scheme` and `web.public_host`.
  std::string url{};
  // More posts than this, and larger ones, are left out; the log and check-content say which.
  std::size_t posts_max = 1000;
  config::byte_size post_size_max = 256_KiB;
  // Posts with `draft: true` are shown, too.
  bool drafts = false;
  // How often the folder is looked at for new and changed posts.
  duration rescan = 2s;
  // How long a visitor waits at most for the answer to a like.
  duration like_timeout = 2s;
  // Likes under way at the same time. One more is refused, and its visitor asked to try again.
  std::size_t likes_max = 1000;
  // Tabs that are told of changes. One more shows its page without updates.
  std::size_t subscribers_max = 100'000;
};

[[nodiscard]] config::section<event_horizon_options> event_horizon_section();

}  // namespace beamline::event_horizon
