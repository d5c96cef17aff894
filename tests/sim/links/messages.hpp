#pragma once

#include "actors/message.hpp"
#include "actors/message_contract.hpp"
#include "actors/pid.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What the processes of these nodes say to each other, all of it across links.
namespace beamline::linked {

/// From a speaker to a witness: the next of its numbers in that stream. A process and its addressee may have several.
struct numbered {
  pid from;
  pid to;  // As it was addressed.
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
  std::string padding;
  BEAMLINE_MESSAGE(numbered, "linked.numbered", 1, from, to, stream, number, padding)
};

/// A witness tells where it is.
struct greeting {
  pid who;
  BEAMLINE_MESSAGE(greeting, "linked.greeting", 1, who)
};

/// A mayfly tells that it lives, then says words, then dies.
struct born {
  pid who;
  BEAMLINE_MESSAGE(born, "linked.born", 1, who)
};
struct word {
  pid who;
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(word, "linked.word", 1, who, number)
};

/// How a question is to be answered.
enum class manner : std::uint8_t {
  quick,
  slow,     // Perhaps after the time of its call.
  dying,    // Not at all: whoever is asked ends.
  refusing  // By dropping the answer.
};

/// A call of an asker, answered with its number; and, under another name, of a client of rpc.
struct question {
  pid asker;
  std::uint64_t number = 0;
  manner how = manner::quick;
  BEAMLINE_MESSAGE(question, "linked.question", 1, asker, number, how)
};
struct errand {
  pid client;
  std::uint64_t number = 0;  // Of the call; the same in all places of a multicall.
  manner how = manner::quick;
  BEAMLINE_MESSAGE(errand, "linked.errand", 1, client, number, how)
};
/// What an errand brings.
struct souvenir {
  std::uint64_t number = 0;
  std::string node;  // Where it ran.
  BEAMLINE_MESSAGE(souvenir, "linked.souvenir", 1, number, node)
};

inline void add_messages(message_contract& c) { c.add<numbered, greeting, born, word, question, errand, souvenir>(); }

}  // namespace beamline::linked
