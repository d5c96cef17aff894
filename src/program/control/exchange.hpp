#pragma once

#include "program/control/answer.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace beamline::program::control {

/// One request under way: where its handler leaves lines for the connection that waits for them. Encodes on the
/// handler's thread. Thread-safe.
class exchange final : public answer_sink {
public:
  /// `wake` is called without a lock, at most once between two `collect`.
  explicit exchange(std::function<void()> wake) : wake_{std::move(wake)} {}

  taken item(const json& value) override;
  void succeed(const json& result) override;
  void fail(const error& e, const json& details) override;
  [[nodiscard]] bool is_wanted() const override;

  struct batch {
    std::vector<std::string> lines;
    bool is_last = false;
  };
  /// What has come since the last call.
  [[nodiscard]] batch collect();
  /// Octets of items have reached the client: there is room again.
  void written(std::size_t octets);
  /// Nobody waits any more; later lines are discarded. False if the answer is there already.
  bool give_up();

private:
  void finish(std::string line);
  void leave(std::string line, bool is_last, std::unique_lock<std::mutex>& lock);

  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t pending_bytes_ = 0;  // Of items: left here and not yet written.
  std::uint64_t dropped_ = 0;
  bool is_last_ = false;
  bool is_over_ = false;
  bool is_awake_ = false;  // `wake_` was called for what lies here.
};

}  // namespace beamline::program::control
