#pragma once

#include "actors/message.hpp"
#include "actors/message_contract.hpp"
#include "actors/pid.hpp"

#include <cstdint>
#include <string>

namespace beamline::gathering {

/// What broadcasters say: their numbers grow over all systems and topics.
struct post {
  pid from;
  std::string system;
  std::string topic;
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(post, "gathering.post", 1, from, system, topic, number)
};

inline void add_messages(message_contract& c) { c.add<post>(); }

}  // namespace beamline::gathering
