#include "testing/guard/guard.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <cxxabi.h>
#include <execinfo.h>
#include <unistd.h>

namespace beamline::testing::guard {

namespace {

/// `counter` of `N4shop7counterE`; what is no type stays as it is.
std::string without_namespaces(const char* kind) {
  int failed = 0;
  char* readable = abi::__cxa_demangle(kind, nullptr, nullptr, &failed);
  std::string name{failed == 0 && readable != nullptr ? readable : kind};
  std::free(readable);  // NOLINT(cppcoreguidelines-no-malloc): the way this interface returns memory.
  auto end = name.find('<');
  auto colons = name.rfind("::", end);
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

/// Addresses, and the command that makes lines of code of those in the program itself.
void print_the_way() {
  constexpr int frames_max = 32;
  void* frames[frames_max];
  const int count = backtrace(frames, frames_max);
  backtrace_symbols_fd(frames, count, STDERR_FILENO);
  Dl_info program{};
  if (dladdr(reinterpret_cast<void*>(&print_the_way), &program) == 0)
    return;
  std::fprintf(stderr, "read with: addr2line -Cfpie %s", program.dli_fname);
  for (int i = 0; i < count; ++i)
    if (Dl_info where{}; dladdr(frames[i], &where) != 0 && where.dli_fbase == program.dli_fbase)
      // One back: a frame's address is that of the next instruction.
      std::fprintf(stderr, " %#tx", static_cast<char*>(frames[i]) - static_cast<char*>(program.dli_fbase) - 1);
  std::fputc('\n', stderr);
}

}  // namespace

void die(const char* what, const char* instead) {
  auto culprit = running();
  running().is_active = false;  // What follows may do anything.
  std::fprintf(stderr, "simulation guard: %s on %s called %s; use %s\n", without_namespaces(culprit.kind).c_str(),
               culprit.node, what, instead);
  print_the_way();
  std::abort();
}

void die_without(const char* symbol) {
  std::fprintf(stderr, "simulation guard: no library that is linked has %s; link the one that declares it\n", symbol);
  std::abort();
}

bool is_in_library_that_sets_itself_up(const void* address) {
  Dl_info where{};
  if (dladdr(address, &where) == 0 || where.dli_fname == nullptr)
    return false;
  std::string_view file{where.dli_fname};
  file.remove_prefix(file.rfind('/') + 1);  // All of it when there is no slash.
  return file.starts_with("libcrypto.") || file.starts_with("libssl.") || file.starts_with("libsqlite3.");
}

}  // namespace beamline::testing::guard
