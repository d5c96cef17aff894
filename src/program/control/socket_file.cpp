#include "program/control/socket_file.hpp"

#include "program/control/limits.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace beamline::program::control {

namespace {

error failed(errc code, const std::filesystem::path& path, std::string_view what, int number, std::string_view remedy) {
  return {code,
          path.string() + ": cannot " + std::string{what} + ": " + std::strerror(number) + "; " + std::string{remedy}};
}

result<descriptor> open_dir(const std::filesystem::path& dir) {
  descriptor fd{::open(dir.empty() ? "." : dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.is_open())
    return failed(errno == ENOENT || errno == ENOTDIR ? errc::not_found : errc::io, dir, "open the directory", errno,
                  "check the path and its owner");
  return fd;
}

/// The address of a file in an open directory. A path that does not fit goes through the descriptor.
result<sockaddr_un> address_of(const std::filesystem::path& path, const descriptor& dir) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  auto text = path.string();
  if (text.size() >= sizeof out.sun_path)
    text = "/proc/self/fd/" + std::to_string(dir.get()) + "/" + path.filename().string();
  if (text.size() >= sizeof out.sun_path)
    return error{errc::too_large, path.string() + ": the name of the socket is longer than "
                                      + std::to_string(sizeof out.sun_path - 1) + " bytes; choose a shorter one"};
  std::memcpy(out.sun_path, text.c_str(), text.size() + 1);
  return out;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

/// Opens a socket that never blocks; `errno` tells why there is none.
descriptor make_socket() { return descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}; }

result<void> check_dir(const std::filesystem::path& dir, const descriptor& fd) {
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0)
    return failed(errc::io, dir, "look at the directory", errno, "check its owner");
  if (s.st_uid != ::geteuid())
    return error{errc::denied, dir.string() + ": the directory belongs to user " + std::to_string(s.st_uid)
                                   + ", the node runs as user " + std::to_string(::geteuid())
                                   + "; chown it, or set node.data_dir"};
  if ((s.st_mode & 077) != 0)
    return error{errc::denied, dir.string() + ": the directory is open to other users; chmod 700 it"};
  return {};
}

error occupied(const std::filesystem::path& path, int fd) {
  auto who = fd >= 0 ? peer_of(fd) : std::nullopt;
  return {errc::conflict, path.string() + ": a node "
                              + (who ? "(process " + std::to_string(who->process) + ") " : std::string{})
                              + "is running there already; stop it, or give this one another node.data_dir"};
}

/// Makes way for a new socket: removes what a dead node left.
result<void> clear(const std::filesystem::path& path, const descriptor& dir) {
  struct stat s {};
  if (::fstatat(dir.get(), path.filename().c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? result<void>{}
                           : failed(errc::io, path, "look at the file", errno, "check the directory's owner");
  if (!S_ISSOCK(s.st_mode))
    return error{errc::conflict, path.string() + ": the file is no socket; move it away"};
  auto address = address_of(path, dir);
  auto probe = make_socket();
  if (!address || !probe.is_open())
    return address ? failed(errc::io, path, "open a socket", errno, "raise LimitNOFILE") : address.error();
  // A full queue (EAGAIN) belongs to somebody who lives, too.
  if (::connect(probe.get(), generic(*address), sizeof *address) == 0 || errno == EAGAIN)
    return occupied(path, probe.get());
  if (::unlinkat(dir.get(), path.filename().c_str(), 0) != 0 && errno != ENOENT)
    return failed(errc::io, path, "remove the socket of a node that has ended", errno, "remove it by hand");
  return {};
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

int descriptor::release() noexcept { return std::exchange(fd_, -1); }

socket_file::socket_file(std::filesystem::path path, descriptor dir, descriptor listener)
    : path_{std::move(path)}, dir_{std::move(dir)}, listener_{std::move(listener)} {}

socket_file::~socket_file() { remove(); }

void socket_file::remove() {
  if (!dir_.is_open())
    return;
  struct stat s {};
  if (::fstatat(dir_.get(), path_.filename().c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0 && s.st_ino == inode_
      && s.st_dev == device_)
    ::unlinkat(dir_.get(), path_.filename().c_str(), 0);
  dir_ = descriptor{};
}

result<socket_file> socket_file::listen(const std::filesystem::path& dir) {
  auto path = dir / socket_name;
  auto opened = open_dir(dir);
  if (!opened)
    return opened.error();
  if (auto ok = check_dir(dir, *opened); !ok)
    return ok.error();
  // Whoever lives holds the lock, so what is found below is a left-over. Some network file systems have no locks.
  if (::flock(opened->get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    auto living = connect_to(path);
    return occupied(path, living ? living->get() : -1);
  }
  if (auto ok = clear(path, *opened); !ok)
    return ok.error();
  auto address = address_of(path, *opened);
  if (!address)
    return address.error();
  auto fd = make_socket();
  if (!fd.is_open())
    return failed(errc::io, path, "open a socket", errno, "raise LimitNOFILE");
  // The file gets the mode that the socket has when it is bound, so it is never wider; the umask of the process, which
  // all threads share, stays as it is.
  if (::fchmod(fd.get(), 0600) != 0 || ::bind(fd.get(), generic(*address), sizeof *address) != 0)
    return failed(errc::io, path, "make the socket", errno, "check the directory's owner, and that it is a local disk");
  socket_file out{path, std::move(*opened), std::move(fd)};
  struct stat s {};
  if (::fstatat(out.dir_.get(), socket_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
    return failed(errc::io, path, "look at the socket", errno, "check the directory's owner");
  out.device_ = s.st_dev;
  out.inode_ = s.st_ino;
  if ((s.st_mode & 077) != 0)
    return error{errc::denied, path.string()
                                   + ": this file system does not keep the mode 0600 of the socket; use a "
                                     "local disk for node.data_dir"};
  if (::listen(out.listener_.get(), accept_backlog) != 0)
    return failed(errc::io, path, "listen", errno, "check the limits of this process");
  return out;
}

std::optional<peer> peer_of(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
    return std::nullopt;
  return peer{who.uid, who.pid};
}

bool is_admitted(const peer& p) { return p.user == ::geteuid() || p.user == 0; }

result<descriptor> connect_to(const std::filesystem::path& socket) {
  auto dir = open_dir(socket.parent_path());
  if (!dir)
    return dir.error();
  auto address = address_of(socket, *dir);
  if (!address)
    return address.error();
  auto fd = make_socket();
  if (!fd.is_open())
    return failed(errc::io, socket, "open a socket", errno, "close something");
  if (::connect(fd.get(), generic(*address), sizeof *address) == 0)
    return fd;
  switch (errno) {
    case ENOENT:
    case ECONNREFUSED: return error{errc::not_found, socket.string() + ": no node is running there"};
    case EACCES:
    case EPERM:
      return failed(errc::denied, socket, "connect", errno, "only root and the user that the node runs as may");
    case EAGAIN:
      return error{errc::busy, socket.string()
                                   + ": too many clients wait for this node; it may be stopped (SIGCONT "
                                     "wakes it), or try again"};
    default: return failed(errc::io, socket, "connect", errno, "check that this is a control socket");
  }
}

}  // namespace beamline::program::control
