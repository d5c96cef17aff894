#include "sim/presence/broadcaster.hpp"

#include "base/telemetry.hpp"
#include "sim/presence/events.hpp"
#include "sim/presence/setup.hpp"

namespace beamline::gathering {

behavior broadcaster::init() {
  const std::string own_topic = post_topics[0];
  if (auto* main = pubsub::find_system(env()); main != nullptr && main->subscribe(self(), own_topic))
    env().events().emit(subscriptions_changed{self().id(), pubsub::default_system, own_topic, 1, 1});
  keep(
      12ms, [this] { speak(); }, [this] { speak(); });
  return reside("broadcaster", [this](const post& m) {
    const auto& by = m.from.node();
    env().events().emit(post_heard{self().id(), pubsub::default_system, m.system, m.topic, by.name, by.incarnation,
                                   m.from.id(), m.number});
  });
}

void broadcaster::speak() {
  std::string name{pubsub::default_system};
  if (below(4) == 0)
    name = private_system_of(env().self()->name);
  auto* system = pubsub::find_system(env(), name);
  if (system == nullptr)
    return;
  const std::string topic = post_topics[below(post_topics.size())];
  auto kind = is_kept(topic) ? pubsub::topic_class::last_value : pubsub::topic_class::fire_and_forget;
  auto number = ++last_;
  auto m = share(post{self(), name, topic, number});
  auto how = below(6);
  auto to = how == 0 && !is_kept(topic) ? "here" : how == 1 ? "others" : "all";
  env().events().emit(posted{self().id(), name, topic, number, to});
  auto told = to == std::string_view{"here"} ? system->local_broadcast(*this, topic, kind, m)
            : how == 1                       ? system->broadcast_from(*this, topic, kind, m)
                                             : system->broadcast(*this, topic, kind, m);
  if (!told)
    env().events().emit(post_refused{self().id(), number});
}

}  // namespace beamline::gathering
