#include "sim/toy/accumulator.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/setup.hpp"
#include "store/database.hpp"

namespace beamline::toy {

namespace {

using fresh_events = std::vector<std::int64_t>;

constexpr std::string_view insert_seen_sql = "INSERT INTO seen (origin, event) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view select_seen_sql = "SELECT 1 FROM seen WHERE origin = $1 AND event = $2";
constexpr std::string_view insert_effect_sql = "INSERT INTO ledger (origin, event, amount) VALUES ($1, $2, $3)";

result<fresh_events> apply_once(store::transaction& tx, const std::string& origin, const batch& b) {
  fresh_events fresh;
  for (const auto& i : b.items) {
    if (auto r = tx.execute(insert_seen_sql, {origin, i.event}); !r)
      return r.error();
    if (tx.changes() == 0)
      continue;
    if (auto r = tx.execute(insert_effect_sql, {origin, i.event, i.amount}); !r)
      return r.error();
    fresh.push_back(i.event);
  }
  return fresh;
}

// The mistake: half of it here ...
result<fresh_events> apply_unseen(store::transaction& tx, const std::string& origin, const batch& b) {
  fresh_events fresh;
  for (const auto& i : b.items) {
    auto seen = tx.select_one<int>(select_seen_sql, {origin, i.event});
    if (!seen)
      return seen.error();
    if (*seen)
      continue;
    if (auto r = tx.execute(insert_effect_sql, {origin, i.event, i.amount}); !r)
      return r.error();
    fresh.push_back(i.event);
  }
  return fresh;
}

// ... and half of it there.
result<void> note_seen(store::transaction& tx, const std::string& origin, const batch& b) {
  for (const auto& i : b.items)
    if (auto r = tx.execute(insert_seen_sql, {origin, i.event}); !r)
      return r;
  return {};
}

}  // namespace

behavior accumulator::init() {
  env().peers().register_service("accumulator", self());
  return handlers([this](const peer_message& m) { handle_batch(m.from, m.payload); });
}

void accumulator::handle_batch(const node_identity& from, std::string_view payload) {
  auto b = decode<batch>(payload);
  if (!b)
    return;
  if (has(env(), mistake::dedupe_outside))
    return apply_in_two(from.name, *b);
  apply(from.name, *b);
  if (has(env(), mistake::ack_before_commit))
    acknowledge(from.name, *b);
}

void accumulator::apply(const std::string& origin, const batch& b) {
  env().get<store::database>().transact([origin, b](store::transaction& tx) { return apply_once(tx, origin, b); },
                                        resume_with([this, origin, b](const result<fresh_events>& fresh) {
                                          if (!fresh)
                                            return;  // Nothing happened; it is sent again.
                                          for (auto e : *fresh)
                                            env().events().emit(applied{origin, e, env().self()->name});
                                          if (!has(env(), mistake::ack_before_commit))
                                            acknowledge(origin, b);
                                        }));
}

void accumulator::apply_in_two(const std::string& origin, const batch& b) {
  auto& db = env().get<store::database>();
  db.transact([origin, b](store::transaction& tx) { return apply_unseen(tx, origin, b); },
              resume_with([this, &db, origin, b](const result<fresh_events>& fresh) {
                if (!fresh)
                  return;
                for (auto e : *fresh)
                  env().events().emit(applied{origin, e, env().self()->name});
                db.transact([origin, b](store::transaction& tx) { return note_seen(tx, origin, b); },
                            resume_with([this, origin, b](const result<void>& r) {
                              if (r)
                                acknowledge(origin, b);
                            }));
              }));
}

void accumulator::acknowledge(const std::string& origin, const batch& b) {
  acknowledged ack;
  for (const auto& i : b.items)
    ack.events.push_back(i.event);
  // At most once: when it is lost, the batch comes again and is acknowledged then.
  (void)env().peers().send(origin, lane::rpc, "outbox", encode(ack));
}

}  // namespace beamline::toy
