#pragma once

#include "base/json_fwd.hpp"
#include "net/links.hpp"

#include <string>
#include <vector>

namespace beamline::program {

/// One link, for programs: {"name", "role", "incarnation", "up_for_ms", "latency_ms", ...}.
[[nodiscard]] json link_json(const net::link_stats& s);

/// All of them as a table, for people.
[[nodiscard]] std::string links_text(const std::vector<net::link_stats>& some);

/// `linked with b@host`, `nobody answers at 127.0.0.1:4401: ...`; for people.
[[nodiscard]] std::string outcome_text(const net::connect_outcome& o, const net::endpoint& at);

/// What `[{"name", "request": {field: type}, "reply": type}]` says, a line each.
[[nodiscard]] std::string procedures_text(const json& procedures);

}  // namespace beamline::program
