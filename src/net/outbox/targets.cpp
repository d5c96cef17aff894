#include "net/outbox/targets.hpp"

#include <utility>

namespace beamline::net::outbox {

targets::targets(options o) : options_{std::move(o)} {
  if (options_.prefix.empty() && options_.own_role == options_.role && !options_.own_name.empty()) {
    all_.insert(options_.own_name);
    current_ = options_.own_name;
  }
}

bool targets::matches(const peer_info& peer) const {
  if (peer.is_hidden)
    return false;
  return options_.prefix.empty() ? peer.role == options_.role : peer.identity.name.starts_with(options_.prefix);
}

bool targets::up(const peer_info& peer) {
  if (!matches(peer))
    return false;
  all_.insert(peer.identity.name);
  if (!current_)
    current_ = peer.identity.name;
  return true;
}

bool targets::down(const std::string& name) {
  if (name == options_.own_name || all_.erase(name) == 0)
    return false;
  if (current_ == name)
    choose_after(name);
  return true;
}

void targets::failed() {
  if (current_)
    choose_after(std::string{*current_});
}

void targets::choose_after(std::string_view name) {
  auto next = all_.upper_bound(std::string{name});
  if (next == all_.end())
    next = all_.begin();
  current_ = next == all_.end() ? std::nullopt : std::optional{*next};
}

}  // namespace beamline::net::outbox
