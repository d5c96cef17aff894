#pragma once

#include "web/response.hpp"

#include <memory>

namespace beamline::web {

/// Where an answer goes. Implemented by the server and by tests. Called at most once, from any thread.
class response_sink {
public:
  virtual ~response_sink() = default;
  virtual void deliver(response res) = 0;
  /// The responder was destroyed unanswered: the request gets 500.
  virtual void dropped() = 0;
};

/// The duty to answer one request, exactly once. Movable, usable from any thread (one at a time), and it
/// keeps the request alive. Dropped unanswered, the client gets 500 and a log line names the route. When
/// nothing happens within `web.answer_timeout`, the client gets 503 with Retry-After, and a later answer is
/// discarded. A client that has left is no error: its answer is discarded as well.
class responder {
public:
  responder(std::shared_ptr<const request> req, std::shared_ptr<response_sink> sink)
      : request_{std::move(req)}, sink_{std::move(sink)} {}
  responder(responder&&) noexcept = default;
  responder& operator=(responder&& other) noexcept;
  ~responder();

  /// Answers. A second answer is a broken invariant and throws `std::logic_error`.
  void send(response res);

  [[nodiscard]] bool answered() const noexcept { return sink_ == nullptr; }
  [[nodiscard]] const request& req() const noexcept { return *request_; }

private:
  std::shared_ptr<const request> request_;
  std::shared_ptr<response_sink> sink_;  // Null once answered.
};

}  // namespace beamline::web
