#pragma once

#include "actors/message.hpp"
#include "actors/process.hpp"
#include "apps/event_horizon/catalogue.hpp"
#include "apps/event_horizon/facade.hpp"
#include "pubsub/topic.hpp"
#include "supervision/executor.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace beamline::event_horizon {

/// The name under which the process is found.
inline constexpr std::string_view posts_watch_name = "event_horizon.posts";

/// Broadcast on its own node whenever posts were read anew: `number` counts the readings of one life of the process.
struct posts_changed {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(posts_changed, "event_horizon.posts_changed", 1, number)
};
inline constexpr pubsub::topic_name<posts_changed> posts_topic{"content:posts"};

/// The process that keeps the catalogue as the folder is: new, changed and removed posts show without a restart.
///
///   posts_watch                          executor (a thread that may block)
///     every `event_horizon.rescan` ----->  catalogue::refresh
///     <----------------------------------  what changed, what is wrong
///     the scoreboard learns new posts, views are told (posts_topic), problems are logged
///
/// One look at a time: the next one is asked for when the last one has answered. What is wrong with the folder is
/// logged once, when it changes; the posts stay as they were while the folder cannot be read.
class posts_watch final : public process {
public:
  struct parts {
    blog& of;  // Must outlive the process, as its executor must.
    std::shared_ptr<supervision::executor> disk;
  };

  /// Throws when the node has one already.
  posts_watch(process_context& c, parts p);

private:
  behavior init() override;

  void wait();
  void look();
  void on_read(const result<refresh_outcome>& r);
  void log(const problem_list& problems);

  parts parts_;
  std::uint64_t readings_ = 0;
  bool is_broken_ = false;  // The folder could not be read the last time.
};

}  // namespace beamline::event_horizon
