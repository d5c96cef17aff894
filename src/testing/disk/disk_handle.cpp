// SQLite's methods of an open file, over the files of a simulated disk.

#include "testing/disk/disk_handle.hpp"

#include "testing/world.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

using operation = simulated_disk::operation;

disk_handle& at(sqlite3_file* f) { return *static_cast<disk_handle*>(f); }
bool is_over(const disk_handle& h) { return h.vfs->disk() == nullptr; }

// -- content -----------------------------------------------------------------------------

int read(sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
  auto& h = at(f);
  if (is_over(h))
    return SQLITE_IOERR_READ;
  auto out = std::span{static_cast<std::byte*>(to), static_cast<std::size_t>(size)};
  const auto count = h.on->data.read(static_cast<std::uint64_t>(offset), out);
  return count == out.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/// What the trace hash is told of octets. Headers of logs and journals hold SQLite's own random numbers, which are not
/// the world's; the pages in them are.
std::uint64_t hash_written(const disk_handle& h, std::span<const std::byte> octets) {
  const bool is_pages = (h.flags & SQLITE_OPEN_MAIN_DB) != 0
                     || ((h.flags & SQLITE_OPEN_WAL) != 0 && octets.size() >= simulated_disk::sector_bytes);
  return is_pages ? hash_octets(octets) : octets.size();
}

int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 offset) {
  auto& h = at(f);
  if (const int code = h.refuse(operation::write); code != SQLITE_OK)
    return code;
  auto& disk = *h.vfs->disk();
  auto octets = std::span{static_cast<const std::byte*>(from), static_cast<std::size_t>(size)};
  const auto begin = static_cast<std::uint64_t>(offset);
  const auto wanted = begin + octets.size();
  int outcome = SQLITE_OK;
  if (disk.is_failing) {
    octets = octets.first(static_cast<std::size_t>(disk.chance.below(octets.size())));
    outcome = SQLITE_IOERR_WRITE;
  }
  const auto growth = wanted > h.on->data.size() ? wanted - h.on->data.size() : 0;
  if (growth > 0 && growth > disk.room()) {
    const auto fits = begin < h.on->data.size() ? h.on->data.size() - begin : 0;
    octets = octets.first(std::min<std::size_t>(octets.size(), static_cast<std::size_t>(fits)));
    outcome = outcome == SQLITE_OK ? SQLITE_FULL : outcome;
  }
  h.on->data.write(begin, octets);
  disk.note(operation::write, h.tag, begin, hash_written(h, octets));
  return outcome;
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
  auto& h = at(f);
  if (const int code = h.refuse(operation::truncate); code != SQLITE_OK)
    return code;
  auto& disk = *h.vfs->disk();
  const auto wanted = static_cast<std::uint64_t>(size);
  if (wanted > h.on->data.size() && wanted - h.on->data.size() > disk.room())
    return SQLITE_FULL;
  h.on->data.resize(wanted);
  disk.note(operation::truncate, h.tag, wanted);
  return SQLITE_OK;
}

