#include "pubsub/presence/crdt/crdt_texts.hpp"
#include "pubsub/presence/crdt/model/cluster_model.hpp"

#include <utility>

namespace beamline::presence::test {

namespace {

constexpr int quiet_rounds = 8;  // All that is gone is forgotten.
constexpr int settled_rounds =
    5;  // Nobody needs anything any more, even if a dead one was asked first; some are not forgotten yet.

std::string replica_name(const replica_id& r) { return r.name + std::to_string(r.version); }

template <class What>
void check_that(bool holds, const char* which, What what) {
  if (!holds)
    throw violation{which, what()};
}

}  // namespace

void cluster_model::note_history(node& n) {
  const auto& self = n.held->self();
  auto clock = n.held->context().at(self);
  auto [at, is_new] = history_[self].emplace(clock, n.held->summary_of(self));
  check_that(is_new || at->second == n.held->summary_of(self), "I28 clocks",
             [&] { return replica_name(self) + " had another set at clock " + std::to_string(clock) + " before"; });
}

/// Leaves first: an update is a leave and a join in one.
void cluster_model::told(node& n, const diff& d) {
  for (const auto& [topic, changes] : d) {
    check_that(!changes.joins.empty() || !changes.leaves.empty(), "I25 fold",
               [&, &topic = topic] { return "a topic without changes: " + topic; });
    for (const auto& t : changes.leaves) {
      auto where = place_of(t);
      auto at = n.folded.find(where);
      check_that(at != n.folded.end() && at->second == t.at.counter, "I25 fold",
                 [&] { return n.name + ": a leave of somebody who is not listed, " + name_of(where); });
      n.folded.erase(at);
    }
    for (const auto& t : changes.joins) {
      auto where = place_of(t);
      auto& last = n.last_seen[where];
      check_that(t.at.counter >= last, "I31 order", [&] {
        return n.name + ": " + name_of(where) + " goes back from " + std::to_string(last) + " to "
             + std::to_string(t.at.counter);
      });
      last = t.at.counter;
      check_that(n.folded.emplace(where, t.at.counter).second, "I25 fold",
                 [&] { return n.name + ": a join of somebody who is listed, " + name_of(where); });
      const auto& known = metas_.emplace(std::pair{where, t.at.counter}, *t.meta).first->second;
      check_that(known == *t.meta, "I28 clocks", [&] {
        return name_of(where) + ", dot " + std::to_string(t.at.counter) + " is " + *t.meta + " and " + known;
      });
    }
  }
}

void cluster_model::check(node& n) {
  if (!n.is_running)
    return;
  std::size_t listed = 0;
  for (const auto& topic : n.held->topics())
    listed += n.held->online_count(topic);
  check_that(listed == n.folded.size(), "I25 fold", [&] {
    return n.name + " was told of " + std::to_string(n.folded.size()) + " and lists " + std::to_string(listed);
  });
  check_that(n.held->summary_of(n.held->self()).entries == n.own.size(), "I23 own listed",
             [&] { return n.name + " has not the " + std::to_string(n.own.size()) + " own entries it should have"; });
  // Listing all takes most of the time, so not every time; what is missed now is found a little later.
  if (++checks_ % 4 == 0)
    check_lists(n);
  check_prefix(n);
}

void cluster_model::check_lists(node& n) {
  for (const auto& topic : n.held->topics())
    for (const auto& t : n.held->online(topic)) {
      auto at = n.folded.find(place_of(t));
      check_that(at != n.folded.end() && at->second == t.at.counter, "I25 fold", [&] {
        return n.name + " lists what was not told: " + t.key.key + " of " + replica_name(t.at.replica);
      });
    }
  for (const auto& [key, text] : n.own) {
    auto held = n.held->find_own(key);
    check_that(held && *held->meta == text, "I23 own listed",
               [&, &key = key] { return n.name + " has lost " + key.key; });
  }
}

/// Of every replica exactly what it had at that clock; and no clock goes back.
void cluster_model::check_prefix(node& n) {
  auto context = n.held->context();
  for (const auto& [r, counter] : context) {
    auto before = counter_of(n.context, r);
    check_that(counter >= before, "I28 clocks", [&, &r = r, &counter = counter] {
      return n.name + ": of " + replica_name(r) + " goes back from " + std::to_string(before) + " to "
           + std::to_string(counter);
    });
    if (counter == 0)
      continue;
    const auto& had = history_[r];
    auto at = had.find(counter);
    check_that(at != had.end() && at->second == n.held->summary_of(r), "I27 prefix", [&, &r = r, &counter = counter] {
      return n.name + " holds of " + replica_name(r) + " what that one did not have at " + std::to_string(counter);
    });
  }
  n.context = std::move(context);
}

void cluster_model::round() {
  for (auto& n : nodes_)
    if (n.is_running)
      tick(n);
  while (!under_way_.empty())
    for (const auto& l : std::exchange(under_way_, {}))
      deliver(l);
}

/// Nothing is lost any more; of the cuts all are healed, or one stays for ever.
void cluster_model::settle() {
  while (cuts_.size() > chance_.below(2))
    cuts_.erase(cuts_.begin());
  is_calm_ = true;
  for (int i = 0; i < quiet_rounds; ++i) {
    auto before = requests_;
    round();
    check_that(i < settled_rounds || requests_ == before, "I44 transfers",
               [&] { return std::string{"somebody asks though all is quiet"}; });
  }
  check_quiet();
}

void cluster_model::check_quiet() {
  for (auto& n : nodes_)
    if (n.is_running)
      check_quiet(n);
}

void cluster_model::check_quiet(node& n) {
  check_lists(n);
  std::map<place, std::string> expected;
  std::set<replica_id> alive;
  for (const auto& other : nodes_) {
    if (!other.is_running || (&other != &n && !are_linked(index_of(n), index_of(other))))
      continue;
    alive.insert(other.held->self());
    for (const auto& [key, text] : other.own)
      expected.emplace(place_of(key, other.held->self()), text);
  }
  std::map<place, std::string> listed;
  for (const auto& topic : n.held->topics())
    for (const auto& t : n.held->online(topic))
      listed.emplace(place_of(t), *t.meta);
  for (const auto& [where, text] : expected)
    check_that(listed.contains(where) && listed[where] == text, "I22 converged",
               [&, &where = where] { return n.name + " does not list " + name_of(where); });
  for (const auto& [where, text] : listed)
    check_that(expected.contains(where), "I24 ghosts",
               [&, &where = where] { return n.name + " lists " + name_of(where); });
  for (const auto& [r, counter] : n.held->context())
    check_that(alive.contains(r), "I32 memory", [&, &r = r] { return n.name + " still knows " + replica_name(r); });
  check_that(n.held->cloud_size() == 0, "I32 memory", [&] { return n.name + " waits for something"; });
  check_that(n.held->size() == listed.size(), "I32 memory", [&] { return n.name + " holds what it does not list"; });
  for (const auto& slot : n.recent->slots())
    for (const auto& [r, counter] : slot ? slot->end : clock_map{})
      check_that(alive.contains(r), "I32 memory", [&, &r = r] { return n.name + " has deltas of " + replica_name(r); });
}

}  // namespace beamline::presence::test
