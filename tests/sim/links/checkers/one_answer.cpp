#include "sim/links/checkers/one_answer.hpp"

#include "sim/links/checkers/connection_with.hpp"

namespace beamline::linked {

using testing::moment;
using testing::simulated_node;
using testing::who;

void one_answer::on_start(simulated_node& n) {
  auto here = n.incarnation();
  listen<asked>(n, [this, &n, here](const asked& e) {
    ++asked_[{here, e.process, e.number}];
    open_[{here, e.process}][{e.number, e.place}] = {std::string{e.node}, connection_with(n, e.node),
                                                     "call " + std::to_string(e.number) + " of " + who(n, e.process)
                                                         + " to " + std::string{e.node} + ", made at "
                                                         + moment(n.world())};
  });
  listen<answered>(n, [this, &n](const answered& e) { done(n, e); });
  listen<served>(n, [this, &n](const served& e) {
    served_key key{e.run, e.asker, e.number};
    if (++served_[key] > asked_[key])
      fail("call " + std::to_string(e.number) + " of process " + std::to_string(e.asker) + " of run "
           + std::to_string(e.run) + " is served once more at " + moment(n.world()) + ", on " + n.name() + " (I11)");
  });
  listen<process_ended>(n, [this, here](const process_ended& e) { open_.erase({here, e.id}); });
  listen<status_seen>(n, [this, &n, here](const status_seen& e) {
    if (e.is_up)
      return;
    for (const auto& [key, c] : open_[{here, e.process}])
      // The outcomes of a multicall come together, when the last is there.
      if (c.node == e.node && c.connection == e.connection && asked_[{here, e.process, key.first}] == 1)
        fail(c.words + ", has no outcome when its process is told at " + moment(n.world())
             + " that the node is down (I10, D73)");
  });
}

void one_answer::on_end(simulated_node& n, testing::node_end how) {
  telemetry_checker::on_end(n, how);
  open_.erase(open_.lower_bound({n.incarnation(), 0}), open_.lower_bound({n.incarnation() + 1, 0}));
}

void one_answer::done(simulated_node& n, const answered& e) {
  auto& mine = open_[{n.incarnation(), e.process}];
  auto i = mine.find({e.number, e.place});
  if (i == mine.end())
    return fail(who(n, e.process) + " at " + moment(n.world()) + " gets another outcome, " + std::string{e.outcome}
                + ", of call " + std::to_string(e.number) + " (I10)");
  auto c = std::move(i->second);
  mine.erase(i);
  if (e.outcome != "ok")
    return;
  if (e.value != e.number)
    fail(c.words + ", gets the answer " + std::to_string(e.value) + " to another call");
  if (!e.from.empty() && e.from != c.node)
    fail(c.words + ", gets the answer of " + std::string{e.from} + " in its place (I13)");
  served_key key{n.incarnation(), e.process, e.number};
  if (++values_[key] > served_[key])
    fail(c.words + ", gets a value, but was not served (I11)");
}

std::size_t one_answer::open() const {
  std::size_t sum = 0;
  for (const auto& [process, calls] : open_)
    sum += calls.size();
  return sum;
}

}  // namespace beamline::linked
