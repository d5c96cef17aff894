#include "sim/presence/listener.hpp"

#include "base/telemetry.hpp"
#include "sim/presence/events.hpp"
#include "sim/presence/setup.hpp"

namespace beamline::gathering {

behavior listener::init() {
  for (int i = 0; i < 4; ++i)
    change();
  keep(120ms, [this] { change(); });
  return reside(name_, [this](const post& m) {
    const auto& by = m.from.node();
    env().events().emit(
        post_heard{self().id(), system_, m.system, m.topic, by.name, by.incarnation, m.from.id(), m.number});
  });
}

void listener::change() {
  auto* system = pubsub::find_system(env(), system_);
  if (system == nullptr)
    return;
  const std::string topic = post_topics[below(post_topics.size())];
  auto& t = topics_[topic];
  auto what = below(4);
  if (t.now < subscriptions_max && what < 2) {
    if (auto one = system->subscribe(self(), topic)) {
      t.last = *one;
      ++t.now;
      ++t.ever;
    }
  } else if (what == 2) {
    (void)system->unsubscribe(self(), topic);
    t.now = 0;
  } else if (t.last != nullptr) {
    t.now -= system->unsubscribe(t.last);
    t.last.reset();
  }
  tell(topic);
}

void listener::tell(const std::string& topic) {
  const auto& t = topics_[topic];
  env().events().emit(subscriptions_changed{self().id(), system_, topic, t.now, t.ever});
}

}  // namespace beamline::gathering
