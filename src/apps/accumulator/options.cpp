#include "apps/accumulator/options.hpp"

#include "base/json.hpp"

namespace beamline::accumulator {

config::section<accumulator_options> accumulator_section() {
  using options = accumulator_options;
  using config::range;
  using config::reloadable;
  return config::section<options>{"accumulator", "The application that owns the numbers"}
      .key("calls_max", &options::calls_max,
           "calls and events that wait for the store at the same time; more are answered \"busy\"", range{1, 1'000'000},
           reloadable{})
      .key("commit_interval", &options::commit_interval,
           "time between the beginnings of two commits; what comes meanwhile shares one", range{0ms, 1s})
      .key("visit_window", &options::visit_window,
           "a visitor counts once per post or page in this time; the same on the hosts, which merge what is in one",
           range{1min, 24h})
      .key("dedupe_retention", &options::dedupe_retention,
           "how long ids of events are remembered; older events are rejected. Longer than any outbox keeps one",
           range{1h, 8760h})
      .key("dedupe_rows_max", &options::dedupe_rows_max,
           "ids, and visits, that are remembered; of more the oldest are forgotten early", range{1000, 1'000'000'000})
      .key("sweep_interval", &options::sweep_interval, "time between two rounds of forgetting", range{1s, 24h})
      .key("posts_max", &options::posts_max, "posts, and pages, that have numbers; events about more are rejected",
           range{1, 1'000'000})
      .key("comments_max", &options::comments_max, "comments of one post; more are rejected", range{1, 1'000'000})
      .key("comment_bytes_max", &options::comment_bytes_max, "a longer comment is rejected", range{1, 65'536},
           reloadable{})
      .key("comments_moderated", &options::comments_moderated,
           "whether new comments wait until `beamline remote NODE comment show` lets them be seen", reloadable{})
      .key("comments_per_minute", &options::comments_per_minute, "comments of one visitor; more are rejected",
           range{1, 10'000}, reloadable{})
      .key("likes_per_minute", &options::likes_per_minute,
           "likes of one visitor, given and taken back; more are rejected", range{1, 10'000}, reloadable{})
      .key("limited_visitors_max", &options::limited_visitors_max,
           "visitors whose limits are kept apart; of more the longest idle one starts anew", range{100, 1'000'000},
           reloadable{});
}

json reloadable_settings(const accumulator_options& o) {
  return {{"calls_max", o.calls_max},
          {"comment_bytes_max", o.comment_bytes_max},
          {"comments_moderated", o.comments_moderated},
          {"comments_per_minute", o.comments_per_minute},
          {"likes_per_minute", o.likes_per_minute},
          {"limited_visitors_max", o.limited_visitors_max}};
}

accumulator_options with_settings(accumulator_options o, const json& settings) {
  auto take = [&](const char* key, auto& into) {
    if (auto at = settings.find(key); at != settings.end())
      into = at->get<std::remove_reference_t<decltype(into)>>();
  };
  take("calls_max", o.calls_max);
  take("comment_bytes_max", o.comment_bytes_max);
  take("comments_moderated", o.comments_moderated);
  take("comments_per_minute", o.comments_per_minute);
  take("likes_per_minute", o.likes_per_minute);
  take("limited_visitors_max", o.limited_visitors_max);
  return o;
}

}  // namespace beamline::accumulator
