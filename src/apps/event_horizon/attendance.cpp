#include "apps/event_horizon/attendance.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/retry_pause.hpp"
#include "base/log.hpp"
#include "pubsub/presence/presence.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

// The shard is on this node and answers at once, unless it is being restarted.
constexpr duration answer_time = 5s;

/// One view in one topic.
struct stay {
  std::string topic;
  std::string visitor;
  json meta;
  retry_pause pause{};
  std::uint64_t attempt = 0;  // What an earlier one is told later does not matter any more.
};

void enter(live::view_socket& s, const std::shared_ptr<stay>& of);

void enter_later(live::view_socket& s, const std::shared_ptr<stay>& of) {
  ++of->attempt;
  s.run_after(of->pause.next(s.env().random()), [&s, of] { enter(s, of); });
}

/// Nothing: the presence does not run now.
std::optional<pid> shard_of(live::view_socket& s, const std::string& topic) {
  try {
    return presence::shard_of(s.env(), attendance_name, topic);
  } catch (const std::logic_error&) {
    return std::nullopt;
  }
}

void take(live::view_socket& s, const std::shared_ptr<stay>& of, const presence::track_answer& a) {
  using kind = presence::track_answer::kind;
  if (a.ok() || a.what == kind::already_tracked)
    of->pause.reset();
  else
    s.env().log().warn("event_horizon", "a reader is not counted", {{"why", a.detail}, {"topic", of->topic}});
}

void enter(live::view_socket& s, const std::shared_ptr<stay>& of) {
  auto shard = shard_of(s, of->topic);
  if (!shard)
    return enter_later(s, of);
  auto attempt = ++of->attempt;
  auto again = [&s, of, attempt] {
    if (attempt == of->attempt)
      enter_later(s, of);
  };
  // The publisher ends with the tracker, which then may have forgotten its entries; a shard that crashes has not.
  auto watched = s.watch(presence::presence_on(s.env(), attendance_name), [again](const reason&) { again(); });
  s.call<presence::track_answer>(
      *shard, presence::track{of->topic, of->visitor, of->meta, s.self()}, answer_time,
      [&s, of](const presence::track_answer& a) { take(s, of, a); },
      [&s, again, watched](const call_error&) {
        s.unwatch(watched);  // The next attempt watches by itself.
        again();
      });
}

}  // namespace

std::string attendance_of(std::string_view slug) { return "presence:blog:" + std::string{slug}; }

void attend(live::view_socket& s, std::string topic, const std::string& visitor) {
  if (!s.connected() || !accumulator::is_visitor(visitor) || s.env().find<presence::trackers>() == nullptr)
    return;
  auto since = std::chrono::duration_cast<std::chrono::milliseconds>(s.env().time().wall_now().time_since_epoch());
  auto meta = json{{"joined_at", since.count()}, {"socket_id", to_string(s.self())}, {"node", s.env().self()->name}};
  enter(s, std::make_shared<stay>(stay{std::move(topic), visitor, std::move(meta)}));
}

supervision::child_spec attendance_child() {
  presence::presence_options o;
  o.tracker.name = std::string{attendance_name};
  o.tracker.leaves_on_shutdown = true;  // Readers of a host that is stopped leave at once.
  return presence::child_presence(std::move(o));
}

}  // namespace beamline::event_horizon
