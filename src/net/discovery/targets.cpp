#include "net/discovery/targets.hpp"

#include "base/node_name.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace beamline::net {

namespace {

using kind = discovery_note::kind;
using outcome = connect_outcome::kind;

// More would only overflow: no back-off is a million times the shortest one.
constexpr int doublings_max = 20;

}  // namespace

discovery_targets::discovery_targets(options o, random_source& random) : options_{std::move(o)}, random_{random} {}

// -- what is heard ------------------------------------------------------------------------

std::size_t discovery_targets::heard(std::size_t source, const std::vector<proposal>& found, time_point now) {
  discovery_note fresh{.what = kind::found, .source = options_.sources[source].label};
  discovery_note again{.what = kind::back, .source = options_.sources[source].label};
  for (const auto& p : found)
    if (mention_one(source, p, now, again.at))
      fresh.at.push_back(p.at);
  auto added = fresh.at.size();
  for (auto* n : {&fresh, &again})
    if (!n->at.empty())
      note(std::move(*n));
  return added;
}

std::size_t discovery_targets::answered(std::size_t source, const std::vector<proposal>& found, time_point now) {
  auto added = heard(source, found, now);
  drop_absent(source, found, now);
  return added;
}

/// True: it is new, and not this node itself.
bool discovery_targets::mention_one(std::size_t source, const proposal& p, time_point now,
                                    std::vector<endpoint>& back) {
  auto found = targets_.find(p.at);
  bool is_new = found == targets_.end();
  if (is_new) {
    if (!make_room()) {
      if (!std::exchange(is_full_noted_, true))
        note({.what = kind::table_full, .source = options_.sources[source].label, .at = {p.at}, .count = targets_max});
      return false;
    }
    found = targets_.emplace(p.at, target{.next = now}).first;
  }
  auto& t = found->second;
  if (!is_new && t.mentions.empty()) {
    if (t.own == own_kind::no)
      back.push_back(p.at);
    t.tries = 0;
    t.next = now;
  }
  t.mentions[source] = {p.who, 0};
  if (is_new && leads_here(p)) {
    t.own = own_kind::said;
    note({.what = kind::own, .source = options_.sources[source].label, .at = {p.at}});
  }
  return is_new && t.own == own_kind::no;
}

bool discovery_targets::make_room() {
  if (targets_.size() < targets_max) {
    is_full_noted_ = false;
    return true;
  }
  auto oldest = targets_.end();
  for (auto i = targets_.begin(); i != targets_.end(); ++i)
    if (is_unused(i->second) && (oldest == targets_.end() || i->second.unused_since < oldest->second.unused_since))
      oldest = i;
  if (oldest == targets_.end())
    return false;
  targets_.erase(oldest);
  return true;
}

void discovery_targets::drop_absent(std::size_t source, const std::vector<proposal>& found, time_point now) {
  std::set<endpoint> named;
  for (const auto& p : found)
    named.insert(p.at);
  const auto& rule = options_.sources[source];
  discovery_note gone{.what = kind::absent, .source = rule.label};
  for (auto& [at, t] : targets_) {
    auto m = t.mentions.find(source);
    if (m == t.mentions.end() || named.contains(at))
      continue;
    if (rule.is_hearsay && is_linked(t))
      m->second.absent = 0;
    else if (++m->second.absent >= (rule.is_hearsay ? options_.hearsay_max : options_.absent_max))
      t.mentions.erase(m);
    if (t.mentions.empty()) {
      t.unused_since = now;
      if (t.own == own_kind::no)
        gone.at.push_back(at);
    }
  }
  if (!gone.at.empty())
    note(std::move(gone));
}

void discovery_targets::round_begins() {
  for (auto& [at, t] : targets_)
    t.waits_for_round = false;
}

void discovery_targets::up(const std::string& node, time_point now) { links_[node] = {now}; }

void discovery_targets::down(const std::string& node, std::string_view why, time_point now) {
  auto l = links_.find(node);
  if (l == links_.end())
    return;
  bool was_steady = now - l->second.since >= steady_after;
  for (auto& [at, t] : targets_) {
    const auto* m = first_mention(t);
    if (t.node != node && (m == nullptr || m->who.name != node))
      continue;
    t.is_learned = false;
    t.unused_since = now;
    if (was_steady)
      t.tries = 0;
    t.waits_for_round = why == down_reason::disconnect;
    begin_wait(t, now);
  }
  links_.erase(l);
}

std::optional<discovery_targets::attempt_end>
discovery_targets::attempt_done(std::uint64_t attempt, const connect_outcome& o, time_point now) {
  auto found = std::find_if(targets_.begin(), targets_.end(),
                            [&](const auto& entry) { return attempt != 0 && entry.second.attempt == attempt; });
  if (found == targets_.end())
    return std::nullopt;
  auto& [at, t] = *found;
  attempt_end end{at, now - t.attempt_since};
  t.attempt = 0;
  --attempts_;
  t.unused_since = now;
  begin_wait(t, now);
  if (std::exchange(t.is_hurried, false))
    t.next = now;
  if (o.what == outcome::self) {
    t.trouble.reset();
    t.last_error.clear();
    t.next = now + options_.back_off_max;  // For a host name: others may answer to it, too.
    if (std::exchange(t.own, own_kind::seen) == own_kind::no)
      note({.what = kind::own, .at = {at}});
    return end;
  }
  t.own = own_kind::no;
  if (o.ok())
    linked(at, t, o.peer);
  else
    failed(at, t, o, now);
  return end;
}

void discovery_targets::linked(const endpoint& at, target& t, const std::string& node) {
  t.node = node;
  t.is_learned = !node.empty();
  t.last_error.clear();
  if (t.trouble)
    note({.what = kind::reached, .at = {at}, .node = node});
  t.trouble.reset();
}

