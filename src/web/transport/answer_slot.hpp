#pragma once

#include "web/responder.hpp"
#include "web/transport/inbox.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace beamline::web::transport {

/// Where a responder leaves its answer for the connection that waits for it. Thread-safe.
class answer_slot final : public response_sink {
public:
  answer_slot(std::weak_ptr<session> waiting, std::shared_ptr<inbox> door)
      : waiting_{std::move(waiting)}, door_{std::move(door)} {}

  void deliver(response res) override { put({std::move(res), false}); }
  void dropped() override { put({{}, true}); }

  struct outcome {
    response res;
    bool was_dropped = false;
  };
  /// The answer, if there is one. While nobody has asked for it yet (the handler still runs on the server's
  /// thread, which asks afterwards) an answer causes no wake-up.
  [[nodiscard]] std::optional<outcome> take() {
    auto lock = std::lock_guard{mutex_};
    asked_ = true;
    return std::exchange(outcome_, std::nullopt);
  }

private:
  void put(outcome o) {
    {
      auto lock = std::lock_guard{mutex_};
      outcome_ = std::move(o);
      if (!asked_)
        return;
    }
    door_->wake(waiting_);
  }

  std::mutex mutex_;
  std::optional<outcome> outcome_;
  bool asked_ = false;
  const std::weak_ptr<session> waiting_;
  const std::shared_ptr<inbox> door_;
};

}  // namespace beamline::web::transport
