// Randomness that no seed decides, and generators whose numbers belong to one C library.
#include "testing/guard/guard.hpp"

#include <cstdlib>
#include <random>

#include <sys/random.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* the_random = "env().random()";

}  // namespace

extern "C" {

ssize_t getrandom(void* out, size_t size, unsigned flags) {
  forbid("getrandom", the_random);
  return next<getrandom>("getrandom")(out, size, flags);
}

int getentropy(void* out, size_t size) {
  forbid("getentropy", the_random);
  return next<getentropy>("getentropy")(out, size);
}

#if __GLIBC_PREREQ(2, 36)
std::uint32_t arc4random() noexcept {
  forbid("arc4random", the_random);
  return next<arc4random>("arc4random")();
}

void arc4random_buf(void* out, size_t size) noexcept {
  forbid("arc4random_buf", the_random);
  next<arc4random_buf>("arc4random_buf")(out, size);
}

std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  forbid("arc4random_uniform", the_random);
  return next<arc4random_uniform>("arc4random_uniform")(bound);
}
#endif

int rand() noexcept {
  forbid("rand", the_random);
  return next<rand>("rand")();
}

int rand_r(unsigned* seed) noexcept {
  forbid("rand_r", the_random);
  return next<rand_r>("rand_r")(seed);
}

long random() noexcept {
  forbid("random", the_random);
  return next<random>("random")();
}

double drand48() noexcept {
  forbid("drand48", the_random);
  return next<drand48>("drand48")();
}

long lrand48() noexcept {
  forbid("lrand48", the_random);
  return next<lrand48>("lrand48")();
}

long mrand48() noexcept {
  forbid("mrand48", the_random);
  return next<mrand48>("mrand48")();
}

// OpenSSL's names; called only where it is linked. NOLINTBEGIN(readability-identifier-naming)
int RAND_bytes(unsigned char* out, int size) {
  forbid("RAND_bytes", the_random);
  return next<RAND_bytes>("RAND_bytes")(out, size);
}

int RAND_priv_bytes(unsigned char* out, int size) {
  forbid("RAND_priv_bytes", the_random);
  return next<RAND_priv_bytes>("RAND_priv_bytes")(out, size);
}
// NOLINTEND(readability-identifier-naming)

}  // extern "C"

// libstdc++ reads the processor's generator directly; the C library is too low to catch it.
std::random_device::result_type std::random_device::_M_getval() {
  forbid("std::random_device", the_random);
  unsigned value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value)
    std::abort();
  return value;
}
