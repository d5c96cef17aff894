// What arrives from processes of other nodes, and what processes here answer them.

#include "actors/events.hpp"
#include "actors/message_contract.hpp"
#include "actors/process_table.hpp"
#include "actors/reason_codec.hpp"
#include "actors/remote_events.hpp"
#include "actors/remote_processes.hpp"
#include "base/planted.hpp"

#include <caf/make_message.hpp>

#include <utility>

namespace beamline {

/// What one signal does.
struct remote_processes::receiver {
  remote_processes& self;
  const link_ptr& from;

  result<void> operator()(const remote::cast& s) const {
    auto m = self.read(from, s.what);
    if (!m)
      self.note_drop(from, s.what.name, m.error().message);
    else
      (void)route(s.to, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(*m)));
    return {};
  }

  result<void> operator()(const remote::exit& s) const {
    // Without an id: the peer itself. Never empty, which would be this node, whose word counts for more.
    self.table_.exit(self.resolve(s.to), {pid{from->peer, s.from}, s.why});
    return {};
  }

  result<void> operator()(const remote::watch& s) const {
    key far{s.watcher, s.ref};
    auto ref = self.table_.next_ref();
    {
      std::lock_guard lock{self.mutex_};
      if (!from->is_up)
        return {};
      if (from->watched.size() >= served_per_peer_max)
        return error{errc::too_large, "more than " + std::to_string(served_per_peer_max)
                                          + " watches of one node: it does not keep its own limit"};
      if (!from->watched.emplace(far, ref).second)
        return error{errc::corrupt, "two watches with one number"};
      self.services_.emplace(ref, service{from, kind::watch, far});
    }
    watch_for_service(self.resolve(s.target), ref, {s.target.id, {call_error::kind::noproc, {}}});
    return {};
  }

  result<void> operator()(const remote::unwatch& s) const {
    std::unique_lock lock{self.mutex_};
    auto i = from->watched.find({s.watcher, s.ref});
    if (i == from->watched.end())
      return {};  // Its end is on its way.
    auto ref = i->second;
    lock.unlock();
    if (auto w = self.take_service(ref))
      self.table_.unwatch(w->target, ref);
    return {};
  }

  result<void> operator()(const remote::down& s) const {
    if (key k{s.watcher, s.ref}; self.take_wait(from, k, kind::watch)) {
      self.tell_down(k, s.why);
      if (planted::is_on(planted::bug::down_twice))
        from->waits.emplace(k, kind::watch);
    }
    return {};
  }

  result<void> operator()(const remote::call& s) const {
    auto fail = [&](const call_error& why) -> result<void> {
      (void)self.pass(from, s.to.id, remote::failure{s.caller, s.ref, why}, urgency::kept);
      return {};
    };
    auto m = self.read(from, s.what);
    if (!m) {
      self.note_drop(from, s.what.name, m.error().message);
      return fail(
          remote::not_supported(from->peer->name + " called " + self.env_.self()->name + ": " + m.error().message));
    }
    auto now = self.env_.time().now();
    auto ref = self.table_.next_ref();
    {
      std::unique_lock lock{self.mutex_};
      if (!from->is_up)
        return {};
      if (from->calls.size() >= served_per_peer_max) {
        lock.unlock();
        self.note_drop(from, s.what.name, "as many calls of that node are served as may be");
        return fail({call_error::kind::busy, {}});
      }
      from->calls.insert(ref);
      service call{from, kind::call, {s.caller, s.ref}};
      call.deadline = s.within > time_point::max() - now ? time_point::max() : now + s.within;
      self.services_.emplace(ref, std::move(call));
    }
    if (s.within <= duration::zero() && self.drop_if_overdue(ref))
      return {};
    begin_call(s.to, ref, caf::make_mailbox_element(self.gate_, caf::make_message_id(ref), {}, std::move(*m)));
    return {};
  }

  result<void> operator()(const remote::reply& s) const {
    key k{s.caller, s.ref};
    if (!self.take_wait(from, k, kind::call))
      return {};  // Its time was up, or its caller is gone (D70).
    auto m = self.read(from, s.what);
    if (m) {
      self.finish(k, std::move(*m));
    } else {
      self.note_drop(from, s.what.name, m.error().message);
      self.finish(k, remote::not_supported("the answer of " + from->peer->name + ": " + m.error().message));
    }
    return {};
  }

  result<void> operator()(const remote::failure& s) const {
    if (key k{s.caller, s.ref}; self.take_wait(from, k, kind::call))
      self.finish(k, s.why);
    return {};
  }

  result<void> operator()(const remote::unknown& s) const {
    self.note_drop(from, "(signal " + std::to_string(s.tag) + ")", "this release does not know that signal");
    return {};
  }

private:
  /// As a local sender would: to the process, or to wait for the next owner of the name. What nobody took stays in
  /// `m`; returns whom it is for then.
  std::uint64_t find(const remote::address& to, caf::mailbox_element_ptr& m) const {
    auto id = self.resolve(to);
    if (to.id != 0 || (to.incarnation != 0 && to.incarnation != self.env_.self()->incarnation))
      return id;
    auto route = self.table_.names().find_or_park(std::string{to.name}, m);
    if (route.what == name_table::fate::refused)
      self.env_.events().emit(gap_overflow{to.name, route.refused_total});
    return route.id;
  }

  bool route(const remote::address& to, caf::mailbox_element_ptr m) const {
    auto id = find(to, m);
    return m && self.table_.deliver(id, std::move(m), nullptr);
  }

