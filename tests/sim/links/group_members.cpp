#include "sim/links/group_members.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

#include <algorithm>

namespace beamline::linked {

namespace groups = pubsub::groups;

namespace {

constexpr duration patience = 1s;
// A scope that ended is looked for again after this.
constexpr duration scope_pause = 1ms;

/// Is a member of groups, and ends with its joiner.
class idler final : public process {
public:
  using process::process;
  behavior init() override {
    link(parent());
    return handlers();
  }
};

}  // namespace

behavior joiner::init() {
  keep(20ms, [this] { change(); });
  return reside("joiner");
}

void joiner::change() {
  if (members_.size() < members_max && below(3) == 0) {
    auto one = spawn<idler>();
    members_.push_back(one);
    watch(one, [this, one](const reason&) { std::erase(members_, one); });
  }
  if (!members_.empty() && below(8) == 0)
    return exit(members_[below(members_.size())], reason::custom("it was a member for long enough"));
  auto one = members_.empty() || below(2) == 0 ? self() : members_[below(members_.size())];
  std::vector<pid> some(1 + below(2), one);
  std::string group = group_names[below(std::size(group_names))];
  auto ignore = [](const call_error&) {};
  if (below(2) == 0)
    call<void>(groups::scope_on(env()), groups::join{group, some}, patience).then([] {}, ignore);
  else
    call<void>(groups::scope_on(env()), groups::leave{group, some}, patience).then([] {}, ignore);
}

behavior follower::init() {
  auto follow_all = [this] {
    for (const auto* g : group_names)
      follow(g);
  };
  attend_scope();
  keep(50ms, follow_all, follow_all);
  return reside(
      "follower", [this](const groups::joined& m) { add(m); }, [this](const groups::left& m) { take(m); });
}

// With the scope its monitors go, and all it told. What it said last comes before that, what its successor says after.
void follower::attend_scope() {
  watch(groups::scope_on(env()), [this](const reason&) {
    for (auto& [name, g] : groups_)
      g = {0, {}, {}, g.is_asking};
    run_after(scope_pause, [this] { attend_scope(); });
  });
}

// A further monitor, whose first members are those at that point: what the one before told must have led there.
void follower::follow(const std::string& group) {
  auto& g = groups_[group];
  if (std::exchange(g.is_asking, true))
    return;
  call<groups::monitored>(groups::scope_on(env()), groups::monitor{group, self()}, patience)
      .then([this, group](const groups::monitored& m) { note(group, m); },
            [this, group](const call_error&) { groups_[group] = {}; });
}

void follower::note(const std::string& group, const groups::monitored& m) {
  auto& g = groups_[group];
  auto there = m.members;
  std::ranges::sort(there);
  if (g.ref != 0 && g.wrong.empty() && g.members != there)
    g.wrong = "it was told of " + std::to_string(g.members.size()) + " members, and there are "
            + std::to_string(there.size());
  env().events().emit(group_followed{self().id(), group, there.size(), g.wrong});
  if (g.ref != 0)
    call<bool>(groups::scope_on(env()), groups::demonitor{g.ref}, patience).then([](bool) {}, [](const call_error&) {});
  g = {m.ref, std::move(there), {}, false};
}

void follower::add(const groups::joined& m) {
  auto& g = groups_[m.group];
  if (m.ref != g.ref)
    return;
  g.members.insert(g.members.end(), m.members.begin(), m.members.end());
  std::ranges::sort(g.members);
}

void follower::take(const groups::left& m) {
  auto& g = groups_[m.group];
  if (m.ref != g.ref)
    return;
  for (const auto& p : m.members) {
    auto i = std::ranges::find(g.members, p);
    if (i != g.members.end())
      g.members.erase(i);
    else if (g.wrong.empty())
      g.wrong = "it was told that " + to_string(p) + " left, which was no member";
  }
}

void follower::lost(const node_identity& who) {
  for (const auto& p : env().peers().list(node_kinds::all))
    if (p.identity.name == who.name)
      return;  // It is back already.
  std::uint64_t ghosts = 0;
  for (const auto* g : group_names)
    for (const auto& p : groups::get_members(env(), g))
      ghosts += p.node().name == who.name ? 1 : 0;
  env().events().emit(ghosts_read{self().id(), who.name, ghosts});
}

}  // namespace beamline::linked
