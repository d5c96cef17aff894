#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace beamline::event_horizon {

/// Decides when which post's numbers are asked for: a few at a time, and after a failure not at once again, so that an
/// owner that is away or overloaded gets one question per pause instead of all, another one each time. Pure; belongs to
/// one process. Holds each post at most twice.
///
///   want(slug) ...   next() -> ask it ...   answered(slug), or failed(slug) -> wait that long, then retry()
class refresh_queue {
public:
  struct options {
    std::size_t asking_max = 16;  // Questions under way at the same time.
    duration pause_min = 1s;      // After a failure: at first ...
    duration pause_max = 30s;     // ... and after it doubled several times. Jitter takes off up to half.
  };

  explicit refresh_queue(options o) : options_{o} {}
  refresh_queue() : refresh_queue{options{}} {}

  /// Its numbers may be out of date. One that is being asked for is asked again afterwards.
  void want(std::string slug) { wanted_.insert(std::move(slug)); }
  /// The post to ask for now, if any. It stays taken until `answered` or `failed`.
  [[nodiscard]] std::optional<std::string> next();

  void answered(const std::string& slug);
  /// It was not asked for after all, or nobody wants the answer any more.
  void skipped(const std::string& slug) { asking_.erase(slug); }
  /// The post is wanted again. Returns how long to wait before `retry`, or nothing if that wait has begun already.
  [[nodiscard]] std::optional<duration> failed(const std::string& slug, random_source& random);
  /// The pause is over.
  void retry() { is_paused_ = false; }
  /// There is reason to believe that the owner is back: no pause, and the next one is short.
  void encourage();

  /// The last question failed, and nothing is asked before the pause is over.
  [[nodiscard]] bool is_paused() const noexcept { return is_paused_; }
  [[nodiscard]] bool is_idle() const noexcept { return wanted_.empty() && asking_.empty(); }

private:
  options options_;
  std::set<std::string> wanted_;
  std::set<std::string> asking_;
  bool is_paused_ = false;
  int failures_ = 0;  // Since the last answer.
  // That has failed: the others come first, or one that can have no answer would hide them.
  std::optional<std::string> last_;
};

}  // namespace beamline::event_horizon
