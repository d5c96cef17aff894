#include "sim/links/mourner.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

namespace beamline::linked {

behavior mourner::init() {
  keep(
      20ms,
      [this] {
        begin_watch(called(some_node(), "witness"));
        if (!watches_.empty() && below(3) == 0)
          let_be(watches_.begin()->first);
      },
      [this] {
        if (is_at_rest())
          let_all_be();
      });
  return reside(
      "mourner", [this](const greeting& m) { begin_watch(m.who); }, [this](const born& m) { handle(m); },
      [this](const word& m) {
        env().events().emit(word_heard{self().id(), m.who.node().incarnation, m.who.id(), m.number});
      });
}

void mourner::met(const node_identity& who) {
  if (is_load_on())
    begin_watch(called(who.name, "witness"));
}

void mourner::handle(const born& m) {
  if (below(4) != 0)
    begin_watch(m.who);
  switch (below(8)) {
    case 0: return exit(m.who, reason::custom("so the mourner wants it"));
    case 1: return exit(m.who, reason::kill());
    case 2: return exit(m.who, reason::normal());  // Which does nothing.
    default: return;
  }
}

void mourner::begin_watch(const pid& who) {
  auto number = ++last_;
  const auto& node = who.node();
  env().events().emit(watch_begun{self().id(), number, node.name, node.incarnation, who.id()});
  watches_[number] = watch(who, [this, number](const reason& why) {
    watches_.erase(number);
    env().events().emit(watch_over{self().id(), number, to_string(why)});
  });
}

void mourner::let_be(std::uint64_t number) {
  unwatch(watches_.at(number));
  watches_.erase(number);
  env().events().emit(watch_over{self().id(), number, {}});
}

void mourner::let_all_be() {
  while (!watches_.empty())
    let_be(watches_.begin()->first);
}

}  // namespace beamline::linked
