// What a channel does with presence.

#include "base/random.hpp"
#include "pubsub/presence/presence.hpp"
#include "supervision/backoff.hpp"
#include "web/channels/channel.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace beamline::web {

namespace {

// For the shard and the publisher of this node, which answer at once unless they are being restarted.
constexpr duration presence_timeout = std::chrono::seconds{5};
// After a presence that ended. All channels of the node lose it at one moment, and shall not come back at one.
constexpr supervision::backoff show_again_pause{
    .first = std::chrono::milliseconds{500}, .max = std::chrono::seconds{20}, .jitter = 0.5};
// The last of them about a minute after the first; then the channel ends.
constexpr std::uint32_t show_again_max = 8;

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

// -- being shown -------------------------------------------------------------------------------

void channel::track_presence(const std::string& key, const json& meta,
                             std::function<void(const std::string&)> tracked) {
  watch_presence();
  shown_.insert_or_assign(key, meta);
  ask_shard("tracking", presence::track{topic(), key, meta, self()}, std::move(tracked));
}

void channel::update_presence(const std::string& key, std::function<json(const json&)> change,
                              std::function<void(const std::string&)> updated) {
  auto meta = std::make_shared<json>();  // Written in the shard, before it answers.
  auto noting = [meta, change = std::move(change)](const json& old) {
    *meta = change(old);
    return *meta;
  };
  ask_shard("the update", presence::update{topic(), key, std::move(noting), self()},
            [this, key, meta, updated = std::move(updated)](const std::string& ref) {
              if (auto shown = shown_.find(key); shown != shown_.end())
                shown->second = *meta;
              if (updated)
                updated(ref);
            });
}

void channel::untrack_presence(const std::string& key, std::function<void()> untracked) {
  shown_.erase(key);
  call<void>(shard(), presence::untrack{topic(), key, self()}, presence_timeout)
      .then(
          [untracked = std::move(untracked)] {
            if (untracked)
              untracked();
          },
          [this](const call_error& e) { fail_presence("untracking", to_string(e)); });
}

// -- a presence that ended -----------------------------------------------------------------------

/// The publisher ends with the tracker, which then may have forgotten its entries; a shard that crashes has not.
void channel::watch_presence() {
  if (presence_watch_ == 0)
    presence_watch_ = watch(presence::presence_on(env(), setup_.at->presence), [this](const reason&) {
      presence_watch_ = 0;
      show_again_later();
    });
}

void channel::show_again_later() {
  if (shown_.empty() || std::exchange(is_to_be_shown_again_, true))
    return;
  if (++shown_again_ > show_again_max)
    fail_presence("showing it again", "it has not come back");
  run_after(supervision::backoff_delay(show_again_pause, shown_again_, env().random()), [this] {
    is_to_be_shown_again_ = false;
    show_again();
  });
}

void channel::show_again() {
  if (shown_.empty())
    return;
  // First: while it is watched, the shard that answers is not one that is about to end.
  watch_presence();
  pid of;
  try {
    of = shard();
  } catch (const std::logic_error&) {
    return show_again_later();
  }
  for (const auto& [key, meta] : shown_)
    show_again(of, key, meta);
}

void channel::show_again(const pid& shard, const std::string& key, const json& meta) {
  call<presence::track_answer>(shard, presence::track{topic(), key, meta, self()}, presence_timeout)
      .then(
          [this](const presence::track_answer& a) {
            // Only the publisher was restarted, or it was shown meanwhile.
            if (!a.ok() && a.what != presence::track_answer::kind::already_tracked)
              fail_presence("showing it again", a.detail);
            if (presence_watch_ != 0)
              shown_again_ = 0;
          },
          [this](const call_error&) { show_again_later(); });
}

}  // namespace beamline::web
