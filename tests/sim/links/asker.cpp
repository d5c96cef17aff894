#include "sim/links/asker.hpp"

#include "base/telemetry.hpp"
#include "sim/links/events.hpp"

namespace beamline::linked {

behavior asker::init() {
  keep(12ms, [this] { ask(); });
  return reside("asker", [this](const greeting& m) { witnesses_[m.who.node().name] = m.who; });
}

void asker::ask() {
  const auto& node = some_node();
  question q{self(), ++last_, manner::quick};
  if (auto draw = below(16); draw < 8)
    q.how = manner::slow;
  else if (draw == 8)
    q.how = manner::dying;
  else if (draw == 9)
    q.how = manner::refusing;
  auto w = witnesses_.find(node);
  auto to = w != witnesses_.end() && below(3) == 0 ? w->second : called(node, "answerer");
  auto within = below(3) == 0 ? for_ever : below(80ms);
  env().events().emit(asked{self().id(), q.number, node, 0});
  call<std::uint64_t>(to, q, within)
      .then(
          [this, number = q.number](std::uint64_t value) {
            env().events().emit(answered{self().id(), number, 0, "ok", value, {}});
          },
          [this, number = q.number](const call_error& e) {
            env().events().emit(answered{self().id(), number, 0, to_string(e.what), 0, {}});
          });
}

}  // namespace beamline::linked
