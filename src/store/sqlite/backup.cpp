#include "store/sqlite/backup.hpp"

#include "store/sqlite/connection.hpp"
#include "store/sqlite/errors.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace beamline::store::sqlite {

namespace {

namespace fs = std::filesystem;

// Pages that are copied before the copy looks whether it is still wanted: 4 MiB.
constexpr int pages_per_step = 1024;

error refusal(errc code, const fs::path& to, std::string_view why) {
  return {code, fmt::format("cannot write the backup \"{}\": {}", to.string(), why)};
}

error refusal(int system_code, const fs::path& to) {
  const bool is_denied = system_code == EACCES || system_code == EPERM || system_code == EROFS;
  const auto code = is_denied ? errc::denied : system_code == EEXIST ? errc::exists : errc::io;
  return refusal(code, to, std::generic_category().message(system_code));
}

result<void> check_target(const fs::path& to, const fs::path& partial) {
  if (!to.is_absolute() || !to.has_filename())
    return refusal(errc::invalid, to, "give the full path of a file");
  auto ec = std::error_code{};
  if (!fs::is_directory(to.parent_path(), ec))
    return refusal(errc::not_found, to,
                   fmt::format("there is no directory \"{}\"; create it", to.parent_path().string()));
  if (fs::exists(fs::symlink_status(to, ec)))
    return refusal(errc::exists, to, "the file exists; backups overwrite nothing, choose another name");
  if (fs::exists(fs::symlink_status(partial, ec)))
    return refusal(errc::exists, to,
                   fmt::format("\"{}\" exists: another backup is under way, or one was cut short; then remove it",
                               partial.string()));
  return {};
}

/// Makes the file, which must not exist, readable for the node's user only: it holds what the database holds.
result<void> create(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return refusal(errno, file);
  ::close(fd);
  return {};
}

result<void> sync(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (fd < 0)
    return refusal(errno, path);
  const int code = fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return code == 0 ? result<void>{} : refusal(code, path);
}

/// Gives the file its name, unless somebody took it meanwhile.
result<void> publish(const fs::path& partial, const fs::path& to) {
  if (::link(partial.c_str(), to.c_str()) != 0)
    return refusal(errno, to);
  auto ec = std::error_code{};
  fs::remove(partial, ec);  // The backup is there; a second name of it does no harm.
  return sync(to.parent_path(), O_DIRECTORY);
}

result<void> check_copy(const fs::path& partial) {
  auto c = connection::open({partial.string(), {}, {}});
  if (!c)
    return c.error();
  auto verdict = std::string{};
  auto checked = (*c)->run_own("PRAGMA quick_check(1)", {}, [&](const row& r) { verdict = r.get<std::string>(0); });
  if (!checked)
    return checked;
  if (verdict != "ok")
    return refusal(errc::corrupt, partial,
                   fmt::format("the database itself is damaged ({}): stop the node and restore "
                               "an earlier backup",
                               verdict));
  return {};
}

void remove_leftovers(const fs::path& partial) {
  auto ec = std::error_code{};
  for (const auto* ending : {"", "-wal", "-shm", "-journal"})
    fs::remove(partial.string() + ending, ec);
}

}  // namespace

result<void> connection::copy_to(connection& other, const std::function<bool()>& is_over) {
  // Without a transaction around it, every change of the database would make the copy begin anew.
  if (auto begun = run_control(control::begin_read); !begun)
    return begun;
  auto outcome = run_own("SELECT count(*) FROM sqlite_schema");
  if (outcome) {
    if (auto* copy = sqlite3_backup_init(other.db_, "main", db_, "main")) {
      int code = SQLITE_OK;
      while (code == SQLITE_OK && !is_over())
        code = sqlite3_backup_step(copy, pages_per_step);
      sqlite3_backup_finish(copy);
      if (code == SQLITE_OK)
        outcome = error{errc::cancelled, "the backup was given up because the store is closing"};
      else if (code != SQLITE_DONE)
        outcome = explain(code, sqlite3_errstr(code), other.file_);
    } else {
      outcome = other.last_error({});
    }
  }
  auto ended = run_control(control::rollback);
  return outcome ? ended : outcome;
}

result<backup_report> backup_core::back_up(const fs::path& to) {
  const auto start = clock_.now();
  const auto partial = fs::path{to.string() + ".partial"};
  if (auto good = check_target(to, partial); !good)
    return good.error();
  if (auto made = create(partial); !made)
    return made.error();
  auto done = copy(partial);
  if (done)
    done = check_copy(partial);
  if (done)
    done = sync(partial, 0);
  if (done)
    done = publish(partial, to);
  if (!done) {
    remove_leftovers(partial);
    return done.error();
  }
  auto ec = std::error_code{};
  return backup_report{fs::file_size(to, ec), clock_.now() - start};
}

result<void> backup_core::copy(const fs::path& partial) {
  auto from = connection::open({database_.string(), {}, {}});
  if (!from)
    return from.error();
  auto to = connection::open({partial.string(), {}, {}});
  if (!to)
    return to.error();
  // The file is synced as a whole when it is complete; until then a crash may take it.
  for (auto sql : {"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"})
    if (auto set = (*to)->run_own(sql); !set)
      return set;
  return (*from)->copy_to(**to, [this] { return is_interrupted_.load(); });
}

std::vector<result<void>> backup_core::write(std::span<const database::work> batch) {
  return std::vector<result<void>>(batch.size(), error{errc::unsupported, "this connection makes backups only"});
}

result<void> backup_core::read(const database::work&) {
  return error{errc::unsupported, "this connection makes backups only"};
}

result<std::size_t> backup_core::migrate(std::string_view, std::span<const migration>) {
  return error{errc::unsupported, "this connection makes backups only"};
}

}  // namespace beamline::store::sqlite