int sync(sqlite3_file* f, int) {
  auto& h = at(f);
  if (const int code = h.refuse(operation::sync); code != SQLITE_OK)
    return code;
  auto& disk = *h.vfs->disk();
  disk.files.sync(*h.on);
  // As on Unix: a log or a journal must be found again, too.
  if ((h.flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0)
    disk.files.sync_directory();
  ++disk.syncs;
  disk.note(operation::sync, h.tag, h.on->data.size());
  return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* out) {
  auto& h = at(f);
  if (is_over(h))
    return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(h.on->data.size());
  return SQLITE_OK;
}

// -- locks on the database -----------------------------------------------------------------

int lock(sqlite3_file* f, int level) {
  auto& h = at(f);
  if (is_over(h))
    return SQLITE_IOERR_LOCK;
  if (h.lock >= level)
    return SQLITE_OK;
  auto& file = *h.on;
  const bool is_pending_elsewhere = file.pending_by != nullptr && file.pending_by != &h;
  if (is_pending_elsewhere)
    return SQLITE_BUSY;
  if (h.lock == SQLITE_LOCK_NONE)
    ++file.shared_locks;
  h.lock = std::max(h.lock, SQLITE_LOCK_SHARED);
  if (level == SQLITE_LOCK_SHARED)
    return SQLITE_OK;
  if (file.reserved_by != nullptr && file.reserved_by != &h)
    return SQLITE_BUSY;
  file.reserved_by = &h;
  h.lock = std::max(h.lock, SQLITE_LOCK_RESERVED);
  if (level == SQLITE_LOCK_RESERVED)
    return SQLITE_OK;
  file.pending_by = &h;
  h.lock = SQLITE_LOCK_PENDING;
  if (file.shared_locks > 1)
    return SQLITE_BUSY;
  h.lock = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* f, int level) {
  auto& h = at(f);
  if (h.lock <= level || is_over(h))
    return SQLITE_OK;
  if (h.on->reserved_by == &h)
    h.on->reserved_by = nullptr;
  if (h.on->pending_by == &h)
    h.on->pending_by = nullptr;
  if (level == SQLITE_LOCK_NONE)
    --h.on->shared_locks;
  h.lock = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* f, int* out) {
  *out = at(f).on->reserved_by != nullptr ? 1 : 0;
  return is_over(at(f)) ? SQLITE_IOERR_CHECKRESERVEDLOCK : SQLITE_OK;
}

// -- shared memory of the log's readers and writers ----------------------------------------

int map_index(sqlite3_file* f, int region, int size, int must_extend, void volatile** out) {
  auto& h = at(f);
  *out = nullptr;
  if (is_over(h))
    return SQLITE_IOERR_SHMMAP;
  if (!h.index)
    h.index = h.on->index.lock();
  if (!h.index)
    h.on->index = h.index = std::make_shared<wal_index>();
  auto& regions = h.index->regions;
  const auto wanted = static_cast<std::size_t>(region) + 1;
  if (regions.size() < wanted) {
    if (must_extend == 0)
      return SQLITE_OK;
    // On a real system it is a file like others.
    if (h.vfs->disk()->is_failing || h.vfs->disk()->room() == 0)
      return SQLITE_IOERR_SHMSIZE;
    while (regions.size() < wanted)
      regions.push_back(std::make_unique<std::byte[]>(static_cast<std::size_t>(size)));
  }
  *out = regions[wanted - 1].get();
  return SQLITE_OK;
}

/// Of the locks in `mask`, does somebody else hold one that is in the way?
bool is_taken(const disk_handle& h, unsigned mask, bool is_wanted_alone) {
  for (std::size_t i = 0; i < wal_index::slots; ++i) {
    if ((mask >> i & 1U) == 0)
      continue;
    if (h.index->is_exclusive[i] && (h.index_exclusive >> i & 1U) == 0)
      return true;
    const int own = static_cast<int>(h.index_shared >> i & 1U);
    if (is_wanted_alone && h.index->shared[i] > own)
      return true;
  }
  return false;
}

void release_index(disk_handle& h, unsigned mask) {
  for (std::size_t i = 0; i < wal_index::slots; ++i) {
    const auto bit = 1U << i;
    if ((mask & bit & h.index_shared) != 0)
      --h.index->shared[i];
    if ((mask & bit & h.index_exclusive) != 0)
      h.index->is_exclusive[i] = false;
  }
  h.index_shared &= ~mask;
  h.index_exclusive &= ~mask;
}

int lock_index(sqlite3_file* f, int offset, int count, int flags) {
  auto& h = at(f);
  if (!h.index)
    return SQLITE_IOERR_SHMLOCK;
  const auto mask = ((1U << count) - 1) << offset;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    release_index(h, mask);
    return SQLITE_OK;
  }
  if (is_over(h))
    return SQLITE_IOERR_SHMLOCK;
  const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (is_taken(h, mask, is_exclusive))
    return SQLITE_BUSY;
  for (std::size_t i = 0; i < wal_index::slots; ++i) {
    const auto bit = 1U << i;
    if ((mask & bit) == 0)
      continue;
    if (is_exclusive)
      h.index->is_exclusive[i] = true;
    else if ((h.index_shared & bit) == 0)
      ++h.index->shared[i];
  }
  (is_exclusive ? h.index_exclusive : h.index_shared) |= mask;
  return SQLITE_OK;
}

int unmap_index(sqlite3_file* f, int must_remove) {
  auto& h = at(f);
  if (!h.index)
    return SQLITE_OK;
  release_index(h, ~0U);
  if (must_remove != 0 && !is_over(h))
    h.on->index.reset();
  h.index.reset();
  return SQLITE_OK;
}

// -- the rest ------------------------------------------------------------------------------

int close(sqlite3_file* f) {
  auto& h = at(f);
  (void)unmap_index(f, 0);
  (void)unlock(f, SQLITE_LOCK_NONE);
  if (!is_over(h) && (h.flags & SQLITE_OPEN_DELETEONCLOSE) != 0 && !h.name.empty())
    h.vfs->disk()->files.remove(h.name);
  h.~disk_handle();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods = {
    2,
    close,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved_lock,
    [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },  // File control: nothing of that is offered.
    [](sqlite3_file*) { return static_cast<int>(simulated_disk::sector_bytes); },
    [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    map_index,
    lock_index,
    [](sqlite3_file*) {},  // Barrier: there is one thread.
    unmap_index,
    nullptr,
    nullptr,
};

}  // namespace

disk_handle::disk_handle(std::shared_ptr<disk_vfs> by, std::shared_ptr<disk_file> file, const char* its_name,
                         int open_flags)
    : sqlite3_file{&methods},
      vfs{std::move(by)},
      on{std::move(file)},
      name{its_name == nullptr ? "" : its_name},
      tag{trace_tag(name)},
      flags{open_flags} {}

int disk_handle::refuse(operation what) const { return testing::refuse(*vfs, what, name); }

}  // namespace beamline::testing
