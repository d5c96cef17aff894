// What leaves for processes of other nodes, and what waits for them.

#include "actors/remote_processes.hpp"

#include "actors/message_contract.hpp"
#include "actors/process_table.hpp"
#include "actors/reply_gate.hpp"
#include "base/planted.hpp"

#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>

#include <algorithm>
#include <utility>

namespace beamline {

namespace {

/// The sender of all calls of other nodes. Messages may hold it for longer than the node lives.
class answer_gate final : public detail::reply_gate {
public:
  answer_gate(caf::actor_config& c, process_table& table, remote_processes& owner)
      : detail::reply_gate{c, table, process_table::outside}, owner_{&owner} {}

  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit*) override {
    if (auto* to = owner_.load(std::memory_order_acquire); to != nullptr && m->mid.is_response())
      to->answer(*m);
  }
  void forget_owner() noexcept { owner_.store(nullptr, std::memory_order_release); }

private:
  std::atomic<remote_processes*> owner_;
};

remote::address address_of(const pid& p) { return {p.node().incarnation, p.id(), p.name()}; }

/// Whether a peer could read that address: it would end the link over one that it cannot.
bool is_speakable(const pid& p) {
  return !p.is_named() || (!p.name().empty() && p.name().size() <= name_table::name_bytes_max);
}

call_error call_error_of(const error& e) {
  switch (e.code) {
    case errc::not_found: return {call_error::kind::noproc, {}};
    case errc::busy: return {call_error::kind::busy, {}};
    case errc::too_large: return {call_error::kind::crashed, reason::custom("too_large: " + e.message)};
    default: return {call_error::kind::noconnection, {}};
  }
}

}  // namespace

remote_processes::remote_processes(environment& env, process_table& table, const message_contract& contract,
                                   caf::actor_system& system)
    : env_{env}, table_{table}, contract_{contract} {
  caf::actor_config c;
  gate_ = caf::actor_cast<caf::strong_actor_ptr>(
      caf::make_actor<answer_gate, caf::actor>(system.next_actor_id(), system.node(), &system, c, table, *this));
  table.tell_outside(
      [this](std::uint64_t target, std::uint64_t ref, const reason& why) { note_end(target, ref, why); });
}

remote_processes::~remote_processes() {
  close();
  static_cast<answer_gate*>(caf::actor_cast<caf::abstract_actor*>(gate_))->forget_owner();
}

void remote_processes::close() {
  std::map<std::string, link_ptr, std::less<>> gone;
  {
    std::lock_guard lock{mutex_};
    is_closed_ = true;
    gone.swap(links_);
    services_.clear();
    for (const auto& [name, l] : gone)
      l->is_up = false;
  }
  for (const auto& [name, l] : gone)
    env_.timers().cancel(l->retry);
}

// -- ways --------------------------------------------------------------------------------

// With the lock.
remote_processes::way remote_processes::find_way(const pid& to) const {
  const auto& node = to.node();
  auto i = links_.find(node.name);
  if (i == links_.end() || is_closed_)  // An address of an earlier run of this very node is one of nobody.
    return {nullptr, node.name == env_.self()->name ? call_error::kind::noproc : call_error::kind::noconnection};
  auto linked = i->second->peer->incarnation;
  if (!is_speakable(to) || (node.incarnation != 0 && node.incarnation < linked))
    return {nullptr, call_error::kind::noproc};
  if (node.incarnation > linked)  // That run is not linked yet.
    return {nullptr, call_error::kind::noconnection};
  return {i->second};
}

/// Makes the entry, so that whatever comes back finds it.
remote_processes::way remote_processes::begin(key k, kind what, const pid& to) {
  std::unique_lock lock{mutex_};
  auto w = find_way(to);
  if (!w.over)
    return w;
  if (w.over->waits.size() < entries_per_peer_max) {
    w.over->waits.emplace(k, what);
    return w;
  }
  lock.unlock();
  note_drop(w.over, what == kind::call ? "(call)" : "(watch)",
            "as many calls and watches wait for that node as may: " + std::to_string(entries_per_peer_max));
  return {nullptr, what == kind::call ? call_error::kind::busy : call_error::kind::noconnection};
}

