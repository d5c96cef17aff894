#include "net/discovery/discovery.hpp"

#include "actors/peers.hpp"
#include "base/log.hpp"
#include "net/discovery/events.hpp"
#include "net/discovery/log_notes.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace beamline::net {

discovery::discovery(process_context& c, discovery_options o, discovery_ports p)
    : process{c}, options_{std::move(o)}, ports_{std::move(p)} {}

behavior discovery::init() {
  open_sources();
  if (sources_.empty()) {
    env().log().warn("discovery",
                     "nowhere to look for other nodes: set cluster.peers, cluster.queries or BEAMLINE_REMOTE_DNS");
    return ignore_start();
  }
  if (auto named = register_as("discovery"); !named)
    throw std::logic_error{"discovery: " + named.error().message};
  discovery_core::options o{.interval = options_.interval, .answer_within = options_.answer_within};
  o.targets.own_name = env().self()->name;
  for (const auto& e : options_.own)
    if (auto at = canonical_endpoint(e))
      o.targets.own.push_back(*at);
  for (const auto& s : sources_)
    o.targets.sources.push_back({s->label(), s.get() == hints_});
  o.targets.attempts_max = options_.attempts_max;
  o.targets.back_off_min = options_.back_off_min;
  o.targets.back_off_max = options_.back_off_max;
  o.targets.forget_after = options_.forget_after;
  o.targets.is_strict = options_.has_strict_membership;
  core_ = std::make_unique<discovery_core>(std::move(o), env().random(), now());
  for (const auto& p : env().peers().subscribe_with_snapshot(self(), node_kinds::all))
    core_->up(p.identity.name, now());
  if (hints_ != nullptr)
    watch_hints(sources_.size() - 1);
  proceed();
  return handlers(
      [this](const node_up& m) {
        core_->up(m.peer.identity.name, now());
        proceed();
      },
      [this](const node_down& m) {
        core_->down(m.peer.identity.name, m.why, now());
        proceed();
      },
      [this](const discovery_refresh&) { return handle_refresh(); },
      [this](const get_discovery_status&) { return core_->status(now()); });
}

/// In the order in which they decide who is expected at an address that several of them name.
void discovery::open_sources() {
  if (!options_.peers.empty())
    sources_.push_back(std::make_unique<static_source>(options_.peers));
  if (ports_.names != nullptr && ports_.loop != nullptr)
    for (const auto& q : options_.queries) {
      if (q.records.a || q.records.aaaa)
        sources_.push_back(std::make_unique<dns_source>(q, dns_record::address, *ports_.names, *ports_.loop));
      if (q.records.srv)
        sources_.push_back(std::make_unique<dns_source>(q, dns_record::service, *ports_.names, *ports_.loop));
    }
  if (options_.follows_hints && !options_.has_strict_membership && ports_.hints) {
    auto hints = std::make_unique<hint_source>();
    hints_ = hints.get();
    sources_.push_back(std::move(hints));
  }
}

void discovery::watch_hints(std::size_t source) {
  ports_.hints(resume_with([this, source](const std::vector<links::hint>& hints) {
    core_->heard(source, hints_->told(hints), now());
    proceed();
  }));
}

void discovery::ask(std::uint64_t round) {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    sources_[i]->resolve(resume_with([this, round, i](source_answer a) {
      core_->answered(round, i, std::move(a), now());
      proceed();
    }));
}

void discovery::dial(const discovery_targets::dial& d) {
  auto address = to_string(d.at);
  env().events().emit(discovery_attempt_started{.address = address, .role = d.who.role});
  ports_.dial(d.at, d.who,
              resume_with([this, attempt = d.attempt](const connect_outcome& o) { attempt_ended(attempt, o); }));
}

void discovery::attempt_ended(std::uint64_t attempt, const connect_outcome& o) {
  if (auto end = core_->attempt_done(attempt, o, now())) {
    auto address = to_string(end->at);
    env().events().emit(
        discovery_attempt_done{.address = address, .node = o.peer, .outcome = word_of(o.what), .took = end->took});
  }
  proceed();
}

discovery::deferred discovery::handle_refresh() {
  auto answer = promise<discovery_refreshed>();
  if (refreshes_.size() >= refreshes_max) {
    answer.fail(call_error{call_error::kind::busy, {}});
    return answer;
  }
  refreshes_.emplace(core_->refresh(now()), answer);
  proceed();
  return answer;
}

void discovery::finish(const discovery_core::round_summary& r) {
  env().events().emit(discovery_round_done{
      .round = r.number, .addresses = r.addresses, .added = r.added, .failed = r.failed, .took = r.took});
  auto end = refreshes_.upper_bound(r.number);
  for (auto i = refreshes_.begin(); i != end; ++i)
    i->second.set(discovery_refreshed{r.addresses, r.added, r.failed});
  refreshes_.erase(refreshes_.begin(), end);
}

void discovery::proceed() {
  auto todo = core_->next(now());
  for (const auto& n : todo.notes)
    log_note(env().log(), n);
  if (todo.over)
    finish(*todo.over);
  for (const auto& node : todo.disconnects)
    if (ports_.disconnect)
      ports_.disconnect(node);
  for (const auto& d : todo.dials)
    dial(d);
  if (todo.ask)
    ask(*todo.ask);
  if (alarm_ != 0)
    cancel(alarm_);
  alarm_ = run_after(std::max(core_->wake() - now(), duration{0}), [this] {
    alarm_ = 0;
    proceed();
  });
}

}  // namespace beamline::net
