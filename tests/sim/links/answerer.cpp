#include "sim/links/answerer.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

namespace beamline::linked {

behavior answerer::init() {
  return reside("answerer", [this](const question& q) { return handle(q); });
}

process::deferred answerer::handle(const question& q) {
  env().events().emit(served{self().id(), q.asker.node().incarnation, q.asker.id(), q.number});
  auto answer = promise<std::uint64_t>();
  switch (q.how) {
    case manner::quick: answer.set(q.number); break;
    case manner::slow: run_after(below(thinking_max), [answer, number = q.number] { answer.set(number); }); break;
    case manner::dying: stop(reason::custom("a question was the end of it")); break;
    case manner::refusing: break;
  }
  return answer;
}

}  // namespace beamline::linked
