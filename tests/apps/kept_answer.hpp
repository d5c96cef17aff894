#pragma once

#include "web/responder.hpp"

#include <optional>
#include <utility>

namespace beamline::test {

/// Keeps what a handler answers; nothing as long as it has not.
class kept_answer final : public web::response_sink {
public:
  void deliver(web::response res) override { answer = std::move(res); }
  void dropped() override { answer = web::response::empty(500); }
  std::optional<web::response> answer;
};

}  // namespace beamline::test
