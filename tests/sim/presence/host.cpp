#include "sim/presence/host.hpp"

#include "base/json.hpp"
#include "base/telemetry.hpp"
#include "sim/presence/events.hpp"
#include "sim/presence/setup.hpp"

#include <iterator>
#include <utility>

namespace beamline::gathering {

namespace {

constexpr duration patience = 1s;

/// Is tracked, and ends with its host.
class guest final : public process {
public:
  using process::process;
  behavior init() override {
    link(parent());
    return handlers();
  }
};

}  // namespace

behavior host::init() {
  keep(18ms, [this] { change(); });
  return reside("host");
}

void host::change() {
  if (guests_.empty() || (guests_.size() < guests_max && below(8) == 0))
    return invite();
  if (below(16) == 0)
    return exit(guests_[below(guests_.size())], reason::custom("it was there for long enough"));
  if (entries_.size() < entries_max && below(2) == 0) {
    entry_id e{std::string{trackers[below(trackers.size())]}, rooms[below(rooms.size())],
               guests_[below(guests_.size())], "k" + std::to_string(below(2))};
    if (gone_ && below(16) == 0)
      e.who = gone_;
    if (!entries_.contains(e))
      track(e);
    return;
  }
  if (entries_.empty())
    return;
  auto e = some_entry();
  if (entries_[e])
    return;
  below(3) == 0 ? untrack(e) : update(e);
}

void host::invite() {
  auto one = spawn<guest>();
  guests_.push_back(one);
  watch(one, [this, one](const reason&) {
    std::erase(guests_, one);
    std::erase_if(entries_, [&](const auto& e) { return e.first.who == one; });
    gone_ = one;
  });
}

host::entry_id host::some_entry() {
  auto i = entries_.begin();
  std::advance(i, static_cast<std::ptrdiff_t>(below(entries_.size())));
  return i->first;
}

pid host::shard_of(const entry_id& e) const { return presence::shard_of(env(), e.tracker, e.topic); }

void host::track(const entry_id& e) {
  if (env().get<presence::trackers>().find(e.tracker) == nullptr)
    return;
  entries_[e] = true;
  tell(e, "asked");
  call<presence::track_answer>(shard_of(e), presence::track{e.topic, e.key, json{{"visits", 1}}, e.who}, patience)
      .then([this, e](const presence::track_answer& a) { note(e, a); },
            [this, e](const call_error&) { note(e, {presence::track_answer::kind::invalid}); });
}

void host::update(const entry_id& e) {
  if (env().get<presence::trackers>().find(e.tracker) == nullptr)
    return;
  entries_[e] = true;
  tell(e, "asked");
  auto visit = [](const json& old) {
    auto again = old;
    again["visits"] = old.value("visits", 0) + 1;
    return again;
  };
  call<presence::track_answer>(shard_of(e), presence::update{e.topic, e.key, visit, e.who}, patience)
      .then([this, e](const presence::track_answer& a) { note(e, a); },
            [this, e](const call_error&) { note(e, {presence::track_answer::kind::invalid}); });
}

void host::untrack(const entry_id& e) {
  if (env().get<presence::trackers>().find(e.tracker) == nullptr)
    return;
  entries_[e] = true;
  tell(e, "asked");
  call<void>(shard_of(e), presence::untrack{e.topic, e.key, e.who}, patience)
      .then(
          [this, e] {
            tell(e, "gone");
            entries_.erase(e);
          },
          [this, e](const call_error&) { note(e, {presence::track_answer::kind::invalid}); });
}

void host::note(const entry_id& e, const presence::track_answer& a) {
  using kind = presence::track_answer::kind;
  if (auto known = entries_.find(e); known != entries_.end())
    known->second = false;
  switch (a.what) {
    case kind::ok: return tell(e, "there", a.ref);
    case kind::nopresence: entries_.erase(e); return tell(e, "gone");
    default: return tell(e, "unknown");
  }
}

void host::tell(const entry_id& e, std::string_view is, std::string_view ref) {
  env().events().emit(guest_changed{e.tracker, e.topic, e.who.id(), e.key, is, ref});
}

}  // namespace beamline::gathering
