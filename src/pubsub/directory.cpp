#include "pubsub/directory.hpp"

#include "actors/environment.hpp"
#include "actors/process_table.hpp"
#include "pubsub/system.hpp"
#include "pubsub/system/directory_parts.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::pubsub {

directory::directory() : parts_{std::make_shared<detail::directory_parts>()} {}
directory::~directory() = default;

system* find_system(const environment& env, std::string_view name) {
  auto* d = env.find<directory>();
  return d == nullptr ? nullptr : d->parts().find(name);
}

system& system_of(const environment& env, std::string_view name) {
  if (auto* s = env.get<directory>().parts().find(name))
    return *s;
  throw std::logic_error{"no PubSub system \"" + std::string{name} + "\" runs on " + env.self()->name
                         + "; its tree needs pubsub::child_system before whoever uses it"};
}

namespace detail {

result<directory_parts::lease> directory_parts::open(environment& env, const system_options& o) {
  std::lock_guard lock{mutex_};
  auto s = systems_.find(o.name);
  if (s == systems_.end()) {
    if (systems_.size() >= systems_max)
      return error{errc::busy, "PubSub system \"" + o.name + "\": the node has had " + std::to_string(systems_max)
                                   + " systems already"};
    s = systems_.emplace(o.name, life{std::make_unique<core>(env, peers_, o), 0, false}).first;
  }
  auto& l = s->second;
  if (auto h = heralds_.find(o.name); l.is_running && h != heralds_.end() && env.processes().is_alive(h->second))
    return error{errc::exists, "PubSub system \"" + o.name + "\" runs on " + env.self()->name + " already"};
  if (!(l.of->about() == l.of->settled(o)))
    return error{errc::conflict, "PubSub system \"" + o.name + "\" ran on " + env.self()->name
                                     + " with other options; they hold for the life of a node"};
  l.is_running = true;
  l.of->set_running(true);
  return lease{l.of.get(), [weak = weak_from_this(), name = o.name, which = ++l.lives](core*) {
                 if (auto parts = weak.lock())
                   parts->close(name, which);
               }};
}

void directory_parts::close(const std::string& name, std::uint64_t which) {
  std::lock_guard lock{mutex_};
  auto& l = systems_.find(name)->second;
  if (l.lives != which)
    return;
  l.is_running = false;
  l.of->set_running(false);
}

core* directory_parts::find(std::string_view name) const {
  std::lock_guard lock{mutex_};
  auto s = systems_.find(name);
  return s == systems_.end() || !s->second.is_running ? nullptr : s->second.of.get();
}

peer_board::pool_map directory_parts::pools() const {
  std::lock_guard lock{mutex_};
  peer_board::pool_map all;
  for (const auto& [name, l] : systems_)
    if (l.is_running)
      all.emplace(name, l.of->about().pool_size);
  return all;
}

void directory_parts::arrive(const std::string& system, std::uint64_t herald) {
  std::lock_guard lock{mutex_};
  heralds_[system] = herald;
  speaker_ = herald;
}

std::uint64_t directory_parts::depart(const std::string& system, std::uint64_t herald) {
  std::lock_guard lock{mutex_};
  if (auto h = heralds_.find(system); h != heralds_.end() && h->second == herald)
    heralds_.erase(h);
  if (speaker_ != herald)
    return 0;
  speaker_ = heralds_.empty() ? 0 : heralds_.begin()->second;
  return speaker_;
}

bool directory_parts::is_speaker(std::uint64_t herald) const {
  std::lock_guard lock{mutex_};
  return speaker_ == herald;
}

bool directory_parts::is_silent(process_table& living) const {
  std::lock_guard lock{mutex_};
  return speaker_ == 0 || !living.is_alive(speaker_);
}

std::uint64_t directory_parts::herald_of(std::string_view system) const {
  std::lock_guard lock{mutex_};
  auto h = heralds_.find(system);
  return h == heralds_.end() ? 0 : h->second;
}

}  // namespace detail

}  // namespace beamline::pubsub
