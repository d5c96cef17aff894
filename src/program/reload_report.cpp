#include "program/reload_report.hpp"

#include "base/json.hpp"

#include <algorithm>

namespace beamline::program {

namespace {

using state = reloaded_key::state;

std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string{n == 1 ? one : many};
}

std::string headline(const reload_report& r) {
  if (r.is_refused())
    return "nothing was changed: the configuration has " + counted(r.problems.size(), "problem", "problems");
  if (r.keys.empty())
    return "nothing has changed";
  std::string out;
  auto add = [&](std::size_t n, std::string_view one, std::string_view many) {
    if (n > 0)
      out += (out.empty() ? "" : ", ") + counted(n, one, many);
  };
  add(r.count(state::applied), "key is applied", "keys are applied");
  add(r.count(state::needs_restart), "key needs a restart", "keys need a restart");
  add(r.count(state::failed), "key could not be applied", "keys could not be applied");
  return out;
}

std::string shown(const std::string& value) { return value.empty() ? "nothing" : value; }

std::string line(const reloaded_key& k) {
  auto out = "  " + k.what.path + " " + shown(k.what.before) + " -> " + shown(k.what.after) + " ("
           + std::string{to_string(k.what.how)} + ", " + config::to_string(k.what.from) + "): ";
  switch (k.then) {
    case state::applied: return out + "applied";
    case state::needs_restart: out += "needs a restart"; break;
    case state::failed: out += "failed"; break;
  }
  return out + ", " + shown(k.in_effect()) + " stays in effect" + (k.why.empty() ? "" : "; " + k.why);
}

}  // namespace

std::string_view to_string(state s) {
  switch (s) {
    case state::applied: return "applied";
    case state::needs_restart: return "needs_restart";
    case state::failed: return "failed";
  }
  return "unknown";
}

std::size_t reload_report::count(state s) const {
  return static_cast<std::size_t>(std::ranges::count(keys, s, &reloaded_key::then));
}

json to_json(const reload_report& r) {
  json out{{"problems", r.problems}, {"warnings", r.warnings}, {"keys", json::array()}};
  auto value = [](const std::string& toml) { return toml.empty() ? json{} : json(toml); };
  for (const auto& k : r.keys) {
    json one{{"key", k.what.path},
             {"change", to_string(k.what.how)},
             {"before", value(k.what.before)},
             {"after", value(k.what.after)},
             {"from", config::to_string(k.what.from)},
             {"state", to_string(k.then)},
             {"in_effect", value(k.in_effect())}};
    if (!k.why.empty())
      one["why"] = k.why;
    out["keys"].push_back(std::move(one));
  }
  for (auto s : {state::applied, state::needs_restart, state::failed})
    out[std::string{to_string(s)}] = r.count(s);
  return out;
}

std::string to_text(const reload_report& r) {
  auto out = headline(r);
  for (const auto& p : r.problems)
    out += "\n  " + p;
  for (const auto& k : r.keys)
    out += "\n" + line(k);
  for (const auto& w : r.warnings)
    out += "\n  warning: " + w;
  return out;
}

}  // namespace beamline::program
