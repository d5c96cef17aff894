#pragma once

// Forbids to simulated processes, at run time, what would make a run irreproducible: starting threads, reading clocks,
// sleeping, blocking, hardware randomness, the environment, the real file system and network, other programs.
//
// Symbols defined in an executable win over those of the shared C and C++ libraries, so linking `beamline_guard` into a
// test binary is all it takes. Sanitizers define some of the same symbols; those builds go without it. What the C
// library does for itself (malloc, the time zone, printing) does not pass here.
//
// For the sources of the guard only. Every function of theirs has the form
//
//   int usleep(useconds_t us) {
//     forbid("usleep", "run_after");
//     return next<usleep>("usleep")(us);
//   }

#include "testing/running.hpp"

#include <dlfcn.h>

namespace beamline::testing::guard {

/// Says which process did it, what it called and what it should use, prints the way there, and aborts.
[[noreturn]] void die(const char* what, const char* instead);

/// No library that is linked has this function.
[[noreturn]] void die_without(const char* symbol);

/// Aborts if a simulated process runs on this thread. Costs a look at one thread-local bool.
inline void forbid(const char* what, const char* instead) {
  if (running().is_active)
    die(what, instead);
}

/// True if the code at `address` belongs to a library that looks at the machine once, when it is used for the first
/// time: OpenSSL and SQLite. Slow: only to be asked once something is about to be forbidden.
[[nodiscard]] bool is_in_library_that_sets_itself_up(const void* address);

/// As `forbid`, but lets those libraries.
inline void forbid_but_to_libraries(const void* caller, const char* what, const char* instead) {
  if (running().is_active && !is_in_library_that_sets_itself_up(caller))
    die(what, instead);
}

/// The function that would have been called without the guard. `Self` tells the functions apart.
template <auto Self>
auto next(const char* symbol) {
  static const auto found = reinterpret_cast<decltype(Self)>(dlsym(RTLD_NEXT, symbol));
  if (found == nullptr)
    die_without(symbol);
  return found;
}

}  // namespace beamline::testing::guard
