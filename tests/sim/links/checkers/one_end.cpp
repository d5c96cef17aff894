#include "sim/links/checkers/one_end.hpp"

#include "sim/links/checkers/connection_with.hpp"

namespace beamline::linked {

using testing::moment;
using testing::simulated_node;
using testing::who;

void one_end::on_start(simulated_node& n) {
  auto here = n.incarnation();
  listen<process_ended>(n, [this, here](const process_ended& e) {
    ended_.insert({here, e.id});
    open_.erase({here, e.id});
  });
  listen<net::link_changed>(n, [this, here](const net::link_changed& e) {
    if (e.status == "up")
      return;
    for (auto i = open_.lower_bound({here, 0}); i != open_.end() && i->first.first == here; ++i)
      for (auto& [ref, w] : i->second)
        w.is_lost = w.is_lost || (w.connection != 0 && w.node == e.node);
  });
  listen<watch_begun>(n, [this, &n](const watch_begun& e) {
    open_[{n.incarnation(), e.process}][e.ref] = {std::string{e.node},
                                                  e.incarnation,
                                                  e.target,
                                                  connection_with(n, e.node),
                                                  false,
                                                  "the watch " + std::to_string(e.ref) + " of " + who(n, e.process)
                                                      + " on process " + std::to_string(e.target) + " of "
                                                      + std::string{e.node} + ", begun at " + moment(n.world())};
  });
  listen<watch_over>(n, [this, &n](const watch_over& e) { over(n, e); });
  listen<status_seen>(n, [this, &n](const status_seen& e) {
    if (e.is_up)
      return;
    for (const auto& [ref, w] : open_[{n.incarnation(), e.process}])
      if (w.node == e.node && w.connection == e.connection)
        fail(w.words + ", has not fired when its process is told at " + moment(n.world())
             + " that the node is down (D52)");
  });
  listen<word_heard>(n, [this, &n](const word_heard& e) {
    if (told_[{n.incarnation(), e.process}].contains({e.run, e.mayfly}))
      fail(who(n, e.process) + " at " + moment(n.world()) + " hears word " + std::to_string(e.number) + " of process "
           + std::to_string(e.mayfly) + ", whose end it was told before (D61)");
  });
}

void one_end::on_end(simulated_node& n, testing::node_end how) {
  telemetry_checker::on_end(n, how);
  open_.erase(open_.lower_bound({n.incarnation(), 0}), open_.lower_bound({n.incarnation() + 1, 0}));
}

void one_end::over(simulated_node& n, const watch_over& e) {
  auto& mine = open_[{n.incarnation(), e.process}];
  auto i = mine.find(e.ref);
  if (i == mine.end())
    return fail(who(n, e.process) + " at " + moment(n.world()) + " is told \"" + std::string{e.why} + "\" by its watch "
                + std::to_string(e.ref) + ", which is over (I8)");
  auto w = std::move(i->second);
  mine.erase(i);
  if (e.why.empty())
    return;
  if (e.why == "noconnection") {
    if (w.connection != 0 && !w.is_lost)
      fail(w.words + ", fires with noconnection at " + moment(n.world()) + ", although the connection has not ended");
    return;
  }
  if (w.target == 0)
    return;  // Of whoever had a name.
  // A run of a node that is over took all of its processes along.
  auto is_over = ended_.contains({w.run, w.target}) || n.world().find_node(w.node) == nullptr
              || n.world().find_node(w.node)->incarnation() != w.run;
  if (!is_over)
    fail(w.words + ", fires with \"" + std::string{e.why} + "\" at " + moment(n.world()) + ", but the process lives");
  told_[{n.incarnation(), e.process}].insert({w.run, w.target});
}

void one_end::on_step(const process& to, const caf::mailbox_element* m) {
  if (m == nullptr || !m->content().match_elements<down_signal>())
    return;
  auto self = to.self();
  auto ref = m->content().get_as<down_signal>(0).ref;
  if (!signals_.insert({self.node().incarnation, self.id(), ref}).second)
    fail("<" + self.node().name + "." + std::to_string(self.id()) + "> is told twice by its watch "
         + std::to_string(ref) + " (I8)");
}

bool one_end::have_all_fired(testing::world& w, std::string& why) const {
  for (const auto& [watcher, all] : open_)
    for (const auto& [ref, o] : all) {
      auto* there = w.find_node(o.node);
      auto is_over =
          there == nullptr || (o.target != 0 && (there->incarnation() != o.run || ended_.contains({o.run, o.target})));
      if (o.connection != 0 && !o.is_lost && !is_over)
        continue;
      why = o.words + ", has not fired, although the process or the connection has ended (I8)";
      return false;
    }
  return true;
}

std::size_t one_end::open() const {
  std::size_t sum = 0;
  for (const auto& [watcher, all] : open_)
    sum += all.size();
  return sum;
}

}  // namespace beamline::linked
