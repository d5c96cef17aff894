#include "pubsub/system/herald.hpp"

#include "actors/message_contract.hpp"
#include "actors/process_table.hpp"
#include "pubsub/events.hpp"

#include <algorithm>
#include <utility>

namespace beamline::pubsub::detail {

behavior herald::init() {
  env().peers().register_service(values_service(of_.about().name), self());
  for (const auto& linked : env().peers().subscribe_with_snapshot(self()))
    on_up(linked);
  parts_.arrive(of_.about().name, self().id());
  speak();
  run_after(digest_interval, [this] { compare(); });
  return handlers(
      [this](const node_up& m) { on_up(m.peer); }, [this](const node_down& m) { on_down(m.peer); },
      [this](const peer_message& m) { m.service == announcement_service ? handle_announcement(m) : handle_values(m); },
      [this](const speak_now&) { speak(); }, [this](const peer_has_system& m) { meet(m); });
}

void herald::terminate(const reason&) {
  if (auto next = parts_.depart(of_.about().name, self().id()); next != 0)
    env().processes().tell(next, speak_now{});
}

// -- who is there -----------------------------------------------------------------------------------------

void herald::on_up(const peer_info& up) {
  auto& p = peers_[up.identity.name];
  p = peer{};
  p.info = up;
  p.owes_announcement = p.is_question = true;
  want_flush(duration::zero());
}

void herald::on_down(const peer_info& down) {
  parts_.peers().forget(down.identity.name, down.connection);
  if (auto p = peers_.find(down.identity.name); p != peers_.end() && p->second.info.connection <= down.connection)
    peers_.erase(p);
}

// -- announcements ----------------------------------------------------------------------------------------

void herald::speak() {
  env().peers().register_service(std::string{announcement_service}, self());
  announce_to_all(true);
}

void herald::announce_to_all(bool is_question) {
  announced_ = parts_.pools();
  for (auto& [name, p] : peers_) {
    p.owes_announcement = true;
    p.is_question = p.is_question || is_question;
  }
  want_flush(duration::zero());
}

void herald::handle_announcement(const peer_message& m) {
  auto p = peers_.find(m.from.name);
  if (p == peers_.end() || p->second.info.identity != m.from)
    return;  // A tool's connection, or one that is over.
  auto said = decode<wire_announcement>(m.payload);
  if (!said)
    return of_.drop_remote(m.from.name, "unreadable", said.error().message);
  auto connection = p->second.info.connection;
  for (const auto& d : parts_.peers().announce(m.from.name, connection, said->pools, parts_.pools())) {
    auto what = d.there == 0 ? "name" : "pool_size";
    env().events().emit(system_mismatch{d.system, m.from.name, what, d.here, d.there});
    if (d.there == 0)
      env().log().warn("pubsub", "a peer has no PubSub system of that name; nothing is exchanged with it",
                       {{"system", d.system}, {"peer", m.from.name}});
    else
      env().log().info("pubsub", "a peer's pool has another size; that is no problem",
                       {{"system", d.system}, {"peer", m.from.name}, {"here", d.here}, {"there", d.there}});
  }
  for (const auto& [system, pool] : said->pools)
    if (auto h = parts_.herald_of(system); h != 0)
      cast(pid{env().self(), h}, peer_has_system{m.from.name, connection, said->is_question});
  if (!said->is_question)
    return;
  p->second.owes_announcement = true;
  want_flush(duration::zero());
}

void herald::meet(const peer_has_system& m) {
  auto p = peers_.find(m.node);
  if (p == peers_.end() || p->second.info.connection != m.connection)
    return;
  p->second.has_system = true;
  if (!m.is_question)
    return;
  p->second.next_value.emplace();
  want_flush(duration::zero());
}

// -- sending, as the links have room ----------------------------------------------------------------------

void herald::want_flush(duration d) {
  if (!std::exchange(is_flush_due_, true))
    run_after(d, [this] { flush(); });
}

void herald::flush() {
  is_flush_due_ = false;
  bool is_any_full = false;
  bool is_any_left = false;
  for (auto& [name, p] : peers_) {
    is_any_full = !flush_announcement(p) || !flush_values(p) || is_any_full;
    is_any_left = is_any_left || p.next_value.has_value();
  }
  if (is_any_full)
    want_flush(herald_retry);
  else if (is_any_left)
    want_flush(duration::zero());
}

bool herald::flush_announcement(peer& p) {
  if (!p.owes_announcement || !parts_.is_speaker(self().id()))
    return true;
  if (!send(p, std::string{announcement_service}, encode(wire_announcement{parts_.pools(), p.is_question})))
    return false;
  p.owes_announcement = p.is_question = false;
  return true;
}

bool herald::flush_values(peer& p) {
  for (std::size_t n = 0; n < values_parts_per_turn && p.next_value; ++n)
    if (!send_part(p))
      return false;
  return true;
}

bool herald::send_part(peer& p) {
  auto at = *p.next_value;
  auto part = next_part(at);
  if (!part) {
    p.next_value.reset();
    return true;
  }
  if (!send(p, values_service(of_.about().name), encode_values_message(*std::move(part))))
    return false;
  p.next_value = std::move(at);
  return true;
}

std::optional<wire_values> herald::next_part(values_place& at) const {
  wire_values part;
  for (std::size_t octets = 0; octets < values_part_octets && at.partition < of_.table().size();) {
    auto v = of_.table().at(at.partition).value_after(at.after);
    if (!v) {
      ++at.partition;
      at.after.clear();
      continue;
    }
    // A large one goes alone.
    if (!part.values.empty() && octets + v->second.octets > values_part_octets)
      break;
    at.after = v->first;
    auto encoded = env().contract().encode(v->second.m);
    if (!encoded)
      continue;  // It was encoded once, when it was broadcast or decoded here.
    octets += v->first.size() + encoded->octets.size();
    part.values.push_back({v->first, v->second.stamp.version, v->second.stamp.origin, std::string{encoded->name},
                           std::move(encoded->octets)});
  }
  if (part.values.empty())
    return std::nullopt;
  return part;
}

bool herald::send(const peer& p, const std::string& service, bytes octets) {
  auto sent = env().peers().send(p.info.identity.name, lane::presence, service, std::move(octets));
  // A node that is gone is told of soon, and has no use for it.
  if (sent || sent.error().code != errc::busy)
    return true;
  env().log().write(complaints_, log_level::warn, "pubsub", "the link has no room for it, it is sent again",
                    {{"peer", p.info.identity.name}, {"service", service}, {"why", sent.error()}});
  return false;
}

// -- last values ------------------------------------------------------------------------------------------

void herald::handle_values(const peer_message& m) {
  auto p = peers_.find(m.from.name);
  if (p == peers_.end() || p->second.info.identity != m.from)
    return;
  auto said = decode_values_message(m.payload);
  if (!said)
    return of_.drop_remote(m.from.name, "unreadable", said.error().message);
  if (const auto* theirs = std::get_if<wire_digest>(&*said))
    return handle_digest(p->second, *theirs);
  for (const auto& v : std::get<wire_values>(*said).values)
    of_.learn(*this, m.from.name, v);
}

void herald::compare() {
  if (parts_.is_silent(env().processes())) {
    parts_.arrive(of_.about().name, self().id());
    speak();
  } else if (parts_.is_speaker(self().id()) && announced_ != parts_.pools()) {
    announce_to_all(false);
  }
  if (auto ours = digest())
    for (const auto& [name, p] : peers_)
      if (p.has_system)
        (void)send(p, values_service(of_.about().name), encode_values_message(*ours));  // The next one comes soon.
  run_after(digest_interval, [this] { compare(); });
}

// Nodes that had to forget something need not agree.
std::optional<wire_digest> herald::digest() {
  if (of_.counting().values_evicted > 0)
    return std::nullopt;
  wire_digest d;
  for (std::size_t i = 0; i < of_.table().size(); ++i) {
    auto part = of_.table().at(i).values_digest();
    d.count += part.count;
    d.hash ^= part.hash;
  }
  return d;
}

void herald::handle_digest(peer& p, const wire_digest& theirs) {
  auto ours = digest();
  if (!ours)
    return;
  // Once may be for what is under way.
  if (!std::exchange(p.differed, *ours != theirs) || !p.differed || p.next_value)
    return;
  if (p.repaired == std::pair{*ours, theirs})
    return;
  p.repaired = std::pair{*ours, theirs};
  p.differed = false;
  p.next_value.emplace();
  want_flush(duration::zero());
}

}  // namespace beamline::pubsub::detail
