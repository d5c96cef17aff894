#include "actors/names.hpp"

#include "actors/reason_codec.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace beamline {

name_taken::name_taken(const std::string& name, pid owner)
    : std::runtime_error{"the name \"" + name + "\" is taken by " + to_string(owner)}, owner_{std::move(owner)} {}

std::uint64_t name_table::take(const std::string& name, std::uint64_t id) {
  std::lock_guard lock{mutex_};
  auto& e = names_[name];
  if (e.owner != 0)
    return e.owner;
  e.owner = id;
  return 0;
}

void name_table::open(const std::string& name, std::uint64_t id,
                      const std::function<void(caf::mailbox_element_ptr)>& deliver) {
  // Held while delivering: nobody can pass those that have waited.
  std::lock_guard lock{mutex_};
  auto i = names_.find(name);
  if (i == names_.end() || i->second.owner != id)
    return;
  i->second.is_open = true;
  for (auto& m : std::exchange(i->second.parked, {}))
    deliver(std::move(m));
}

void name_table::release(const std::string& name, std::uint64_t id) {
  std::lock_guard lock{mutex_};
  auto i = names_.find(name);
  if (i == names_.end() || i->second.owner != id)
    return;
  i->second.owner = 0;
  i->second.is_open = false;
  erase_if_unused(i);
}

void name_table::erase_if_unused(std::map<std::string, entry>::iterator e) {
  if (e->second.owner == 0 && e->second.park_max == 0)
    names_.erase(e);
}

std::uint64_t name_table::whereis(const std::string& name) const {
  std::lock_guard lock{mutex_};
  auto i = names_.find(name);
  return i == names_.end() ? 0 : i->second.owner;
}

void name_table::declare(const std::string& name, std::size_t park_max) {
  if (park_max == 0)
    return withdraw(name);
  std::lock_guard lock{mutex_};
  auto& e = names_[name];
  // Who has it as an ordinary name answers to it already.
  e.is_open = e.is_open || (e.owner != 0 && e.park_max == 0);
  e.park_max = park_max;
}

void name_table::clear() {
  std::map<std::string, entry> dropped;
  std::lock_guard lock{mutex_};
  dropped.swap(names_);
}

void name_table::withdraw(const std::string& name) {
  std::deque<caf::mailbox_element_ptr> dropped;
  {
    std::lock_guard lock{mutex_};
    auto i = names_.find(name);
    if (i == names_.end())
      return;
    i->second.park_max = 0;
    dropped.swap(i->second.parked);
    erase_if_unused(i);
  }
  caf::detail::sync_request_bouncer answer{caf::sec::request_receiver_down};
  for (auto& m : dropped)
    answer(*m);
}

name_table::route name_table::find_or_park(const std::string& name, caf::mailbox_element_ptr& m) {
  std::unique_lock lock{mutex_};
  auto i = names_.find(name);
  if (i == names_.end())
    return {};
  auto& e = i->second;
  if (e.owner != 0 && (e.is_open || e.park_max == 0))
    return {fate::found, e.owner};
  if (e.park_max == 0)
    return {};
  if (e.parked.size() < e.park_max) {
    e.parked.push_back(std::move(m));
    return {fate::parked};
  }
  auto total = ++e.refused;
  lock.unlock();
  auto refused = std::move(m);
  if (refused->mid.is_request() && refused->sender)
    refused->sender->get()->enqueue(caf::make_mailbox_element(nullptr, refused->mid.response_id(), {}, busy_error()),
                                    nullptr);
  return {fate::refused, 0, total};
}

}  // namespace beamline
