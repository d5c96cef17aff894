#include "sim/links/errands.hpp"

#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "net/rpc/server.hpp"
#include "sim/links/events.hpp"
#include "sim/links/setup.hpp"

#include <stdexcept>
#include <vector>

namespace beamline::linked {

using namespace net::rpc;

namespace {

constexpr std::uint64_t thinking_us_max = 120'000;

/// In a worker of the rpc process.
void run(const errand& e, call_context& c, const responder<souvenir>& answer) {
  auto& env = c.self().env();
  env.events().emit(served{c.self().self().id(), e.client.node().incarnation, e.client.id(), e.number});
  souvenir value{e.number, env.self()->name};
  switch (e.how) {
    case manner::quick: return answer.set(value);
    case manner::slow:
      c.run_after(std::chrono::microseconds{env.random().below(thinking_us_max)},
                  [answer, value] { answer.set(value); });
      return;
    case manner::dying: throw exit_with{reason::custom("an errand was the end of it")};
    case manner::refusing: throw std::runtime_error{"no such souvenir"};
  }
}

}  // namespace

behavior errand_host::init() {
  auto p = function_procedure<errand, souvenir>(
      [](const errand& e, call_context& c, const responder<souvenir>& answer) { run(e, c, answer); });
  cast(rpc_on(env()), register_procedures{{p}, self()});
  return reside("errand_host");
}

behavior errand_client::init() {
  keep(25ms, [this] { go(); });
  keep(80ms, [this] { go_round(); });
  return reside("errand_client");
}

errand errand_client::next() {
  errand e{self(), ++last_, manner::quick};
  if (auto draw = below(16); draw < 6)
    e.how = manner::slow;
  else if (draw == 6)
    e.how = manner::dying;
  else if (draw == 7)
    e.how = manner::refusing;
  return e;
}

time_limit errand_client::draw_limit() {
  if (below(3) == 0)
    return time_limit::infinity();
  return below(100ms);
}

void errand_client::go() {
  auto e = next();
  const auto& node = some_node();
  env().events().emit(asked{self().id(), e.number, node, 0});
  net::rpc::call<souvenir>(*this, node, e, draw_limit()).then([this, e](const outcome<souvenir>& o) { tell(e, 0, o); });
}

void errand_client::go_round() {
  const auto& all = env().get<setup>().nodes;
  std::vector<std::string> nodes;
  for (auto n = 1 + below(4); n > 0; --n)
    nodes.push_back(all[below(all.size())]);
  auto e = next();
  for (std::size_t i = 0; i < nodes.size(); ++i)
    env().events().emit(asked{self().id(), e.number, nodes[i], i});
  multicall<souvenir>(*this, nodes, e, draw_limit()).then([this, e](const std::vector<outcome<souvenir>>& outcomes) {
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      tell(e, i, outcomes[i]);
  });
}

void errand_client::tell(const errand& e, std::uint64_t place, const outcome<souvenir>& o) {
  if (const auto* s = std::get_if<souvenir>(&o)) {
    env().events().emit(answered{self().id(), e.number, place, "ok", s->number, s->node});
    return;
  }
  const auto& f = std::get<failure>(o);
  const auto* own = f.as<rpc_error>();
  env().events().emit(
      answered{self().id(), e.number, place, own != nullptr ? to_string(own->what) : status_of(f), 0, {}});
}

}  // namespace beamline::linked
