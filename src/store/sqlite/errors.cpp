#include "store/sqlite/errors.hpp"

#include "store/sql_text.hpp"

#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

namespace beamline::store::sqlite {

namespace {

error constraint(int code, std::string_view text, std::string_view sql) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return {errc::exists, fmt::format("{} in \"{}\"", text, excerpt(sql))};
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER: return {errc::conflict, fmt::format("{} in \"{}\"", text, excerpt(sql))};
    default: return {errc::invalid, fmt::format("{} in \"{}\"", text, excerpt(sql))};
  }
}

}  // namespace

error explain(int code, std::string_view text, std::string_view file, std::string_view sql) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {errc::unavailable,
              fmt::format("{} is locked by another program; close it (a sqlite3 shell, a backup) and try again", file)};
    case SQLITE_FULL:
      return {
          errc::io,
          fmt::format("no space left for {}: the disk is full or store.size_max is reached; free space or raise the "
                      "limit",
                      file)};
    case SQLITE_CORRUPT:
      return {errc::corrupt, fmt::format("{} is damaged ({}); stop the node and restore a backup", file, text)};
    case SQLITE_NOTADB:
      return {errc::corrupt, fmt::format("{} is not a SQLite database; move the file away or change store.path", file)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {errc::denied, fmt::format("{} cannot be written ({}); make the file and its directory writable for the "
                                        "node's user",
                                        file, text)};
    case SQLITE_CANTOPEN:
      return {errc::io,
              fmt::format("{} cannot be opened ({}); check store.path and the rights of its directory", file, text)};
    case SQLITE_IOERR:
      return {errc::io,
              fmt::format("reading or writing {} failed ({}, SQLite code {}); check the disk", file, text, code)};
    case SQLITE_CONSTRAINT: return constraint(code, text, sql);
    case SQLITE_INTERRUPT: return {errc::cancelled, "interrupted because the store is closing"};
    case SQLITE_AUTH:
      return {errc::denied, fmt::format("transaction control, PRAGMA and ATTACH are not allowed in a transaction: "
                                        "\"{}\"",
                                        excerpt(sql))};
    case SQLITE_TOOBIG: return {errc::too_large, fmt::format("{} in \"{}\"", text, excerpt(sql))};
    case SQLITE_NOMEM: return {errc::io, fmt::format("out of memory in {}", file)};
    default: return {errc::invalid, fmt::format("{} in \"{}\"", text, excerpt(sql))};
  }
}

error explain(sqlite3* db, std::string_view file, std::string_view sql) {
  const auto code = sqlite3_extended_errcode(db);
  auto text = std::string{sqlite3_errmsg(db)};
  // SQLite keeps the operating system's own reason apart.
  if (const auto sys = sqlite3_system_errno(db);
      sys != 0 && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN))
    text += ": " + std::generic_category().message(sys);
  return explain(code, text, file, sql);
}

}  // namespace beamline::store::sqlite
