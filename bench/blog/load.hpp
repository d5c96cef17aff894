#pragma once

#include "live/figures.hpp"

#include <cstddef>
#include <string>

namespace beamline::bench {

/// Viewers of one post, spread over the hosts of a real cluster, while others press Like.
struct load_plan {
  std::size_t hosts = 2;
  std::size_t viewers = 2'000;
  std::size_t likes_per_second = 50;
  std::size_t seconds = 10;

  /// As figures are called: "2_hosts/2000".
  [[nodiscard]] std::string name() const {
    return std::to_string(hosts) + (hosts == 1 ? "_host/" : "_hosts/") + std::to_string(viewers);
  }
  [[nodiscard]] std::size_t likes() const noexcept { return likes_per_second * seconds; }
};

/// How late the newest number is on the pages. The k-th like counts as made when the k-th press was sent, and as seen
/// by a page when that shows k likes or more; so what is read includes the press, its commit, the broadcast and the
/// diff, for every like and every page. Beside it the same from the k-th answer to a press on, when k likes are
/// certainly committed. Throws std::runtime_error when a like is refused, or a page never shows the last one.
[[nodiscard]] figures measure_load(const load_plan& p);

}  // namespace beamline::bench
