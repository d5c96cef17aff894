#pragma once

#include "net/outbox/entry.hpp"
#include "store/database.hpp"

#include <string_view>
#include <vector>

/// The outbox's table and the statements on it. Functions run inside of a transaction.
///
///   outbox_entries   one row per entry that waits or is a dead letter, by place
///
/// A row is written before the event it holds is reported accepted, and goes after its target has answered for it.
namespace beamline::net::outbox {

/// Name under which the database remembers the schema's version.
inline constexpr std::string_view schema_name = "outbox";
[[nodiscard]] std::vector<store::migration> migrations();

/// All of `c`, which becomes one transaction.
[[nodiscard]] result<void> write_rows(store::transaction& tx, const row_changes& c);

/// All rows, in the order of their places. Error: `corrupt`, one cannot be read; names it.
[[nodiscard]] result<std::vector<row>> read_rows(store::transaction& tx);

}  // namespace beamline::net::outbox
