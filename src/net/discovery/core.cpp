#include "net/discovery/core.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace beamline::net {

namespace {

using kind = discovery_note::kind;

std::string_view word_of(const std::optional<source_answer::kind>& k) {
  if (!k)
    return "not asked yet";
  switch (*k) {
    case source_answer::kind::found: return "found";
    case source_answer::kind::nobody: return "nobody";
    case source_answer::kind::partial: return "partial";
    case source_answer::kind::failed: return "failed";
  }
  return "unknown";
}

}  // namespace

discovery_core::discovery_core(options o, random_source& random, time_point now)
    : random_{random},
      targets_{o.targets, random},
      rounds_{{.sources = o.targets.sources.size(), .interval = o.interval, .answer_within = o.answer_within}, now} {
  for (const auto& s : o.targets.sources)
    sources_.push_back({.label = s.label, .is_often_empty = s.is_hearsay});
}

void discovery_core::answered(std::uint64_t round, std::size_t source, source_answer a, time_point now) {
  if (rounds_.answered(round, source))
    take(source, std::move(a), now);
}

void discovery_core::heard(std::size_t source, std::vector<proposal> found, time_point now) {
  source_answer a{.what = source_answer::kind::found, .found = std::move(found)};
  bound(sources_[source], a);
  targets_.heard(source, a.found, now);
}

void discovery_core::take(std::size_t source, source_answer a, time_point now) {
  auto& s = sources_[source];
  note_change(s, a);
  s.last = a.what;
  s.why = a.why;
  if (a.what == source_answer::kind::failed) {
    ++now_.failed;
    return;
  }
  bound(s, a);
  s.answered_at = now;
  s.addresses = a.found.size();
  now_.addresses += a.found.size();
  bool is_whole = a.what != source_answer::kind::partial;
  now_.added += is_whole ? targets_.answered(source, a.found, now) : targets_.heard(source, a.found, now);
}

/// Each address once, in order, and not too many.
void discovery_core::bound(source_state& s, source_answer& a) {
  auto earlier = [](const proposal& x, const proposal& y) { return x.at < y.at; };
  std::stable_sort(a.found.begin(), a.found.end(), earlier);
  a.found.erase(
      std::unique(a.found.begin(), a.found.end(), [](const proposal& x, const proposal& y) { return x.at == y.at; }),
      a.found.end());
  auto excess = a.found.size() - std::min(a.found.size(), answer_max);
  a.found.resize(a.found.size() - excess);
  bool is_odd = excess + a.unusable > 0;
  if (is_odd && !s.is_excess_noted)
    notes_.push_back({.what = kind::query_excess,
                      .source = s.label,
                      .detail = excess > 0 ? "only the first " + std::to_string(answer_max) + " are taken"
                                           : "what is no address is left out",
                      .count = excess + a.unusable});
  s.is_excess_noted = is_odd;
}

void discovery_core::note_change(source_state& s, const source_answer& a) {
  if (s.last == a.what)
    return;
  discovery_note n{.source = s.label, .detail = a.why, .count = a.found.size()};
  auto is_trouble = [](source_answer::kind k) {
    return k == source_answer::kind::failed || k == source_answer::kind::partial;
  };
  if (is_trouble(a.what))
    n.what = kind::query_fails;
  else if (s.last && is_trouble(*s.last))
    n.what = kind::query_works;
  else if (a.what == source_answer::kind::nobody && !s.is_often_empty)
    n.what = kind::query_empty;
  else
    return;  // Its addresses are told of.
  notes_.push_back(std::move(n));
}

std::uint64_t discovery_core::refresh(time_point now) {
  rounds_.hurry(now);
  targets_.hurry(now);
  return rounds_.number() + 1;
}

discovery_core::actions discovery_core::next(time_point now) {
  actions out;
  for (auto source : rounds_.expired(now))
    take(source, {.why = "no answer in " + std::to_string(to_ms(now - rounds_.began())) + " ms"}, now);
  if (auto took = rounds_.finished(now)) {
    out.over = std::exchange(now_, {});
    out.over->number = rounds_.number();
    out.over->took = *took;
  }
  if (rounds_.begin(now, random_)) {
    out.ask = rounds_.number();
    targets_.round_begins();
  }
  targets_.forget(now);
  out.disconnects = targets_.expelled();
  out.dials = targets_.due(now);
  out.notes = std::exchange(notes_, {});
  std::ranges::move(targets_.take_notes(), std::back_inserter(out.notes));
  return out;
}

time_point discovery_core::wake() const {
  auto first = targets_.next();
  return first ? std::min(*first, rounds_.next()) : rounds_.next();
}

discovery_status discovery_core::status(time_point now) const {
  discovery_status out;
  out.targets = targets_.status(now);
  for (const auto& s : sources_)
    out.sources.push_back({s.label, std::string{word_of(s.last)}, s.addresses, s.why,
                           s.answered_at ? std::optional{now - *s.answered_at} : std::nullopt});
  out.rounds = rounds_.number();
  out.is_round_under_way = rounds_.is_under_way();
  out.next_round_in = std::max(rounds_.next_round() - now, duration{0});
  out.attempts = targets_.attempts();
  return out;
}

}  // namespace beamline::net
