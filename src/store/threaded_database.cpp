#include "store/threaded_database.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace beamline::store {

namespace {

// Waiting longer than this for a close is the same as waiting for ever, and does not overflow.
constexpr duration close_wait_max = std::chrono::hours{24};
// Work that is to end now is interrupted this often until it does.
constexpr duration interrupt_interval = 50ms;
// A backup more is refused: several at once only delay each other.
constexpr job_queue::limits copy_limits{.queue_max = 2, .batch_max = 1};

}  // namespace

threaded_database::threaded_database(connections c, job_queue::limits limits, telemetry& events, const clock& time)
    : runner_{events, time},
      clock_{time},
      writing_{limits},
      reading_{limits},
      copying_{copy_limits},
      makes_backups_{c.copier != nullptr} {
  writing_.cores.push_back(std::move(c.writer));
  reading_.cores = std::move(c.readers);
  if (makes_backups_)
    copying_.cores.push_back(std::move(c.copier));
  start(writing_, "store-writer");
  start(reading_, "store-reader");
  start(copying_, "store-copier");
}

threaded_database::~threaded_database() {
  // Whoever wants to know how it went calls close.
  (void)close(duration{0});
}

void threaded_database::start(lane& l, const char* thread_name) {
  for (auto& on : l.cores) {
    l.threads.emplace_back([this, &l, &on] { serve(l, *on); });
    pthread_setname_np(l.threads.back().native_handle(), thread_name);
  }
}

void threaded_database::do_transact(work fn, completion done) {
  submit(writing_, {job::kind::transact, std::move(fn), {}, {}, std::move(done)});
}

void threaded_database::do_read(work fn, completion done) {
  submit(reading_.cores.empty() ? writing_ : reading_, {job::kind::read, std::move(fn), {}, {}, std::move(done)});
}

void threaded_database::do_migrate(std::string app, std::vector<migration> known, completion done) {
  submit(writing_, {job::kind::migrate, {}, std::move(app), std::move(known), std::move(done)});
}

void threaded_database::do_back_up(std::filesystem::path to, std::function<void(result<backup_report>)> done) {
  if (!makes_backups_)
    return done(error{errc::unsupported, "this store makes no backups by itself; PostgreSQL has pg_dump for that"});
  auto report = std::make_shared<backup_report>();
  auto finish = [report, done = std::move(done)](result<void> r) {
    done(r ? result<backup_report>{*report} : result<backup_report>{r.error()});
  };
  submit(copying_, {job::kind::back_up, {}, {}, {}, std::move(finish), std::move(to), report});
}

void threaded_database::submit(lane& l, job j) {
  auto lock = std::unique_lock{l.mutex};
  if (!l.is_closing && !l.queue.is_full()) {
    l.queue.push(std::move(j));
    lock.unlock();
    l.changed.notify_one();
    return;
  }
  const bool is_closing = l.is_closing;
  const auto queued = l.queue.size();
  lock.unlock();
  if (is_closing)
    runner_.refuse_closed(std::move(j));
  else
    runner_.refuse_full(std::move(j), queued);
}

void threaded_database::serve(lane& l, core& on) {
  auto lock = std::unique_lock{l.mutex};
  for (;;) {
    wait_for_work(lock, l, on);
    if (l.queue.empty())
      return;
    auto batch = l.queue.take();
    const auto queued = l.queue.size();
    const bool is_abandoned = l.is_abandoned;
    ++l.working;
    lock.unlock();
    if (is_abandoned) {
      for (auto& j : batch)
        runner_.refuse_closed(std::move(j));
    } else {
      auto outcomes = runner_.run(on, batch, queued);
      runner_.complete(batch, outcomes);
    }
    batch.clear();  // Whatever the completions hold is let go outside of the lock.
    lock.lock();
    --l.working;
    if (l.queue.empty() && l.working == 0)
      l.idle.notify_all();
  }
}

void threaded_database::wait_for_work(std::unique_lock<std::mutex>& lock, lane& l, core& on) {
  const auto is_wanted = [&] { return !l.queue.empty() || l.is_closing; };
  while (!is_wanted()) {
    lock.unlock();
    const auto again = on.tend();
    lock.lock();
    if (again)
      l.changed.wait_for(lock, *again, is_wanted);
    else
      l.changed.wait(lock, is_wanted);
  }
}

void threaded_database::stop_accepting(lane& l) {
  {
    auto lock = std::lock_guard{l.mutex};
    l.is_closing = true;
  }
  l.changed.notify_all();
}

bool threaded_database::wait_idle(lane& l, duration budget) {
  auto lock = std::unique_lock{l.mutex};
  return l.idle.wait_for(lock, std::clamp(budget, duration{0}, close_wait_max),
                         [&] { return l.queue.empty() && l.working == 0; });
}

void threaded_database::abandon(lane& l) {
  auto lock = std::lock_guard{l.mutex};
  l.is_abandoned = true;
  for (auto& c : l.cores)
    c->interrupt();
}

void threaded_database::interrupt_until_idle() {
  // Again and again: a server ignores an interrupt that overtakes the statement it is meant for.
  for (bool is_idle = false; !is_idle;) {
    for (auto* l : lanes())
      abandon(*l);
    is_idle = true;
    for (auto* l : lanes())
      is_idle &= wait_idle(*l, interrupt_interval);
  }
}

result<void> threaded_database::close(duration budget) {
  auto one_at_a_time = std::lock_guard{closing_};
  const auto start = clock_.now();
  bool is_drained = true;
  for (auto* l : lanes())
    stop_accepting(*l);
  for (auto* l : lanes())
    is_drained &= wait_idle(*l, budget - (clock_.now() - start));
  if (!is_drained)
    interrupt_until_idle();
  for (auto* l : lanes()) {
    for (auto& t : l->threads)
      t.join();
    l->threads.clear();
  }
  // Connections go in reverse, so that the writer is the last and carries the log over into the database.
  copying_.cores.clear();
  reading_.cores.clear();
  writing_.cores.clear();
  if (!is_drained)
    return error{errc::timeout, "the store did not finish its work in time; what was left is answered with errors"};
  return {};
}

}  // namespace beamline::store
