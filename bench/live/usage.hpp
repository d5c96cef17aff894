#pragma once

#include <sys/types.h>

namespace beamline::bench {

/// CPU time that a process has used, user and system, in microseconds: the exact time of its threads where the kernel
/// tells it, else in steps of 10 ms. On loopback the kernel's receiving of a message is done in the sender's time.
[[nodiscard]] double cpu_us_of(pid_t process);

/// Memory that only this process has, in KiB: the heap and stacks that are in use, as the kernel counts pages.
[[nodiscard]] double private_kib_of(pid_t process);

}  // namespace beamline::bench