bool remote_processes::take_wait(const link_ptr& l, key k, kind what) {
  std::lock_guard lock{mutex_};
  auto i = l->waits.find(k);
  if (i == l->waits.end() || i->second != what)
    return false;
  if (what == kind::call || !planted::is_on(planted::bug::down_twice))
    l->waits.erase(i);
  return true;
}

void remote_processes::finish(key caller, call_result r) {
  table_.tell(caller.process, call_finished{caller.ref, std::move(r)});
}

void remote_processes::tell_down(key watcher, const reason& why) {
  table_.tell(watcher.process, down_signal{watcher.ref, why});
}

// -- of the processes here -----------------------------------------------------------------

void remote_processes::cast(std::uint64_t from, const pid& to, std::string_view name, std::string_view encoded) {
  link_ptr over;
  auto is_disabled = false;
  {
    std::lock_guard lock{mutex_};
    over = find_way(to).over;
    is_disabled = over && over->disabled.contains(name);
  }
  if (!over)
    return;
  if (is_disabled)
    return note_drop(over, name, "its fields differ here and there");
  if (auto ok = pass(over, from, remote::cast{address_of(to), {name, encoded}}, urgency::droppable);
      !ok && ok.error().code != errc::unavailable && ok.error().code != errc::not_found)
    note_drop(over, name, ok.error().message);
}

void remote_processes::exit(std::uint64_t from, const pid& to, const reason& why) {
  link_ptr over;
  {
    std::lock_guard lock{mutex_};
    over = find_way(to).over;
  }
  if (!over)
    return;
  if (auto ok = pass(over, from, remote::exit{from, address_of(to), why}, urgency::kept);
      !ok && ok.error().code == errc::busy)
    note_drop(over, "(exit)", ok.error().message);
}

void remote_processes::watch(std::uint64_t watcher, std::uint64_t ref, const pid& target) {
  key k{watcher, ref};
  auto reason_of = [](call_error::kind what) {
    return what == call_error::kind::noproc ? reason::noproc() : reason::noconnection();
  };
  auto w = begin(k, kind::watch, target);
  if (!w.over)
    return tell_down(k, reason_of(w.why));
  auto ok = pass(w.over, watcher, remote::watch{watcher, ref, address_of(target)}, urgency::kept);
  if (!ok) {
    if (take_wait(w.over, k, kind::watch))
      tell_down(k, reason_of(call_error_of(ok.error()).what));
    return;
  }
  // Should the link have gone meanwhile, the watch was told of that, and may have travelled over the next one.
  std::unique_lock lock{mutex_};
  if (w.over->is_up)
    return;
  auto next = find_way(target).over;
  lock.unlock();
  if (next)
    (void)pass(next, watcher, remote::unwatch{watcher, ref}, urgency::kept);
}

void remote_processes::unwatch(std::uint64_t watcher, std::uint64_t ref) {
  link_ptr over;
  {
    std::lock_guard lock{mutex_};
    for (const auto& [name, l] : links_)
      if (l->waits.erase({watcher, ref}) != 0)
        over = l;
  }
  // Should it be lost, its DOWN finds nobody.
  if (over)
    (void)pass(over, watcher, remote::unwatch{watcher, ref}, urgency::kept);
}

