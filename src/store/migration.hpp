#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::store {

/// One step of an application's schema. Numbered 1, 2, 3, …; never changed or removed once released: a mistake
/// is repaired by the next migration. `sql` may hold several statements, but no transaction control. It is for both
/// back ends (see postgres/translate.hpp); where that cannot be, `postgres` holds what PostgreSQL gets instead.
struct migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
  std::string_view postgres = {};
};

/// A migration as the database remembers it.
struct applied_migration {
  int version = 0;
  std::string name;
  std::string checksum;
};

/// Identifies the text of a migration: SHA-256 of its SQL in hexadecimal, white space at both ends ignored.
[[nodiscard]] std::string checksum(const migration& m);

/// How many of `known` the database has already, so that the rest is to be applied in order. Refuses, naming
/// application, versions, `database` and remedy:
///   invalid      the program's list is not 1, 2, 3, …, or one lacks a name or SQL;
///   unsupported  the database is newer than the program;
///   conflict     an applied migration was changed, or the database's own record has a gap.
/// `applied` is in order of version.
[[nodiscard]] result<std::size_t> check_migrations(std::string_view app, std::string_view database,
                                                   std::span<const migration> known,
                                                   std::span<const applied_migration> applied);

}  // namespace beamline::store
