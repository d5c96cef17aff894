#include "apps/event_horizon/posts_watch.hpp"

#include "apps/event_horizon/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::event_horizon {

posts_watch::posts_watch(process_context& c, parts p) : process{c}, parts_{std::move(p)} {}

behavior posts_watch::init() {
  if (auto named = register_as(std::string{posts_watch_name}); !named)
    throw std::runtime_error{named.error().message};
  wait();
  return handlers();
}

void posts_watch::wait() {
  run_after(parts_.of.options().rescan, [this] { look(); });
}

void posts_watch::look() {
  auto answered = resume_with([this](const result<refresh_outcome>& r) {
    on_read(r);
    wait();
  });
  parts_.disk->run([posts = parts_.of.posts(), answered] { answered(posts.refresh()); });
}

void posts_watch::on_read(const result<refresh_outcome>& r) {
  if (!r) {
    if (!std::exchange(is_broken_, true))
      env().log().error("event_horizon", "posts stay as they were", {{"error", r.error()}});
    return;
  }
  is_broken_ = false;
  if (!r->is_changed)
    return;
  for (const auto& slug : r->added)
    parts_.of.numbers().add_post(slug);
  log(r->problems);
  auto count = parts_.of.posts().posts().size();
  env().events().emit(posts_read{count, r->added.size(), r->problems.count()});
  env().log().info("event_horizon", "posts read anew", {{"count", count}, {"new", r->added.size()}});
  if (auto told = pubsub::system_of(env()).local_broadcast(*this, posts_topic(), posts_changed{++readings_}); !told)
    env().log().warn("event_horizon", "open pages show the posts as they were", {{"error", told.error()}});
}

void posts_watch::log(const problem_list& problems) {
  if (!problems.empty())
    env().log().warn("event_horizon", "posts have problems; beamline check-content lists them",
                     {{"count", problems.count()}, {"problems", describe(problems, parts_.of.options().content_dir)}});
}

}  // namespace beamline::event_horizon
