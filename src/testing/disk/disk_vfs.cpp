#include "testing/disk/disk_vfs.hpp"

#include "testing/disk/disk_handle.hpp"
#include "testing/world.hpp"

#include <array>
#include <cstring>
#include <new>

#include <fmt/format.h>

namespace beamline::testing {

namespace {

using operation = simulated_disk::operation;
using verdict = simulated_disk::verdict;

// The longest name of a file, with its end.
constexpr int name_bytes_max = 512;
// SQLite counts milliseconds since noon in Greenwich on November 24, 4714 B.C.
constexpr std::int64_t epoch_ms = 210'866'760'000'000;

disk_vfs& vfs_of(sqlite3_vfs* self) { return *static_cast<disk_vfs*>(self->pAppData); }

int code_of_failed(operation what) {
  switch (what) {
    case operation::create: return SQLITE_CANTOPEN;
    case operation::write: return SQLITE_IOERR_WRITE;
    case operation::sync: return SQLITE_IOERR_FSYNC;
    case operation::truncate: return SQLITE_IOERR_TRUNCATE;
    case operation::remove: return SQLITE_IOERR_DELETE;
  }
  return SQLITE_IOERR;
}

}  // namespace

int refuse(const disk_vfs& vfs, operation what, std::string_view file) {
  if (vfs.disk() == nullptr)
    return code_of_failed(what);
  if (vfs.disk()->judge) {
    const auto said = vfs.disk()->judge(what, file);
    if (vfs.disk() == nullptr)
      return code_of_failed(what);
    if (said != verdict::allow)
      return said == verdict::full ? SQLITE_FULL : code_of_failed(what);
  }
  // What a failing write leaves behind is decided where it is done.
  return vfs.disk()->is_failing && what != operation::write ? code_of_failed(what) : SQLITE_OK;
}

disk_vfs::disk_vfs(disk_state& disk)
    // No two objects that live have the same address: a name of its own without a counter for the whole process.
    : disk_{&disk}, name_{fmt::format("beamline-disk-{}", static_cast<const void*>(this))} {
  table_.iVersion = 2;
  table_.szOsFile = sizeof(disk_handle);
  table_.mxPathname = name_bytes_max;
  table_.zName = name_.c_str();
  table_.pAppData = this;
  table_.xOpen = &disk_vfs::open;
  table_.xDelete = &disk_vfs::remove;
  table_.xAccess = &disk_vfs::access;
  table_.xFullPathname = &disk_vfs::full_name;
  table_.xRandomness = &disk_vfs::randomness;
  // Whoever waits for a lock in this thread waits in vain: SQLite may count the time, but none passes.
  table_.xSleep = [](sqlite3_vfs*, int wanted_us) { return wanted_us; };
  table_.xCurrentTime = [](sqlite3_vfs* self, double* out) {
    sqlite3_int64 now_ms = 0;
    const int code = current_time(self, &now_ms);
    *out = static_cast<double>(now_ms) / 86'400'000.0;
    return code;
  };
  table_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  table_.xCurrentTimeInt64 = &disk_vfs::current_time;
  if (const int code = sqlite3_vfs_register(&table_, 0); code != SQLITE_OK)
    throw simulation_error{fmt::format("SQLite does not take the file system of {} (code {})", name_, code)};
  // SQLite seeds the generator of its salts, one for the process, from the real system unless it is told a number.
  // Another number for each run: logs of different runs must not look like each other's. 0 would mean the real system.
  const auto seed = static_cast<unsigned>(disk.chance.next() >> 32) | 1U;
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed), static_cast<sqlite3*>(nullptr));
}

disk_vfs::~disk_vfs() { revoke(); }

void disk_vfs::revoke() noexcept {
  if (disk_ == nullptr)
    return;
  disk_ = nullptr;
  sqlite3_vfs_unregister(&table_);
}

int disk_vfs::open(sqlite3_vfs* self, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;  // Without methods SQLite does not close what could not be opened.
  auto& vfs = vfs_of(self);
  const auto kept = vfs.shared_from_this();  // The judge may end the run, and no file that is open may keep this.
  if (vfs.disk_ == nullptr)
    return SQLITE_IOERR;
  // SQLite's own temporary files have no name, and nobody else ever sees them.
  auto found = name == nullptr ? std::make_shared<disk_file>() : vfs.disk_->files.find(name);
  if (!found) {
    if ((flags & SQLITE_OPEN_CREATE) == 0)
      return SQLITE_CANTOPEN;
    if (const int code = refuse(vfs, operation::create, name); code != SQLITE_OK)
      return code;
    found = vfs.disk_->files.create(name);
    vfs.disk_->note(operation::create, trace_tag(name));
  }
  new (file) disk_handle{kept, std::move(found), name, flags};
  if (out_flags != nullptr)
    *out_flags = flags;
  return SQLITE_OK;
}

int disk_vfs::remove(sqlite3_vfs* self, const char* name, int must_sync_directory) {
  auto& vfs = vfs_of(self);
  const auto kept = vfs.shared_from_this();
  if (const int code = refuse(vfs, operation::remove, name); code != SQLITE_OK)
    return code;
  if (!vfs.disk_->files.remove(name))
    return SQLITE_IOERR_DELETE_NOENT;
  if (must_sync_directory != 0)
    vfs.disk_->files.sync_directory();
  vfs.disk_->note(operation::remove, trace_tag(name), must_sync_directory != 0);
  return SQLITE_OK;
}

int disk_vfs::access(sqlite3_vfs* self, const char* name, int, int* out) {
  auto& vfs = vfs_of(self);
  *out = 0;
  if (vfs.disk_ == nullptr)
    return SQLITE_IOERR_ACCESS;
  // As on Unix: an empty file counts for none, so that an empty journal is not taken for one.
  if (auto found = vfs.disk_->files.find(name); found && found->data.size() > 0)
    *out = 1;
  return SQLITE_OK;
}

int disk_vfs::full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  const auto length = std::strlen(name);
  if (length + 1 > static_cast<std::size_t>(size))
    return SQLITE_CANTOPEN_FULLPATH;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

int disk_vfs::randomness(sqlite3_vfs* self, int size, char* out) {
  auto& vfs = vfs_of(self);
  if (vfs.disk_ == nullptr)
    return 0;
  vfs.disk_->chance.fill(std::as_writable_bytes(std::span{out, static_cast<std::size_t>(size)}));
  return size;
}

int disk_vfs::current_time(sqlite3_vfs* self, sqlite3_int64* out) {
  auto& vfs = vfs_of(self);
  *out = epoch_ms;
  if (vfs.disk_ != nullptr)
    *out += std::chrono::floor<std::chrono::milliseconds>(vfs.disk_->machine.wall_now()).time_since_epoch().count();
  return SQLITE_OK;
}

}  // namespace beamline::testing
