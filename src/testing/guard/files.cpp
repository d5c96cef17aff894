// The real file system. The C++ library's streams and std::filesystem pass here, too.
#include "testing/guard/guard.hpp"

#include <cstdarg>
#include <cstdio>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* the_store = "the store port (in a simulation: testing::simulated_database on the machine's disk)";

/// SQLite and OpenSSL draw the salts of their files and the seeds of their generators there: no content of ours.
bool is_generator(const char* path) { return std::string_view{path} == "/dev/urandom"; }

/// The third argument of `open` is there only for flags that make a file.
mode_t mode_of(int flags, va_list list) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  if (is_generator(path))
    forbid_but_to_libraries(__builtin_return_address(0), "open of /dev/urandom", "env().random()");
  else
    forbid("open (std::fstream)", the_store);
  va_list list;
  va_start(list, flags);
  auto mode = mode_of(flags, list);
  va_end(list);
  return next<open>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  if (is_generator(path))
    forbid_but_to_libraries(__builtin_return_address(0), "open64 of /dev/urandom", "env().random()");
  else
    forbid("open64 (std::fstream)", the_store);
  va_list list;
  va_start(list, flags);
  auto mode = mode_of(flags, list);
  va_end(list);
  return next<open64>("open64")(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  forbid("openat", the_store);
  va_list list;
  va_start(list, flags);
  auto mode = mode_of(flags, list);
  va_end(list);
  return next<openat>("openat")(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  forbid("openat64", the_store);
  va_list list;
  va_start(list, flags);
  auto mode = mode_of(flags, list);
  va_end(list);
  return next<openat64>("openat64")(folder, path, flags, mode);
}

int creat(const char* path, mode_t mode) {
  forbid("creat", the_store);
  return next<creat>("creat")(path, mode);
}

FILE* fopen(const char* __restrict path, const char* __restrict mode) {
  forbid_but_to_libraries(__builtin_return_address(0), "fopen (std::fstream)", the_store);
  return next<fopen>("fopen")(path, mode);
}

FILE* fopen64(const char* __restrict path, const char* __restrict mode) {
  forbid_but_to_libraries(__builtin_return_address(0), "fopen64 (std::fstream)", the_store);
  return next<fopen64>("fopen64")(path, mode);
}

FILE* freopen(const char* __restrict path, const char* __restrict mode, FILE* __restrict file) {
  forbid("freopen", the_store);
  return next<freopen>("freopen")(path, mode, file);
}

FILE* tmpfile() {
  forbid("tmpfile", the_store);
  return next<tmpfile>("tmpfile")();
}

int mkstemp(char* pattern) {
  forbid("mkstemp", the_store);
  return next<mkstemp>("mkstemp")(pattern);
}

DIR* opendir(const char* path) {
  forbid("opendir (std::filesystem::directory_iterator)", the_store);
  return next<opendir>("opendir")(path);
}

int stat(const char* __restrict path, struct stat* __restrict out) noexcept {
  forbid("stat (std::filesystem::exists)", the_store);
  return next<static_cast<int (*)(const char*, struct stat*) noexcept>(stat)>("stat")(path, out);
}

int mkdir(const char* path, mode_t mode) noexcept {
  forbid("mkdir (std::filesystem::create_directory)", the_store);
  return next<mkdir>("mkdir")(path, mode);
}

int unlink(const char* path) noexcept {
  forbid("unlink", the_store);
  return next<unlink>("unlink")(path);
}

int remove(const char* path) noexcept {
  forbid("remove (std::filesystem::remove)", the_store);
  return next<static_cast<int (*)(const char*) noexcept>(remove)>("remove")(path);
}

int rename(const char* from, const char* to) noexcept {
  forbid("rename (std::filesystem::rename)", the_store);
  return next<rename>("rename")(from, to);
}

}  // extern "C"
