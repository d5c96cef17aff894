#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

struct sqlite3;

/// From SQLite's codes to ours. The only place that knows both.
namespace beamline::store::sqlite {

/// What the last failed call on `db` means for the caller, with the remedy. `file` is the database as people
/// know it, quoted; `sql` is the statement, when there was one.
[[nodiscard]] error explain(sqlite3* db, std::string_view file, std::string_view sql = {});

/// The same for a code alone.
[[nodiscard]] error explain(int extended_code, std::string_view text, std::string_view file, std::string_view sql = {});

}  // namespace beamline::store::sqlite
