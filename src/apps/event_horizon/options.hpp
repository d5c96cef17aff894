#pragma once

#include "apps/event_horizon/content/loader.hpp"
#include "base/config/section.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace beamline::event_horizon {

using namespace config::literals;

/// The way that events of one kind take to the accumulator.
enum class event_path : std::uint8_t {
  outbox,     // Called; while that fails they wait in the outbox. Nothing is lost, and visitors hear what became of it.
  broadcast,  // Published once on analytics:events: what does not arrive is lost, and counted there (analytics.lost).
};

/// What an administrator decides about the blog: section `event_horizon` of the configuration.
struct event_horizon_options {
  std::filesystem::path content_dir = "content/posts";
  // What the asset build made; counted from the program's own directory.
  std::filesystem::path assets_dir = "../assets";
  std::string title = "Event Horizon";
  // What the site is: the lead of its home page; for search engines, social networks and feeds.
  std::string description = "A blog on a small cluster of C++ actors. Its pages are rendered on the server and stay "
                            "alive in the browser: open a post in two windows, press Like in one, and watch the "
                            "other.";
  // Of the posts, as BCP 47 has it.
  std::string language = "en";
  // Who writes it. Empty: feeds name the site.
  std::string author{};
  // Where readers find the site: `https://blog.example`. Empty: made of `web.scheme` and `web.public_host`.
  std::string url{};
  // More posts than this, and larger ones, are left out; the log and check-content say which.
  std::size_t posts_max = 1000;
  config::byte_size post_size_max = 256_KiB;
  // Posts with `draft: true` are shown, too.
  bool drafts = false;
  // How often the folder is looked at for new and changed posts.
  duration rescan = 2s;
  // Likes, comments and visits under way at the same time, each. One more is refused; a visit is not counted.
  std::size_t writes_max = 1000;
  // Which way each kind goes.
  event_path visits_path = event_path::outbox;
  event_path likes_path = event_path::outbox;
  event_path comments_path = event_path::outbox;
  // Of one visitor on this node; more are refused and go nowhere. The accumulator has limits of its own.
  std::size_t likes_per_minute = 60;
  std::size_t comments_per_minute = 6;
  // Of all visitors at one address together, so that nobody goes on as a new visitor. An IPv6 address counts by its
  // /64.
  std::size_t likes_per_minute_and_address = 300;
  std::size_t comments_per_minute_and_address = 30;
  // Visitors whose limits are kept apart, and addresses; of more the one that was idle longest starts anew.
  std::size_t limited_visitors_max = 20'000;
  // A longer comment is refused, with a word to its writer. Not more than accumulator.comment_bytes_max.
  std::size_t comment_bytes_max = 4000;
  // Tabs that are told of changes, of each kind. One more shows its page without updates.
  std::size_t subscribers_max = 100'000;
};

[[nodiscard]] config::section<event_horizon_options> event_horizon_section();

/// What of it the reading of posts goes by.
[[nodiscard]] content_limits limits_of(const event_horizon_options& o);

}  // namespace beamline::event_horizon
