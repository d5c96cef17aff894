#include "program/control/reload_verb.hpp"

namespace beamline::program::control {

void add_reload_verb(dispatcher& verbs, reloader& reloads) {
  verbs.add("reload", "reads the configuration again and applies what can be applied", {},
            [&reloads](const json&, answer reply) {
              auto report = reloads.reload("remote");
              auto all = to_json(report);
              if (report.is_refused())
                return reply.fail({errc::invalid, to_text(report)}, all);
              all["text"] = to_text(report);
              reply.ok(all);
            });
}

}  // namespace beamline::program::control
