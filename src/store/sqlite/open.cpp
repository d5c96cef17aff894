#include "store/sqlite/open.hpp"

#include "base/planted.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/core.hpp"

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace beamline::store::sqlite {

namespace {

namespace fs = std::filesystem;

// SQLite's default; max_page_count is given in pages.
constexpr std::uint64_t page_bytes = 4096;
// The write-ahead log is cut to this when it has been carried over into the database.
constexpr std::uint64_t log_bytes_kept = 64 * 1024 * 1024;
constexpr std::size_t header_bytes = 100;

error refusal(errc code, const fs::path& path, std::string_view why) {
  return {code, fmt::format("cannot open the database \"{}\": {}", path.string(), why)};
}

/// Directory and file are of the right kind.
result<void> check_place(const fs::path& path) {
  if (path.empty())
    return error{errc::invalid, "cannot open the database: store.path is empty"};
  auto parent = path.parent_path();
  if (parent.empty())
    parent = ".";
  auto ec = std::error_code{};
  const auto parent_status = fs::status(parent, ec);
  if (parent_status.type() == fs::file_type::not_found)
    return refusal(errc::not_found, path,
                   fmt::format("the directory \"{}\" does not exist; create it or change store.path", parent.string()));
  if (ec)
    return refusal(
        errc::denied, path,
        fmt::format("the directory \"{}\" cannot be looked at ({}); check its rights", parent.string(), ec.message()));
  if (parent_status.type() != fs::file_type::directory)
    return refusal(errc::invalid, path, fmt::format("\"{}\" is not a directory; change store.path", parent.string()));
  const auto status = fs::status(path, ec);
  if (status.type() == fs::file_type::directory)
    return refusal(errc::invalid, path, "it is a directory; name a file in store.path");
  if (status.type() != fs::file_type::not_found && status.type() != fs::file_type::regular)
    return refusal(errc::invalid, path,
                   ec ? fmt::format("it cannot be looked at ({}); check its rights", ec.message())
                      : std::string{"it is not a regular file; change store.path"});
  return {};
}

std::uint32_t big_endian(const std::array<char, header_bytes>& header, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i)
    value = (value << 8) | static_cast<unsigned char>(header[at + i]);
  return value;
}

/// Finds what SQLite would find late or never: a file that is no database, or one that was cut short.
result<void> check_header(const fs::path& path) {
  auto ec = std::error_code{};
  const auto size = fs::file_size(path, ec);
  if (ec || size == 0)
    return {};  // New, or just created.
  auto in = std::ifstream{path, std::ios::binary};
  if (!in)
    return refusal(errc::denied, path, "it cannot be read; make it readable for the node's user");
  auto header = std::array<char, header_bytes>{};
  in.read(header.data(), header.size());
  constexpr auto magic = std::string_view{"SQLite format 3\0", 16};
  if (in.gcount() < static_cast<std::streamsize>(header.size()) || std::string_view{header.data(), 16} != magic)
    return refusal(errc::corrupt, path, "it is not a SQLite database; move the file away or change store.path");
  auto log = path;
  log += "-wal";
  const auto log_size = fs::file_size(log, ec);
  if (!ec && log_size > 0)
    return {};  // After a crash the rest may be in the log: SQLite knows better.
  // The format: page size at 16 (1 means 65536), pages at 28, valid if the counters at 24 and 92 agree.
  const auto stored = big_endian(header, 16, 2);
  const auto page = stored == 1 ? std::uint64_t{65536} : std::uint64_t{stored};
  const auto expected = page * big_endian(header, 28, 4);
  if (big_endian(header, 24, 4) == big_endian(header, 92, 4) && size < expected)
    return refusal(errc::corrupt, path,
                   fmt::format("it was cut short: {} bytes are there, {} are expected; restore a backup, or move the "
                               "file away to start empty",
                               size, expected));
  return {};
}

/// The settings every connection needs. `is_memory`: there is no log to write ahead.
result<void> configure(connection& c, bool is_memory) {
  auto mode = std::string{};
  auto set = c.run_own("PRAGMA journal_mode = WAL", {}, [&](const row& r) { mode = r.get<std::string>(0); });
  if (!set)
    return set;
  if (mode != "wal" && !is_memory)
    return error{errc::unsupported,
                 fmt::format("{} is on a file system without shared memory (write-ahead log refused); "
                             "put store.path on a local disk",
                             c.file())};
  const auto* sync =
      planted::is_on(planted::bug::unsynced_commit) ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL";
  for (auto sql : {sync, "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
                   "PRAGMA temp_store = MEMORY"})
    if (auto done = c.run_own(sql); !done)
      return done;
  return {};
}

result<void> limit(connection& c, std::uint64_t size_max) {
  const auto pages = size_max / page_bytes;
  if (auto done = c.run_own(fmt::format("PRAGMA max_page_count = {}", pages)); !done)
    return done;
  return c.run_own(fmt::format("PRAGMA journal_size_limit = {}", log_bytes_kept));
}

/// SQLite reads a log that a dead process left without syncing it: what was written and not yet durable is shown again,
/// and the next loss of power takes it. Whoever answers by what it reads must be able to rely on that.
result<void> make_durable(connection& c, const fs::path& path) {
  auto frames = std::int64_t{0}, carried_over = std::int64_t{0};
  auto done = c.run_own("PRAGMA wal_checkpoint(FULL)", {}, [&](const row& r) {
    frames = r.get<std::int64_t>(1);
    carried_over = r.get<std::int64_t>(2);
  });
  if (done && carried_over < frames)
    return refusal(
        errc::conflict, path,
        "another program reads it, so its log cannot be made durable; close that program (a sqlite3 shell, a "
        "backup) and start again");
  return done;
}

result<void> check_pages(connection& c, const fs::path& path, std::uint64_t check_size_max) {
  auto ec = std::error_code{};
  if (const auto size = fs::file_size(path, ec); ec || size > check_size_max)
    return {};
  auto verdict = std::string{};
  if (auto done = c.run_own("PRAGMA quick_check(1)", {}, [&](const row& r) { verdict = r.get<std::string>(0); }); !done)
    return done;
  if (verdict != "ok")
    return refusal(errc::corrupt, path,
                   fmt::format("it is damaged ({}); restore a backup: stop the node, move this file with its "
                               "-wal and -shm away and put the backup in its place; or move it away to start empty",
                               verdict));
  return {};
}

result<std::unique_ptr<connection>> connect(const open_options& opts, bool is_memory) {
  auto c = connection::open({opts.path.string(), opts.vfs, opts.busy_timeout});
  if (!c)
    return c;
  if ((*c)->is_read_only())
    return refusal(errc::denied, opts.path, "it is read-only; make the file writable for the node's user");
  if (auto done = configure(**c, is_memory); !done) {
    if (done.error().code == errc::unavailable)
      return refusal(errc::conflict, opts.path,
                     "another program has locked it; close that program (a sqlite3 shell, a backup) and start again");
    return done.error();
  }
  return c;
}

}  // namespace

