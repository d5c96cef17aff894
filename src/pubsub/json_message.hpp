#pragma once

#include "actors/message.hpp"

#include <string>

namespace beamline::pubsub {

/// JSON on a topic: what people and scripts broadcast (`beamline remote NODE broadcast TOPIC JSON`). In the contract of
/// every node.
struct json_message {
  std::string text;
  BEAMLINE_MESSAGE(json_message, "pubsub.json", 1, text)
};

}  // namespace beamline::pubsub