void discovery_targets::failed(const endpoint& at, target& t, const connect_outcome& o, time_point now) {
  t.last_error = std::string{word_of(o.what)} + (o.detail.empty() ? "" : ": " + o.detail);
  if (t.trouble != o.what)
    note({.what = kind::trouble,
          .at = {at},
          .node = o.peer,
          .outcome = o.what,
          .detail = o.detail,
          .retry = t.next - now});
  t.trouble = o.what;
}

/// Also after an attempt that succeeded: when the link does not come, or does not hold, the next one waits longer.
void discovery_targets::begin_wait(target& t, time_point now) {
  auto wait = options_.back_off_min;
  for (int i = 0; i < std::min(t.tries, doublings_max) && wait < options_.back_off_max; ++i)
    wait *= 2;
  wait = std::min(wait, options_.back_off_max);
  ++t.tries;
  t.next =
      now + wait - duration{static_cast<duration::rep>(random_.below(static_cast<std::uint64_t>(wait.count() / 4)))};
}

void discovery_targets::hurry(time_point now) {
  for (auto& [at, t] : targets_)
    if (t.attempt == 0)
      t.next = std::min(t.next, now);
    else
      t.is_hurried = true;
}

// -- what is to be done ---------------------------------------------------------------------

std::vector<discovery_targets::dial> discovery_targets::due(time_point now) {
  std::vector<dial> out;
  if (attempts_ >= options_.attempts_max)
    return out;
  std::vector<table::iterator> waiting;
  for (auto i = targets_.begin(); i != targets_.end(); ++i)
    if (wants_dial(i->first, i->second) && i->second.next <= now)
      waiting.push_back(i);
  // Who has waited longest comes first: however many there are, nobody is passed over for ever.
  std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) {
    return std::tie(a->second.next, a->first) < std::tie(b->second.next, b->first);
  });
  for (auto& i : waiting) {
    if (attempts_ >= options_.attempts_max)
      break;
    ++attempts_;
    i->second.attempt = ++last_attempt_;
    i->second.attempt_since = now;
    out.push_back({last_attempt_, i->first, first_mention(i->second)->who});
  }
  return out;
}

std::vector<std::string> discovery_targets::expelled() {
  std::vector<std::string> out;
  if (!options_.is_strict)
    return out;
  std::set<std::string_view> members, strangers;
  for (const auto& [at, t] : targets_)
    (t.mentions.empty() ? strangers : members).insert(t.node);
  for (auto& [node, l] : links_)
    if (!l.is_expelled && strangers.contains(node) && !members.contains(node)) {
      l.is_expelled = true;
      out.push_back(node);
      note({.what = kind::expelled, .node = node});
    }
  return out;
}

void discovery_targets::forget(time_point now) {
  discovery_note gone{.what = kind::forgotten};
  std::erase_if(targets_, [&](const auto& entry) {
    bool goes = is_unused(entry.second) && entry.second.unused_since + options_.forget_after <= now;
    if (goes)
      gone.at.push_back(entry.first);
    return goes;
  });
  if (!gone.at.empty())
    note(std::move(gone));
}

std::optional<time_point> discovery_targets::next() const {
  std::optional<time_point> first;
  auto take = [&](time_point t) { first = first ? std::min(*first, t) : t; };
  for (const auto& [at, t] : targets_) {
    if (is_unused(t))
      take(t.unused_since + options_.forget_after);
    else if (attempts_ < options_.attempts_max && wants_dial(at, t))
      take(t.next);
  }
  return first;
}

// -- what holds -----------------------------------------------------------------------------

const discovery_targets::mention* discovery_targets::first_mention(const target& t) const {
  return t.mentions.empty() ? nullptr : &t.mentions.begin()->second;
}

bool discovery_targets::is_linked(const target& t) const {
  if (t.is_learned && links_.contains(t.node))
    return true;
  const auto* m = first_mention(t);
  return m != nullptr && !m->who.name.empty() && links_.contains(m->who.name);
}

bool discovery_targets::wants_dial(const endpoint& at, const target& t) const {
  return t.attempt == 0 && !t.mentions.empty() && !t.waits_for_round && !is_linked(t)
      && (t.own == own_kind::no || (t.own == own_kind::seen && !is_ip_address(at.host)));
}

bool discovery_targets::is_unused(const target& t) const {
  return t.mentions.empty() && t.attempt == 0 && !is_linked(t);
}

bool discovery_targets::leads_here(const proposal& p) const {
  return (!p.who.name.empty() && p.who.name == options_.own_name)
      || std::find(options_.own.begin(), options_.own.end(), p.at) != options_.own.end();
}

std::string_view discovery_targets::state_of(const target& t) const {
  if (t.own != own_kind::no)
    return "own";
  if (is_linked(t))
    return "linked";
  if (t.attempt != 0)
    return "dialling";
  return t.mentions.empty() ? "stale" : "waiting";
}

std::vector<discovery_status::target> discovery_targets::status(time_point now) const {
  std::vector<discovery_status::target> out;
  for (const auto& [at, t] : targets_) {
    auto& s = out.emplace_back();
    s.endpoint = to_string(at);
    s.state = state_of(t);
    s.node = t.node;
    if (const auto* m = first_mention(t)) {
      s.role = m->who.role;
      s.name = m->who.name;
    }
    for (const auto& [source, m] : t.mentions)
      s.sources.push_back(options_.sources[source].label);
    s.tries = t.tries;
    if (wants_dial(at, t))
      s.next_attempt_in = std::max(t.next - now, duration{0});
    s.last_error = t.last_error;
  }
  return out;
}

}  // namespace beamline::net
