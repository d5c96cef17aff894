#include "supervision/registry/partition.hpp"

#include <limits>
#include <utility>

namespace beamline::supervision::detail {

registry_partition::registry_partition(process_context& c, std::shared_ptr<partition_data> data)
    : process{c}, data_{std::move(data)} {}

behavior registry_partition::init() {
  // Bounded without a limit: one wake-up at a time, and one notice per owner.
  limit_mailbox(std::numeric_limits<std::int64_t>::max());
  for (auto owner : data_->open(self().id()))
    exit(pid{env().self(), owner}, reason::killed());
  return handlers([this](const owners_changed&) { follow_owners(); });
}

void registry_partition::terminate(const reason& why) {
  for (auto owner : data_->close(self().id()))
    exit(pid{env().self(), owner}, why);
}

void registry_partition::follow_owners() {
  auto changes = data_->take_changes(changes_per_turn);
  for (auto [owner, owns] : changes) {
    auto i = watched_.find(owner);
    if (owns && i == watched_.end()) {
      watched_[owner] = watch(pid{env().self(), owner}, [this, id = owner](const reason&) {
        watched_.erase(id);
        data_->forget(id);
      });
    } else if (!owns && i != watched_.end()) {
      unwatch(i->second);
      watched_.erase(i);
    }
  }
  if (changes.size() == changes_per_turn)
    cast(self(), owners_changed{});
}

}  // namespace beamline::supervision::detail
