#pragma once

#include "base/result.hpp"
#include "store/value.hpp"

#include <string>
#include <string_view>

/// What both back ends do with texts before a database sees them.
namespace beamline::store {

/// The first line's worth of a statement, for messages.
[[nodiscard]] std::string excerpt(std::string_view sql);

/// Text given to a statement is UTF-8 without zero octets: PostgreSQL keeps no other, and SQLite would keep what no
/// other program reads back. Anything else is `invalid`, with the placeholder's number; octets go in as `blob_view`.
[[nodiscard]] result<void> check_text(std::string_view sql, parameters values);

}  // namespace beamline::store