  void begin_call(const remote::address& to, std::uint64_t ref, caf::mailbox_element_ptr m) const {
    auto id = find(to, m);
    if (!m)
      return;  // Its next owner answers, or nobody.
    // Watched first: a callee that dies of the call is noticed whenever that is.
    if (watch_for_service(id, ref, {to.id, {call_error::kind::noproc, {}}}))
      self.table_.deliver(id, std::move(m), nullptr);
  }

  struct absence {
    std::uint64_t flow;
    call_error why;
  };
  bool watch_for_service(std::uint64_t target, std::uint64_t ref, const absence& otherwise) const {
    if (!self.table_.watch(target, ref, process_table::outside)) {
      if (auto s = self.take_service(ref)) {
        s->target = otherwise.flow;
        self.fail(*s, otherwise.why);
      }
      return false;
    }
    if (!self.note_taken(ref, target)) {
      self.table_.unwatch(target, ref);
      return false;
    }
    return true;
  }
};

result<void> remote_processes::receive(const node_identity& from, std::string_view encoded) {
  auto l = link_of(from);
  if (!l)
    return {};
  auto s = remote::decode(encoded);
  if (!s)
    return s.error();
  return std::visit(receiver{*this, l}, *s);
}

remote_processes::link_ptr remote_processes::link_of(const node_identity& peer) const {
  std::lock_guard lock{mutex_};
  auto i = links_.find(peer.name);
  return i != links_.end() && *i->second->peer == peer ? i->second : nullptr;
}

std::uint64_t remote_processes::resolve(const remote::address& a) const {
  if (a.incarnation != env_.self()->incarnation && (a.id != 0 || a.incarnation != 0))
    return 0;  // Of an earlier run of this node (D7, I9).
  return a.id != 0 ? a.id : table_.whereis(std::string{a.name});
}

result<caf::message> remote_processes::read(const link_ptr& l, const remote::content& c) {
  {
    std::lock_guard lock{mutex_};
    if (l->disabled.contains(c.name))
      return error{errc::unsupported, std::string{c.name} + " has other fields here and there"};
  }
  return contract_.decode(c.name, c.octets);
}

// -- answers -------------------------------------------------------------------------------

std::optional<remote_processes::service> remote_processes::take_service(std::uint64_t ref) {
  std::lock_guard lock{mutex_};
  auto taken = services_.extract(ref);
  if (!taken)
    return std::nullopt;
  auto& s = taken.mapped();
  if (s.what == kind::watch)
    s.from->watched.erase(s.far);
  else
    s.from->calls.erase(ref);
  return std::move(s);
}

bool remote_processes::note_taken(std::uint64_t ref, std::uint64_t callee) {
  std::lock_guard lock{mutex_};
  auto i = services_.find(ref);
  if (i == services_.end())
    return false;
  i->second.target = callee;
  return true;
}

void remote_processes::note_end(std::uint64_t target, std::uint64_t ref, const reason& why) {
  if (auto s = take_service(ref)) {
    s->target = target;
    fail(*s, {call_error::kind::crashed, why});
  }
}

// By the stream of the target: behind all that it sent.
void remote_processes::fail(const service& s, const call_error& why) {
  auto [process, ref] = s.far;
  remote::signal word = remote::failure{process, ref, why};
  if (s.what == kind::watch)
    word = remote::down{process, ref, why.what == call_error::kind::noproc ? reason::noproc() : why.why};
  (void)pass(s.from, s.target, word, urgency::answer);
}

void remote_processes::answer(caf::mailbox_element& m) {
  auto ref = m.mid.request_id().integer_value();
  auto s = take_service(ref);
  if (!s)
    return;  // The link is gone, or it was answered.
  table_.unwatch(s->target, ref);
  auto& content = m.content();
  if (content.match_elements<caf::error>())
    return fail(*s, call_error_from_caf(content.get_as<caf::error>(0)));
  auto encoded = contract_.encode(m.move_content_to_message());
  if (!encoded)
    return fail(*s, remote::not_supported("the answer: " + encoded.error().message));
  auto is_disabled = [&] {
    std::lock_guard lock{mutex_};
    return s->from->disabled.contains(encoded->name);
  }();
  if (is_disabled)
    return fail(
        *s, remote::not_supported("the answer: " + std::string{encoded->name} + " has other fields here and there"));
  remote::reply word{s->far.process, s->far.ref, {encoded->name, encoded->octets}};
  auto ok = pass(s->from, s->target, word, urgency::kept);
  if (ok || ok.error().code == errc::unavailable || ok.error().code == errc::not_found)
    return;
  note_drop(s->from, encoded->name, ok.error().message);
  if (ok.error().code == errc::busy)
    return fail(*s, {call_error::kind::busy, {}});
  fail(*s, {call_error::kind::crashed, reason::custom("the answer cannot be sent: " + ok.error().message)});
}

bool remote_processes::drop_if_overdue(std::uint64_t ref) {
  link_ptr from;
  std::uint64_t callee = 0;
  std::uint64_t total = 0;
  auto now = env_.time().now();
  {
    std::lock_guard lock{mutex_};
    auto i = services_.find(ref);
    if (i == services_.end() || now < i->second.deadline)
      return false;
    from = i->second.from;
    callee = i->second.target;
    total = ++from->overdue;
    from->calls.erase(ref);
    services_.erase(i);
  }
  table_.unwatch(callee, ref);
  env_.events().emit(remote_call_overdue{from->peer->name, callee, total});
  return true;
}

}  // namespace beamline
