#pragma once

#include "base/result.hpp"

#include <string_view>

/// From PostgreSQL's codes (SQLSTATE) to ours. The only place that knows both.
namespace beamline::store::postgres {

/// What the failure means for the transaction it happened in.
enum class aftermath {
  none,       // There was no failure.
  failed,     // The statement is wrong or was turned down; repeating it cannot help.
  to_repeat,  // Others were in the way (deadlock, serialization): the whole transaction may be run again.
  lost,       // The connection is gone, or is about to go.
};

struct diagnosis {
  aftermath what = aftermath::failed;
  error why;
};

/// `state` is the SQLSTATE, `text` what the server said, `server` the database as people know it, `sql` the statement,
/// if there was one. `is_interrupted`: a cancelled statement was cancelled because the store closes.
[[nodiscard]] diagnosis diagnose(std::string_view state, std::string_view text, std::string_view server,
                                 std::string_view sql, bool is_interrupted);

/// A connection that could not be made. `unavailable`: trying again may help (nobody listens, the server starts);
/// everything else, `denied` mostly, is for people to mend.
[[nodiscard]] error explain_refusal(std::string_view text, std::string_view server);

/// The connection went away in the middle.
[[nodiscard]] error explain_loss(std::string_view server);

}  // namespace beamline::store::postgres
