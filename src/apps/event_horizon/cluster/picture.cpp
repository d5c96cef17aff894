#include "apps/event_horizon/cluster/picture.hpp"

#include "apps/event_horizon/owners.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace beamline::event_horizon {

namespace {

using names = std::map<std::string, std::string>;

names names_of(const picture_parts& p) {
  std::vector<std::string> all{p.here};
  for (const auto& [name, known] : p.others.nodes())
    all.push_back(name);
  for (const auto& e : p.others.events())
    all.push_back(e.node);
  if (p.buffer && p.buffer->target)
    all.push_back(*p.buffer->target);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return public_names(all);
}

std::vector<cluster_picture::node> nodes_of(const picture_parts& p, const names& shown, time_point now) {
  std::vector<cluster_picture::node> out;
  const auto is_one = [&](const std::string& name, const std::string& role) {
    return cluster::is_owner(p.remote_prefix, name, role);
  };
  out.push_back(
      {shown.at(p.here), p.role, p.version, true, true, rounded(now - p.started), {}, is_one(p.here, p.role)});
  for (const auto& [name, n] : p.others.nodes())
    out.push_back({shown.at(name), n.role, n.version, false, n.is_up, rounded(now - n.since),
                   n.is_up ? std::string{} : down_words(n.why), is_one(name, n.role)});
  std::stable_sort(out.begin() + 1, out.end(), [](const auto& a, const auto& b) { return a.is_up && !b.is_up; });
  return out;
}

/// Who is there, this host first.
std::vector<std::string> measured_nodes(const picture_parts& p) {
  std::vector<std::string> out{p.here};
  for (const auto& [name, n] : p.others.nodes())
    if (n.is_up && out.size() < measured_nodes_max)
      out.push_back(name);
  return out;
}

std::optional<duration> latency_between(const picture_parts& p, const std::string& from, const std::string& to,
                                        time_point now) {
  const auto said = p.reports.find(from);
  if (said == p.reports.end() || now - said->second.at > measured_for)
    return std::nullopt;
  for (const auto& l : said->second.said.links)
    if (l.node == to)
      return l.latency;
  return std::nullopt;
}

cluster_picture::outbox outbox_of(const net::outbox::status& s, const names& shown) {
  using state = cluster_picture::outbox::state;
  cluster_picture::outbox out;
  out.is = !s.is_ready  ? state::loading
         : s.is_failing ? state::failing
         : s.is_syncing ? state::sending
         : s.size > 0   ? state::waiting
                        : state::idle;
  out.size = s.size;
  out.entries_max = s.entries_max;
  out.octets = s.octets;
  out.octets_max = s.bytes_max;
  out.dead = s.dead;
  out.accepted = s.accepted;
  out.applied = s.applied;
  if (s.oldest)
    out.oldest = rounded(*s.oldest);
  if (s.target)
    out.target = shown.at(*s.target);
  return out;
}

}  // namespace

cluster_picture draw(const picture_parts& p, time_point now) {
  const auto shown = names_of(p);
  cluster_picture out;
  out.here = shown.at(p.here);
  out.nodes = nodes_of(p, shown, now);
  const auto measured = measured_nodes(p);
  for (const auto& from : measured) {
    out.measured.push_back(shown.at(from));
    auto& row = out.latencies.emplace_back();
    for (const auto& to : measured)
      row.push_back(from == to ? std::nullopt : latency_between(p, from, to, now));
  }
  if (p.buffer)
    out.buffer = outbox_of(*p.buffer, shown);
  out.waiting = p.waiting;
  out.calls = p.calls;
  for (const auto& e : p.others.events())
    out.events.push_back({e.at, shown.at(e.node), e.is_up, e.is_up ? std::string{} : down_words(e.why)});
  return out;
}

duration rounded(duration d) {
  constexpr auto day = 24h;
  if (d < 1min)
    return std::chrono::floor<std::chrono::seconds>(std::max(d, duration::zero()));
  if (d < 1h)
    return std::chrono::floor<std::chrono::minutes>(d);
  if (d < day)
    return std::chrono::floor<std::chrono::hours>(d);
  return d / day * day;
}

std::string span_words(duration d) {
  if (d < 1min)
    return std::to_string(d / 1s) + " s";
  if (d < 1h)
    return std::to_string(d / 1min) + " min";
  if (d < 24h)
    return std::to_string(d / 1h) + " h";
  const auto days = d / 24h;
  return std::to_string(days) + (days == 1 ? " day" : " days");
}

std::string ms_words(duration d) {
  const auto ms = static_cast<double>(d.count()) / 1e6;
  char text[32];
  std::snprintf(text, sizeof text, ms < 0.995 ? "%.2f ms" : ms < 9.95 ? "%.1f ms" : "%.0f ms", ms);
  return text;
}

}  // namespace beamline::event_horizon