result<connections> open(const open_options& opts, const clock& time) {
  const bool is_memory = opts.path == ":memory:";
  const bool is_file = !is_memory && opts.vfs.empty();
  if (is_memory && opts.readers > 0)
    return error{errc::invalid, "a database in memory is seen by one connection only; set store.readers to 0"};
  auto lock = std::shared_ptr<lock_file>{};
  if (is_file) {
    if (auto good = check_place(opts.path); !good)
      return good.error();
    auto taken = lock_file::take(opts.path);
    if (!taken)
      return taken.error();
    lock = std::move(*taken);
    if (auto good = check_header(opts.path); !good)
      return good.error();
  }
  auto writer = connect(opts, is_memory);
  if (!writer)
    return writer.error();
  if (auto good = limit(**writer, opts.size_max); !good)
    return good.error();
  if (auto good = make_durable(**writer, opts.path); !good)
    return good.error();
  if (is_file)
    if (auto good = check_pages(**writer, opts.path, opts.check_size_max); !good)
      return good.error();
  auto opened = connections{};
  opened.writer = std::make_unique<sqlite_core>(std::move(*writer), time, lock);
  for (std::size_t i = 0; i < opts.readers; ++i) {
    auto reader = connect(opts, is_memory);
    if (!reader)
      return reader.error();
    opened.readers.push_back(std::make_unique<sqlite_core>(std::move(*reader), time, lock));
  }
  if (is_file)
    opened.copier = std::make_unique<backup_core>(opts.path, time, lock);
  return opened;
}

}  // namespace beamline::store::sqlite
