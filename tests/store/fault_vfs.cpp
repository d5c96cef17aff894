#include "fault_vfs.hpp"

#include <new>
#include <stdexcept>

namespace beamline::store::test {

namespace {

/// What SQLite holds for an open file; the real file follows in the same memory.
struct faulty_file {
  sqlite3_file base;
  fault_vfs* owner;
  const char* path;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

faulty_file* self(sqlite3_file* f) { return reinterpret_cast<faulty_file*>(f); }
sqlite3_file* real(sqlite3_file* f) { return self(f)->real(); }
const sqlite3_io_methods& methods(sqlite3_file* f) { return *real(f)->pMethods; }

int judge(sqlite3_file* f, fault_vfs::operation what) {
  return self(f)->owner->judge(what, self(f)->path ? self(f)->path : "");
}

int write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
  const int verdict = judge(f, fault_vfs::operation::write);
  return verdict == SQLITE_OK ? methods(f).xWrite(real(f), data, size, at) : verdict;
}
int sync(sqlite3_file* f, int flags) {
  const int verdict = judge(f, fault_vfs::operation::sync);
  return verdict == SQLITE_OK ? methods(f).xSync(real(f), flags) : verdict;
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  const int verdict = judge(f, fault_vfs::operation::truncate);
  return verdict == SQLITE_OK ? methods(f).xTruncate(real(f), size) : verdict;
}

const sqlite3_io_methods faulty_methods = {
    2,
    [](sqlite3_file* f) { return methods(f).xClose(real(f)); },
    [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) { return methods(f).xRead(real(f), to, size, at); },
    write,
    truncate,
    sync,
    [](sqlite3_file* f, sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); },
    [](sqlite3_file* f, int level) { return methods(f).xLock(real(f), level); },
    [](sqlite3_file* f, int level) { return methods(f).xUnlock(real(f), level); },
    [](sqlite3_file* f, int* out) { return methods(f).xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* arg) { return methods(f).xFileControl(real(f), op, arg); },
    [](sqlite3_file* f) { return methods(f).xSectorSize(real(f)); },
    [](sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return methods(f).xShmMap(real(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) { return methods(f).xShmLock(real(f), offset, n, flags); },
    [](sqlite3_file* f) { methods(f).xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return methods(f).xShmUnmap(real(f), remove); },
    nullptr,
    nullptr,
};

}  // namespace

fault_vfs::fault_vfs(std::string name) : name_{std::move(name)}, vfs_{*sqlite3_vfs_find(nullptr)} {
  // The default file system's functions look only at parts of the structure that are copied with it.
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.szOsFile += static_cast<int>(sizeof(faulty_file));
  vfs_.pAppData = this;
  vfs_.xOpen = &fault_vfs::open;
  if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK)
    throw std::runtime_error{"sqlite3_vfs_register failed"};
}

fault_vfs::~fault_vfs() { sqlite3_vfs_unregister(&vfs_); }

int fault_vfs::open(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
  auto* f = new (file) faulty_file{{nullptr}, static_cast<fault_vfs*>(vfs->pAppData), path};
  auto* system = sqlite3_vfs_find(nullptr);
  f->real()->pMethods = nullptr;
  const int opened = system->xOpen(system, path, f->real(), flags, out_flags);
  // Without methods SQLite does not close what could not be opened.
  f->base.pMethods = opened == SQLITE_OK ? &faulty_methods : nullptr;
  return opened;
}

}  // namespace beamline::store::test
