#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::bench {

/// A program of ours that serves on this machine: started, its address read from its first line, ended by the end of
/// its input.
class program {
public:
  /// Throws std::runtime_error when it does not start or its first line is no address with a port.
  explicit program(const std::vector<std::string>& command);
  /// Waits until it has ended; kills it when that takes long.
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  [[nodiscard]] std::string first_line() const;

  pid_t id_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace beamline::bench
