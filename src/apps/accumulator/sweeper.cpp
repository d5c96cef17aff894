#include "apps/accumulator/sweeper.hpp"

#include "apps/accumulator/events.hpp"
#include "apps/accumulator/partitions.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"

#include <utility>

namespace beamline::accumulator {

sweeper::sweeper(process_context& c, std::shared_ptr<store::database> db, accumulator_options o)
    : process{c}, db_{std::move(db)}, options_{o} {}

behavior sweeper::init() {
  wait();
  return {};
}

void sweeper::wait() {
  run_after(options_.sweep_interval, [this] { begin(); });
}

void sweeper::begin() {
  round_ = {};
  auto find = [now = env().time().wall_now(), o = options_](store::transaction& tx) -> result<uid> {
    tables t{tx};
    auto bound = sweep_bound(t, now, o);
    if (auto ok = t.outcome(); !ok)
      return ok.error();
    return bound;
  };
  db_->read(find, resume_with([this](const result<uid>& bound) {
              if (bound)
                return make_new_partitions(*bound);
              env().log().warn("accumulator", "old ids could not be looked for", {{"error", bound.error()}});
              wait();
            }));
}

void sweeper::make_new_partitions(const uid& bound) {
  auto run = [now = env().time().wall_now()](store::transaction& tx) -> result<void> {
    tables t{tx};
    if (t.has_partitions()) {
      t.take_turn();
      make_partitions(t, now);
    }
    return t.outcome();
  };
  db_->transact(run, resume_with([this, bound](const result<void>& r) {
                  if (!r)  // What they would hold is kept in the rest, and goes row by row.
                    env().log().warn("accumulator", "partitions could not be made", {{"error", r.error()}});
                  drop_old_partitions(bound);
                }));
}

void sweeper::drop_old_partitions(const uid& bound) {
  auto run = [bound, o = options_](store::transaction& tx) -> result<sweep_step> {
    tables t{tx};
    auto went = t.has_partitions() ? sweep_partitions(t, bound, o) : sweep_step{};
    if (auto ok = t.outcome(); !ok)
      return ok.error();
    return went;
  };
  db_->transact(run, resume_with([this, bound](const result<sweep_step>& r) {
                  if (r)
                    round_.partitions += r->partitions;
                  else  // They stay, with their rows, until a round can drop them: only the rest goes row by row.
                    env().log().warn("accumulator",
                                     "old partitions could not be dropped; they grow in number until somebody "
                                     "removes what holds them",
                                     {{"error", r.error()}});
                  step(bound);
                }));
}

void sweeper::step(const uid& bound) {
  auto run = [bound, o = options_](store::transaction& tx) -> result<sweep_step> {
    tables t{tx};
    auto went = sweep(t, bound, o);
    if (auto ok = t.outcome(); !ok)
      return ok.error();
    return went;
  };
  db_->transact(run, resume_with([this, bound](const result<sweep_step>& r) { on_step(bound, r); }));
}

void sweeper::on_step(const uid& bound, const result<sweep_step>& r) {
  if (!r) {
    env().log().warn("accumulator", "old ids could not be forgotten", {{"error", r.error()}});
    return wait();
  }
  round_.ids += r->ids;
  round_.visits += r->visits;
  if (r->has_more()) {
    run_after(sweep_pause, [this, bound] { step(bound); });
    return;
  }
  env().events().emit(swept{round_.ids, round_.visits, round_.partitions});
  wait();
}

}  // namespace beamline::accumulator
