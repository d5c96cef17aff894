#include "store/migration.hpp"

#include "base/crypto.hpp"

#include <fmt/format.h>

namespace beamline::store {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

result<void> check_known(std::string_view app, std::span<const migration> known) {
  int expected = 1;
  for (const auto& m : known) {
    if (m.version != expected)
      return error{errc::invalid,
                   fmt::format("migrations of {} must be numbered 1, 2, 3, ... without a gap: version {} "
                               "(\"{}\") stands where {} is expected",
                               app, m.version, m.name, expected)};
    if (m.name.empty() || trim(m.sql).empty())
      return error{errc::invalid, fmt::format("migration {} of {} needs a name and SQL", m.version, app)};
    ++expected;
  }
  return {};
}

}  // namespace

std::string checksum(const migration& m) { return hex(sha256(trim(m.sql))); }

result<std::size_t> check_migrations(std::string_view app, std::string_view database, std::span<const migration> known,
                                     std::span<const applied_migration> applied) {
  if (auto ok = check_known(app, known); !ok)
    return ok.error();
  if (applied.size() > known.size())
    return error{errc::unsupported,
                 fmt::format("{} was written by a newer program: {} is at version {} there, this program knows {}; "
                             "start the newer program or restore a backup of that age",
                             database, app, applied.back().version, known.size())};
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const auto& have = applied[i];
    const auto& want = known[i];
    if (have.version != want.version)
      return error{errc::conflict, fmt::format("{} records migration {} of {} where {} is expected; its table of "
                                               "migrations was tampered with, restore a backup",
                                               database, have.version, app, want.version)};
    if (auto sum = checksum(want); have.checksum != sum)
      return error{
          errc::conflict,
          fmt::format(
              "migration {} (\"{}\") of {} was changed after it was applied to {} (checksum {} there, {} in this "
              "program); take the change back and make it a new migration",
              want.version, want.name, app, database, have.checksum.substr(0, 12), sum.substr(0, 12))};
  }
  return applied.size();
}

}  // namespace beamline::store
