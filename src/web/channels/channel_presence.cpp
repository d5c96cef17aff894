// What a channel does with presence.

#include "pubsub/presence/presence.hpp"
#include "web/channels/channel.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web {

namespace {

// For the shard and the publisher of this node, which answer at once unless they are being restarted.
constexpr duration presence_timeout = std::chrono::seconds{5};

}  // namespace

void channel::fail_presence(std::string_view doing, const std::string& why) const {
  throw std::runtime_error{std::string{doing} + " of \"" + topic() + "\" in the presence \"" + setup_.at->presence
                           + "\" failed: " + why};
}

pid channel::shard() const { return presence::shard_of(env(), setup_.at->presence, topic()); }

template <class M>
void channel::ask_shard(std::string_view doing, M m, std::function<void(const std::string&)> then) {
  call<presence::track_answer>(shard(), std::move(m), presence_timeout)
      .then(
          [this, doing, then = std::move(then)](const presence::track_answer& a) {
            if (!a.ok())
              fail_presence(doing, a.detail);
            if (then)
              then(a.ref);
          },
          [this, doing](const call_error& e) { fail_presence(doing, to_string(e)); });
}

void channel::push_presence_state() {
  call<json>(presence::presence_on(env(), setup_.at->presence), presence::state_of{topic()}, presence_timeout)
      .then([this](const json& state) { push(std::string{channels::presence_state_event}, state); },
            [this](const call_error& e) { fail_presence("the list", to_string(e)); });
}

void channel::track_presence(const std::string& key, const json& meta,
                             std::function<void(const std::string&)> tracked) {
  ask_shard("tracking", presence::track{topic(), key, meta, self()}, std::move(tracked));
}

void channel::update_presence(const std::string& key, std::function<json(const json&)> change,
                              std::function<void(const std::string&)> updated) {
  ask_shard("the update", presence::update{topic(), key, std::move(change), self()}, std::move(updated));
}

void channel::untrack_presence(const std::string& key, std::function<void()> untracked) {
  call<void>(shard(), presence::untrack{topic(), key, self()}, presence_timeout)
      .then(
          [untracked = std::move(untracked)] {
            if (untracked)
              untracked();
          },
          [this](const call_error& e) { fail_presence("untracking", to_string(e)); });
}

}  // namespace beamline::web
