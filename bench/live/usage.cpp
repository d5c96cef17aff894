#include "live/usage.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace beamline::bench {

namespace {

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

/// Nanoseconds on a core of all its threads, or 0 when the kernel does not say.
double scheduled_ns(pid_t process) {
  double all = 0;
  auto failed = std::error_code{};
  for (const auto& task : std::filesystem::directory_iterator{folder_of(process) + "/task", failed}) {
    double one = 0;
    std::ifstream{task.path() / "schedstat"} >> one;
    all += one;
  }
  return all;
}

/// Of /proc/<pid>/stat, in seconds.
double ticked_s(pid_t process) {
  constexpr int fields_before_user = 11;  // Behind the name.
  std::ifstream in{folder_of(process) + "/stat"};
  std::string line;
  std::getline(in, line);
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  std::string skipped;
  for (int i = 0; i < fields_before_user; ++i)
    fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double cpu_us_of(pid_t process) {
  const auto ns = scheduled_ns(process);
  return ns > 0 ? ns / 1e3 : ticked_s(process) * 1e6;
}

double private_kib_of(pid_t process) {
  std::ifstream in{folder_of(process) + "/smaps_rollup"};
  double all = 0;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("Private_"))  // Clean and dirty.
      all += std::stod(line.substr(line.find(':') + 1));
  if (all == 0)
    throw std::runtime_error{folder_of(process) + "/smaps_rollup does not tell its memory"};
  return all;
}

}  // namespace beamline::bench
