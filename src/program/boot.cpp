#include "program/boot.hpp"

#include "program/reloader.hpp"
#include "program/running_node.hpp"

namespace beamline::program {

namespace {

/// Until the node is to end; reloads on the way.
stop_signal::event wait_for_end(stop_signal& stop, reloader& reloads) {
  for (;;) {
    auto event = stop.wait();
    if (!event.is_reload())
      return event;
    (void)reloads.reload(event.because);  // The log says what came of it.
  }
}

}  // namespace

result<void> run_node(const settings_schema& schema, const config::sources& from, const config::loaded& loaded,
                      stop_signal& stop) {
  system_clock clock;
  system_random random;
  auto who = take_identity(loaded.get(schema.node), clock, random);
  if (!who)
    return who.error();
  auto log = logger::open(loaded.get(schema.log), clock, who->name.text());
  if (!log)
    return log.error();
  (*log)->info("node", "starting",
               {{"name", who->name.text()}, {"incarnation", who->incarnation}, {"data_dir", who->data_dir.string()}});
  if (who->is_secret_made)
    (*log)->warn("node",
                 "BEAMLINE_SECRET is not set: using one made in the data directory; hosts of one site need "
                 "the same one",
                 {{"data_dir", who->data_dir.string()}});

  reloader reloads{schema.all(), from, loaded, **log};
  running_node running{schema, reloads, std::move(*who), **log, stop};
  auto outcome = running.start();
  if (outcome) {
    (*log)->info("node", "ready");
    auto event = wait_for_end(stop, reloads);
    (*log)->info("node", "ending", {{"because", event.because}});
    if (event.is_failure())
      outcome = error{errc::unavailable, event.because};
  }
  stop.let_next_one_kill();
  auto ended = running.end();
  if (outcome && ended)
    (*log)->info("node", "ended");
  return outcome ? ended : outcome;
}

}  // namespace beamline::program
