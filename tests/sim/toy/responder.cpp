#include "sim/toy/responder.hpp"

#include "sim/toy/tree.hpp"

namespace beamline::toy {

behavior responder::init() {
  if (auto r = env().get<names>().register_as(*this, "responder"); !r)
    return refuse_start(reason::custom(to_string(r.error())));
  env().peers().register_service("responder", self());
  return handlers(
      [this](const question& q) -> deferred {
        auto answer = promise<std::uint64_t>();
        run_after(thinking_time(), [answer, q] { answer.set(q.number); });
        return answer;
      },
      [this](const peer_message& m) {
        if (auto q = decode<question>(m.payload))
          run_after(thinking_time(), [this, from = m.from.name, q = *q] {
            // At most once: the asker has a time-out.
            (void)env().peers().send(from, lane::rpc, "asker", encode(reply{q.number}));
          });
      });
}

duration responder::thinking_time() {
  return duration{static_cast<std::int64_t>(env().random().below(static_cast<std::uint64_t>(thinking_max.count())))};
}

}  // namespace beamline::toy
