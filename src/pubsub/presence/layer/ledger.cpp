#include "pubsub/presence/layer/ledger.hpp"

#include "pubsub/presence/layer/meta_text.hpp"

#include <stdexcept>

namespace beamline::presence::layer {

bool ledger::note(const diff& d) {
  std::lock_guard lock{mutex_};
  const auto was_quiet = books_.noted.empty();
  for (const auto& [topic, change] : d) {
    auto& t = books_.at(topic);
    const auto was_dirty = t.is_dirty();
    // Leaves first: what another run of a replica says again leaves and joins in one diff, under the same ref.
    for (const auto& e : change.leaves)
      t.leave(e.key.key, ref_of(*e.meta));
    for (const auto& e : change.joins)
      t.join(e.key.key, ref_of(*e.meta), e.meta);
    // Its number is told in time, even while its diffs wait for fetches.
    if ((!was_dirty && t.is_dirty()) || books_.recount(topic))
      books_.noted.insert(topic);
    books_.forget_if_idle(topic);
  }
  return was_quiet && !books_.noted.empty();
}

bool ledger::note_counts(const diff& d) {
  std::lock_guard lock{mutex_};
  const auto was_quiet = books_.noted.empty();
  for (const auto& [topic, change] : d)
    if (books_.recount(topic))
      books_.noted.insert(topic);
  return was_quiet && !books_.noted.empty();
}

std::uint64_t ledger::adopt() {
  std::lock_guard lock{mutex_};
  books_.noted.clear();
  books_.recounted.clear();
  for (auto& [topic, t] : books_.topics) {
    t.recall();
    if (t.is_dirty())
      books_.noted.insert(topic);
  }
  return ++owner_;
}

void ledger::require_owner(std::uint64_t owner) const {
  if (owner != owner_)
    throw std::runtime_error{"this publisher of presence was given up, and another one does its work"};
}

void ledger::keep(std::uint64_t owner, metas_memory m) {
  std::lock_guard lock{mutex_};
  if (owner == owner_)
    kept_ = std::move(m);
}

std::optional<metas_memory> ledger::take_kept(std::uint64_t owner) {
  std::lock_guard lock{mutex_};
  require_owner(owner);
  return std::exchange(kept_, std::nullopt);
}

}  // namespace beamline::presence::layer
