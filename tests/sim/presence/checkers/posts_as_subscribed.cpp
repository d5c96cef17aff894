#include "sim/presence/checkers/posts_as_subscribed.hpp"

#include "actors/events.hpp"
#include "sim/presence/setup.hpp"
#include "testing/check/evidence.hpp"

#include <algorithm>

namespace beamline::gathering {

namespace {

// What went into a lane that was held up is lost with its link, so much later at most.
constexpr duration under_way_max = 2s;

std::string name_of(std::string_view node, std::uint64_t speaker, std::uint64_t number) {
  return "post " + std::to_string(number) + " of <" + std::string{node} + "." + std::to_string(speaker) + ">";
}

}  // namespace

void posts_as_subscribed::on_start(testing::simulated_node& n) {
  auto run = n.incarnation();
  listen<posted>(n, [this, &n, run](const posted& e) {
    said p{n.name(), std::string{e.system}, std::string{e.topic}, std::string{e.to}, {}, n.world().now(), ++moment_};
    for (const auto& m : n.world().machines())
      if (troubles_.are_linked(n.name(), m->name()))
        p.reachable.insert(m->name());
    posts_[{run, e.process, e.number}] = std::move(p);
  });
  listen<post_refused>(n, [this, run](const post_refused& e) { posts_[{run, e.process, e.number}].is_refused = true; });
  listen<subscriptions_changed>(n, [this, &n, run](const subscriptions_changed& e) {
    auto& l = listeners_[{run, e.process}];
    l.node = n.name();
    l.system = e.system;
    l.topics[std::string{e.topic}].push_back({++moment_, e.now, e.ever});
  });
  listen<post_heard>(n, [this, &n](const post_heard& e) { hear(n, e); });
  listen<process_ended>(n, [this, run](const process_ended& e) { listeners_.erase({run, e.id}); });
}

void posts_as_subscribed::on_end(testing::simulated_node& n, testing::node_end how) {
  std::erase_if(listeners_, [&](const auto& l) { return l.first.first == n.incarnation(); });
  telemetry_checker::on_end(n, how);
}

posts_as_subscribed::change posts_as_subscribed::at(const std::vector<change>& all, std::uint64_t moment) {
  change last;
  for (const auto& c : all)
    if (c.moment <= moment)
      last = c;
  return last;
}

void posts_as_subscribed::hear(testing::simulated_node& n, const post_heard& e) {
  auto& l = listeners_[{n.incarnation(), e.process}];
  const auto& p = posts_[{e.run, e.speaker, e.number}];
  auto copies = ++l.heard[{e.run, e.speaker, e.number}];
  auto told = who(n, e.process) + " at " + moment(n.world()) + " heard " + name_of(e.by, e.speaker, e.number) + " to "
            + std::string{e.system} + "/" + std::string{e.topic};
  if (e.of != e.system)
    return fail(told + ", which was made in the system " + std::string{e.of} + " (I21)");
  if (p.is_refused || p.at == time_point{})
    return fail(told + ", which was never made (I17)");
  if (p.to == "others" && e.run == n.incarnation() && e.speaker == e.process)
    return fail(told + ", its own, which was for others only (I19)");
  if (p.to == "here" && e.run != n.incarnation())
    return fail(told + ", which was for its own node only (I17)");
  const auto& all = l.topics[std::string{e.topic}];
  auto then = at(all, p.moment);
  std::uint64_t most = then.now;
  if (is_kept(e.topic)) {
    most += all.empty() ? 0 : all.back().ever - then.ever;  // Later ones are given the current value.
  } else {
    for (const auto& c : all)
      if (c.moment > p.moment)
        most = std::max(most, c.now);
  }
  if (copies > most)
    fail(told + ", copy " + std::to_string(copies) + ", and had " + std::to_string(most)
         + (most == 0 ? " subscriptions since it was made (I20)" : " subscriptions to it (I17)"));
}

bool posts_as_subscribed::is_undisturbed(const said& p, const listening& l) const {
  if (p.node == l.node)
    return true;
  auto from = p.at - warm_up_, to = p.at + under_way_max;
  return p.reachable.contains(l.node) && !troubles_.was_any_between(p.node, l.node, from, to)
      && !troubles_.was_any_on(p.node, "pubsub", from, to) && !troubles_.was_any_on(l.node, "pubsub", from, to);
}

void posts_as_subscribed::at_end(testing::world& w) {
  for (const auto& [who, l] : listeners_)
    for (const auto& [id, p] : posts_) {
      auto [run, speaker, number] = id;
      auto topic = l.topics.find(p.topic);
      if (p.is_refused || p.at + delivery_ > w.now() || p.system != l.system || topic == l.topics.end()
          || is_kept(p.topic) || (p.to == "here" && run != who.first)
          || (p.to == "others" && std::pair{run, speaker} == who))
        continue;
      auto then = at(topic->second, p.moment);
      if (then.now == 0 || topic->second.back().moment > p.moment || !is_undisturbed(p, l))
        continue;
      auto copies = l.heard.contains(id) ? l.heard.at(id) : 0;
      if (copies != then.now)
        return fail("<" + l.node + "." + std::to_string(who.second) + "> heard " + name_of(p.node, speaker, number)
                    + " to " + p.system + "/" + p.topic + " " + std::to_string(copies) + " times, with "
                    + std::to_string(then.now) + " subscriptions and nothing in its way (I17)");
    }
}

}  // namespace beamline::gathering
