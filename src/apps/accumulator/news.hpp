#pragma once

#include "apps/accumulator/apply.hpp"
#include "apps/accumulator/contracts.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::accumulator {

/// What is to be told of changes that are committed: for each topic its newest value only. Pure; belongs to one
/// process. Holds at most one value per post and page.
class news {
public:
  /// Of one event, in the order of the commits.
  void add(const effect& e);

  // Each hands out what came since the last time.
  /// In the order of their slugs.
  [[nodiscard]] std::vector<blog_stats> take_posts();
  /// All of them, in the order of the commits.
  [[nodiscard]] std::vector<comment_news> take_comments();
  [[nodiscard]] std::optional<site_stats> take_site();
  /// In the order of their keys.
  [[nodiscard]] std::vector<metric_count> take_metrics();

  /// Whether there is something of the site or of metrics, which are told less often.
  [[nodiscard]] bool has_sums() const noexcept { return site_ || !metrics_.empty(); }

private:
  void add_metric(const metric& m, std::int64_t count, std::int64_t version);

  std::map<std::string, blog_stats> posts_;
  std::vector<comment_news> comments_;
  std::optional<site_stats> site_;
  std::map<std::string, metric_count> metrics_;
};

}  // namespace beamline::accumulator
