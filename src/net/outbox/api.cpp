#include "net/outbox/api.hpp"

#include "actors/process_access.hpp"
#include "base/id.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace beamline::net::outbox {

namespace {

// An outbox that is being started again is asked once more after this, then after twice as long, and so on.
constexpr duration first_pause = 100ms;
constexpr int tries_max = 5;

struct submission {
  process_access self;
  submit what;
  std::function<void(const outcome&)> done;
  time_point deadline;
  int tries = 0;
};

void send(const std::shared_ptr<submission>& s);

void handle_error(const std::shared_ptr<submission>& s, const call_error& e) {
  // It ended, and may have kept the event or not: the same event again is kept once, its id says so.
  s->what.is_repeat = s->what.is_repeat || e.what == call_error::kind::crashed;
  bool is_away = e.what == call_error::kind::noproc || e.what == call_error::kind::crashed;
  auto pause = first_pause * (1 << s->tries);
  if (is_away && ++s->tries < tries_max && s->self.now() + pause < s->deadline) {
    s->self.run_after(pause, [s] { send(s); });
    return;
  }
  auto why = e.what == call_error::kind::timeout ? std::string{"the outbox gave no answer in time"}
                                                 : "the outbox cannot be reached: " + to_string(e);
  s->done(refused{refused::cause::buffer_full, std::move(why)});
}

void send(const std::shared_ptr<submission>& s) {
  auto left = std::max<duration>(1ms, s->deadline - s->self.now());
  s->self.call<outcome>(outbox_on(s->self.self().env()), s->what, left)
      .then([s](const outcome& o) { s->done(o); }, [s](const call_error& e) { handle_error(s, e); });
}

void begin(process& self, event e, bool is_direct, std::function<void(const outcome&)> done) {
  process_access access{self};
  send(std::make_shared<submission>(
      submission{access, {.what = std::move(e), .is_direct = is_direct}, std::move(done), access.now() + answer_time}));
}

}  // namespace

event make_event(const environment& env, std::string type, std::string key, bytes payload) {
  uid_source ids{env.time(), env.random()};
  return {ids.next(), std::move(type), std::move(payload), std::move(key), env.time().wall_now()};
}

void execute_or_buffer(process& self, event e, std::function<void(const outcome&)> done) {
  begin(self, std::move(e), true, std::move(done));
}

void enqueue(process& self, event e, std::function<void(const outcome&)> done) {
  begin(self, std::move(e), false, std::move(done));
}

void ask_waiting(process& self, const uid& entry, std::function<void(bool)> done) {
  process_access{self}
      .call<bool>(outbox_on(self.env()), is_waiting{entry}, answer_time)
      .then([done](bool waits) { done(waits); }, [done](const call_error&) { done(true); });
}

}  // namespace beamline::net::outbox