void remote_processes::call(std::uint64_t caller, std::uint64_t ref, const pid& to, const caf::message& m,
                            duration within) {
  key k{caller, ref};
  auto w = begin(k, kind::call, to);
  if (!w.over)
    return finish(k, call_error{w.why, {}});
  auto fail = [&](const call_error& why) {
    if (take_wait(w.over, k, kind::call))
      finish(k, why);
  };
  auto encoded = contract_.encode(m);
  if (!encoded)
    return fail(remote::not_supported(encoded.error().message));
  {
    std::unique_lock lock{mutex_};
    auto is_disabled = w.over->disabled.contains(encoded->name);
    lock.unlock();
    if (is_disabled)
      return fail(
          remote::not_supported(std::string{encoded->name} + " cannot be sent to " + w.over->peer->name
                                + ": its fields differ here and there; let both nodes run compatible versions"));
  }
  remote::call request{caller, ref, address_of(to), within, {encoded->name, encoded->octets}};
  if (auto ok = pass(w.over, caller, request, urgency::droppable); !ok)
    fail(call_error_of(ok.error()));
}

void remote_processes::forget_call(std::uint64_t caller, std::uint64_t ref) {
  std::lock_guard lock{mutex_};
  for (const auto& [name, l] : links_)
    l->waits.erase({caller, ref});
}

void remote_processes::forget(std::uint64_t process) {
  std::vector<std::pair<link_ptr, std::uint64_t>> watches;
  {
    std::lock_guard lock{mutex_};
    for (const auto& [name, l] : links_) {
      auto first = l->waits.lower_bound({process, 0});
      auto last = first;
      for (; last != l->waits.end() && last->first.process == process; ++last)
        if (last->second == kind::watch)
          watches.emplace_back(l, last->first.ref);
      l->waits.erase(first, last);
    }
  }
  for (const auto& [l, ref] : watches)
    (void)pass(l, process, remote::unwatch{process, ref}, urgency::kept);
}

// -- of the links --------------------------------------------------------------------------

void remote_processes::linked(const node_identity& peer, std::vector<std::string> disabled) {
  if (auto old = [&] {
        std::lock_guard lock{mutex_};
        auto i = links_.find(peer.name);
        return i == links_.end() ? nullptr : i->second->peer;
      }())
    unlinked(*old);
  auto l = std::make_shared<link>();
  l->peer = std::make_shared<const node_identity>(peer);
  l->disabled.insert(disabled.begin(), disabled.end());
  std::lock_guard lock{mutex_};
  if (!is_closed_)
    links_.insert_or_assign(peer.name, std::move(l));
}

void remote_processes::unlinked(const node_identity& peer) {
  std::vector<std::pair<key, kind>> waits;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> served;  // Whom, under which number.
  timer_id retry;
  {
    std::lock_guard lock{mutex_};
    auto i = links_.find(peer.name);
    if (i == links_.end() || *i->second->peer != peer)
      return;
    auto l = std::move(i->second);
    links_.erase(i);
    l->is_up = false;
    l->backlog.clear();
    retry = l->retry;
    waits.assign(l->waits.begin(), l->waits.end());
    l->waits.clear();
    auto stop_serving = [&](std::uint64_t ref) {
      if (auto s = services_.extract(ref))
        served.emplace_back(s.mapped().target, ref);
    };
    for (const auto& [far, ref] : l->watched)
      stop_serving(ref);
    for (auto ref : l->calls)
      stop_serving(ref);
    l->watched.clear();
    l->calls.clear();
  }
  env_.timers().cancel(retry);
  for (const auto& [target, ref] : served)
    table_.unwatch(target, ref);
  std::ranges::sort(waits, {}, [](const auto& w) { return w.first.ref; });
  for (const auto& [k, what] : waits) {
    if (what == kind::watch)
      tell_down(k, reason::noconnection());
    else if (!planted::is_on(planted::bug::lost_call_kept))
      finish(k, call_error{call_error::kind::noconnection, {}});
  }
}

remote_processes::counters remote_processes::count() const {
  std::lock_guard lock{mutex_};
  counters c{.served = services_.size()};
  for (const auto& [name, l] : links_) {
    c.waits += l->waits.size();
    c.backlog += l->backlog.size();
  }
  return c;
}

}  // namespace beamline
