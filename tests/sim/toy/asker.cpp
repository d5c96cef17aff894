#include "sim/toy/asker.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/tree.hpp"

namespace beamline::toy {

behavior asker::init() {
  env().peers().register_service("asker", self());
  return handlers(
      [this](const ask& m) {
        if (m.node.empty())
          ask_here();
        else
          ask_there(m.node);
      },
      [this](const peer_message& m) {
        if (auto r = decode<reply>(m.payload))
          handle_reply(r->number);
      });
}

void asker::ask_here() {
  auto number = next_number();
  env().events().emit(asked{number, true});
  call<std::uint64_t>(supervision::via{env().get<names>(), "responder"}, question{number}, patience)
      .then([this, number](std::uint64_t answer) { tell(number, answer); },
            [this, number](const call_error&) { tell(number, 0); });
}

void asker::ask_there(const std::string& node) {
  if (waiting_.size() >= waiting_max)
    return;
  auto number = next_number();
  if (!env().peers().send(node, lane::rpc, "responder", encode(question{number})))
    return;
  env().events().emit(asked{number, false});
  waiting_[number] = run_after(patience, [this, number] {
    waiting_.erase(number);
    tell(number, 0);
  });
}

void asker::handle_reply(std::uint64_t answer) {
  auto i = waiting_.find(answer);
  if (i == waiting_.end())
    return;
  cancel(i->second);
  waiting_.erase(i);
  tell(answer, answer);
}

void asker::tell(std::uint64_t number, std::uint64_t answer) { env().events().emit(outcome{number, answer}); }

// Chance keeps them apart over restarts.
std::uint64_t asker::next_number() { return env().random().next() | 1; }

}  // namespace beamline::toy
