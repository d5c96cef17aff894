#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

/// The file that is the control socket: where it lies, who may use it, and who is behind it.
namespace beamline::program::control {

inline constexpr const char* socket_name = "control.sock";

/// An open file descriptor, closed at the end of its owner.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{other.release()} {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;

private:
  int fd_ = -1;
};

/// The listening end. Holds a lock on the directory, so that a second node cannot take the place of a living one, and
/// removes the file at its end.
class socket_file {
public:
  /// Makes `<dir>/control.sock` with mode 0600 and listens on it. `dir` must belong to this user and be closed to all
  /// others (0700). A file that a dead node left is replaced.
  ///
  /// The path may be longer than the 107 bytes a socket's address can hold: then the address is /proc/self/fd/N/… of
  /// the open directory, and clients that are not `beamline remote` have to do the same.
  ///
  /// Errors: `conflict` (a node lives there, or something that is no socket), `denied` (the directory is open to
  /// others), `io`. Each names the path and the remedy.
  [[nodiscard]] static result<socket_file> listen(const std::filesystem::path& dir);

  socket_file(socket_file&&) noexcept = default;
  socket_file& operator=(socket_file&&) = delete;
  ~socket_file();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Gives the listening socket away, to be closed by the caller.
  [[nodiscard]] int take_listener() noexcept { return listener_.release(); }
  /// Removes the file if it is still ours; what is connected stays connected.
  void remove();

private:
  socket_file(std::filesystem::path path, descriptor dir, descriptor listener);

  std::filesystem::path path_;
  descriptor dir_;  // Locked.
  descriptor listener_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// Who is at the other end of a connected socket.
struct peer {
  std::uint32_t user = 0;
  std::int32_t process = 0;
};
[[nodiscard]] std::optional<peer> peer_of(int fd);

/// Whether this user may give orders: the one the node runs as, or root.
[[nodiscard]] bool is_admitted(const peer& p);

/// Connects without waiting. Errors: `not_found` (no file, or nobody behind it: no node runs there), `denied`, `busy`
/// (too many wait to be accepted), `io`.
[[nodiscard]] result<descriptor> connect_to(const std::filesystem::path& socket);

}  // namespace beamline::program::control
