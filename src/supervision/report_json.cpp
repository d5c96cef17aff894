#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "supervision/report.hpp"

namespace beamline::supervision {

namespace {

json pid_or_null(const pid& p) { return p ? json(to_string(p)) : json(nullptr); }

json ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

}  // namespace

json to_json(const report& r) {
  json out{{"kind", to_string(r.what)},
           {"level", to_string(level_of(r))},
           {"supervisor", {{"pid", pid_or_null(r.supervisor)}, {"label", r.supervisor_label}}},
           {"child",
            {{"id", r.id},
             {"pid", pid_or_null(r.child)},
             {"kind", r.child_kind},
             {"restart", to_string(r.restart)},
             {"type", to_string(r.type)},
             {"significant", r.significant},
             {"shutdown", to_string(r.shutdown)},
             {"incarnation", r.incarnation}}},
           {"children", r.children},
           {"strategy", to_string(r.strategy)},
           {"restarts_in_period", r.restarts_in_period},
           {"intensity", r.intensity},
           {"is_restarting", r.is_restarting},
           {"is_api_start", r.is_api_start},
           {"affected", r.affected},
           {"lived_ms", ms(r.lived)},
           {"took_ms", ms(r.took)},
           {"handling_for_ms", ms(r.handling_for)},
           {"last_message", r.last_message},
           {"text", to_string(r)}};
  out["reason"] =
      r.what == report::kind::progress ? json(nullptr) : json{{"kind", to_string(r.why.why)}, {"text", r.why.text}};
  return out;
}

}  // namespace beamline::supervision
