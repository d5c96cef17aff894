// Other programs, and what a program learns of the machine and of its own process.
#include "testing/guard/guard.hpp"

#include <cstdio>
#include <cstdlib>

#include <spawn.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* no_program = "a port that is handed in, and a simulated one here";
constexpr const char* the_config = "configuration that is handed in";
constexpr const char* the_identity = "env().self(): its name and incarnation";

}  // namespace

extern "C" {

// -- other programs --------------------------------------------------------------------

pid_t fork() noexcept {
  forbid("fork", no_program);
  return next<fork>("fork")();
}

// A child of the real vfork must not return from the function that called it, which this is. As fork it may.
pid_t vfork() noexcept {
  forbid("vfork", no_program);
  return fork();
}

int system(const char* command) {
  forbid("system", no_program);
  return next<static_cast<int (*)(const char*)>(system)>("system")(command);
}

FILE* popen(const char* command, const char* mode) {
  forbid("popen", no_program);
  return next<popen>("popen")(command, mode);
}

int posix_spawn(pid_t* __restrict child, const char* __restrict path,
                const posix_spawn_file_actions_t* __restrict actions, const posix_spawnattr_t* __restrict attributes,
                char* const arguments[], char* const environment[]) {
  forbid("posix_spawn", no_program);
  return next<posix_spawn>("posix_spawn")(child, path, actions, attributes, arguments, environment);
}

int posix_spawnp(pid_t* child, const char* name, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const arguments[], char* const environment[]) {
  forbid("posix_spawnp", no_program);
  return next<posix_spawnp>("posix_spawnp")(child, name, actions, attributes, arguments, environment);
}

int execve(const char* path, char* const arguments[], char* const environment[]) noexcept {
  forbid("execve", no_program);
  return next<execve>("execve")(path, arguments, environment);
}

int execv(const char* path, char* const arguments[]) noexcept {
  forbid("execv", no_program);
  return next<execv>("execv")(path, arguments);
}

int execvp(const char* name, char* const arguments[]) noexcept {
  forbid("execvp", no_program);
  return next<execvp>("execvp")(name, arguments);
}

// -- the machine and the process ----------------------------------------------------------

char* getenv(const char* name) noexcept {
  forbid_but_to_libraries(__builtin_return_address(0), "getenv", the_config);
  return next<getenv>("getenv")(name);
}

char* secure_getenv(const char* name) noexcept {
  forbid_but_to_libraries(__builtin_return_address(0), "secure_getenv", the_config);
  return next<secure_getenv>("secure_getenv")(name);
}

int get_nprocs() noexcept {
  forbid("get_nprocs (std::thread::hardware_concurrency)", the_config);
  return next<get_nprocs>("get_nprocs")();
}

int gethostname(char* out, size_t size) noexcept {
  forbid("gethostname", the_identity);
  return next<gethostname>("gethostname")(out, size);
}

int uname(utsname* out) noexcept {
  forbid("uname", the_identity);
  return next<uname>("uname")(out);
}

}  // extern "C"
