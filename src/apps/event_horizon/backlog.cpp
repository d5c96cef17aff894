#include "apps/event_horizon/backlog.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::event_horizon {

namespace {

// An outbox that is away is looked for again: at first after this, and then after twice as long, and so on.
constexpr duration ask_pause_min = 100ms;
constexpr duration ask_pause_max = 5s;
constexpr duration ask_timeout = 5s;
// There is one topic: what waits.
constexpr std::string_view topic = "waiting";

}  // namespace

backlog::backlog(process_context& c, parts p)
    : process{c}, parts_{p}, views_{parts_.of.options().subscribers_max}, pause_{ask_pause_min} {}

behavior backlog::init() {
  if (auto named = register_as(std::string{backlog_name}); !named)
    throw std::runtime_error{named.error().message};
  ask();
  return handlers([this](const net::outbox::standing& m) { learn(m); },
                  [this](const watch_waiting& m) -> deferred { return watch_view(m); });
}

void backlog::ask() {
  auto outbox = net::outbox::outbox_on(env());
  // Watched before it is asked: whatever becomes of it, one of the two tells.
  auto watched = watch(outbox, [this](const reason&) { ask_again(); });
  call<net::outbox::standing>(outbox, net::outbox::watch_standing{self()}, ask_timeout)
      .then(
          [this](const net::outbox::standing& now) {
            pause_ = ask_pause_min;
            learn(now);
          },
          [this, watched](const call_error& e) {
            if (e.what == call_error::kind::noproc || e.what == call_error::kind::crashed)
              return;
            unwatch(watched);
            ask_again();
          });
}

void backlog::ask_again() {
  learn({parts_.of.waiting().waiting, false});
  run_after(pause_, [this] { ask(); });
  pause_ = std::min(pause_ * 2, ask_pause_max);
}

void backlog::learn(const net::outbox::standing& now) {
  auto state = waiting_state{now.size, now.has_target};
  if (!parts_.of.numbers().update_waiting(state))
    return;
  auto m = share(waiting_updated{state});
  for (const auto& view : views_.of(topic))
    cast(view, m);
}

reply_promise<waiting_state> backlog::watch_view(const watch_waiting& m) {
  auto answer = promise<waiting_state>();
  switch (views_.add(topic, m.view)) {
    case audience::outcome::full: answer.fail(views_.refusal()); return answer;
    case audience::outcome::first: watch(m.view, [this, view = m.view](const reason&) { views_.remove(view); }); break;
    case audience::outcome::another: break;
  }
  answer.set(parts_.of.waiting());
  return answer;
}

}  // namespace beamline::event_horizon
