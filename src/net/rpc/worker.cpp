#include "net/rpc/worker.hpp"

namespace beamline::net::rpc {

namespace {

bool is_unanswered(const failure& f) {
  const auto* x = f.as<failed>();
  return x != nullptr && x->type == "unanswered";
}

}  // namespace

behavior worker::init() {
  try {
    setup_.what->run(call_, setup_.arguments, [this](raw_outcome o) { give(std::move(o)); });
  } catch (...) {
    give(failure_of_exception(detail::where_of(call_, call_.info())));
  }
  return {};
}

void worker::terminate(const reason& why) {
  // Ended from outside: whoever watches it sees how. What is dropped from here on was not forgotten.
  if (is_ended_by_signal())
    is_done_ = true;
  else if (why.why == reason::kind::crashed)
    give(failed{"exception", why.text, detail::where_of(call_, call_.info()), nullptr});
  else
    give(exited{exited::cause::exception, why});
}

void worker::forgot(failure f) {
  // Not now: the function may have ended this process, and that is the answer.
  if (!is_done_)
    run_after(duration::zero(), [this, f = std::move(f)] { give(f); });
}

void worker::give(raw_outcome o) {
  if (const auto* f = std::get_if<failure>(&o);
      f != nullptr && is_unanswered(*f) && !std::exchange(is_forgotten_, true))
    return forgot(*f);
  if (std::exchange(is_done_, true))
    return;
  cast(parent(), worker_done{setup_.id, std::make_shared<raw_outcome>(std::move(o))});
  stop();
}

}  // namespace beamline::net::rpc
