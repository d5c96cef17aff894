#pragma once

// Calls as people and scripts make them: `beamline remote a@h call b@h shop.get_page '{"slug": "about"}'`. The node
// that is called describes its procedure first, so the caller need not know the types.

#include "actors/process_access.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "net/rpc/descriptions.hpp"
#include "net/rpc/time_limit.hpp"

#include <functional>
#include <string>

namespace beamline::net::rpc {

/// Calls `done` once, in a later turn of `self`, with the value. Errors, whose messages name node and procedure:
/// `not_found` (no such procedure there, with those there are), `invalid` (the arguments), `unavailable`, `timeout`,
/// `busy`, `unsupported` (it cannot be described), `conflict` for what the procedure ended with itself.
void call_with_json(process& self, const std::string& node, const std::string& procedure, json arguments,
                    time_limit within, std::function<void(result<json>)> done);

/// `[{"name", "request": {field: type}, "reply": type}]` of that node, for `procedures`.
void list_procedures(process& self, const std::string& node, time_limit within, std::function<void(result<json>)> done);

}  // namespace beamline::net::rpc
