#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <unistd.h>

namespace beamline::testing {

/// Descriptors that this process has open.
inline std::size_t open_descriptors() {
  std::size_t all = 0;
  for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"})
    ++all;
  return all - 1;  // Without the one that reads the folder.
}

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool is_memory_as_it_is = false;  // What was given back is kept for a while.
#else
inline constexpr bool is_memory_as_it_is = true;
#endif

/// Memory of this process, in octets.
inline std::size_t resident_octets() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// TCP ports on which this process listens, over IPv4 and IPv6.
inline std::set<std::uint16_t> listening_ports() {
  std::set<std::string> own;
  for (const auto& one : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    auto ignored = std::error_code{};
    own.insert(std::filesystem::read_symlink(one, ignored).string());
  }
  std::set<std::uint16_t> ports;
  for (const auto* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream in{table};
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::istringstream words{line};
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      if (state == "0A" && own.contains("socket:[" + inode + "]"))
        ports.insert(static_cast<std::uint16_t>(std::stoul(local.substr(local.find(':') + 1), nullptr, 16)));
    }
  }
  return ports;
}

}  // namespace beamline::testing
