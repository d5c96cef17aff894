#pragma once

#include "actors/message.hpp"
#include "actors/peers.hpp"
#include "actors/pid.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::toy {

// -- between nodes ------------------------------------------------------------------------

/// To the service "pubsub".
struct post {
  std::uint64_t generation = 0;  // Which life of the publisher.
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(post, "toy.post", 1, generation, number)
};

/// Who is on a node. Of two the one with the higher (incarnation, version) is true.
struct roll {
  std::string node;
  std::uint64_t incarnation = 0;
  std::uint64_t version = 0;
  std::vector<std::string> members;  // In order.
  BEAMLINE_MESSAGE(roll, "toy.roll", 1, node, incarnation, version, members)
};

/// To the service "presence": all a node knows.
struct rolls {
  std::vector<roll> all;
  bool wants_answer = false;
  BEAMLINE_MESSAGE(rolls, "toy.rolls", 1, all, wants_answer)
};

/// To the services "responder" and "asker".
struct question {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(question, "toy.question", 1, number)
};
struct reply {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(reply, "toy.reply", 1, number)
};

// -- on one node ----------------------------------------------------------------------------

/// To the monitor: from now on tell me of nodes, beginning with those that are up.
struct follow {
  pid who;
};
struct peer_up {
  node_identity peer;
};
struct peer_down {
  node_identity peer;
};

/// To the pubsub.
struct publish {};

/// To the presence. Who arrived goes when `owner` ends.
struct arrive {
  std::string member;
  pid owner;
};
struct depart {
  std::string member;
};

/// To the asker. Empty: the responder of the same node.
struct ask {
  std::string node;
};

}  // namespace beamline::toy
