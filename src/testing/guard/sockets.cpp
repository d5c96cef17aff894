// The real network, and reading or writing what may block.
#include "testing/guard/guard.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* the_network = "net::byte_network (in a simulation: simulated_node::network)";
constexpr const char* the_resolver = "net::resolver (in a simulation: simulated_node::resolver)";

/// Sockets, pipes and devices block; files were opened outside, and who did that knows why.
bool may_block(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && !S_ISREG(about.st_mode);
}

void forbid_read(const void* caller, int fd, const char* what) {
  if (beamline::testing::running().is_active && may_block(fd))
    forbid_but_to_libraries(caller, what, the_network);
}

void forbid_write(int fd, const char* what) {
  // Printing is fine, wherever it goes.
  if (beamline::testing::running().is_active && fd > STDERR_FILENO && may_block(fd))
    die(what, the_network);
}

}  // namespace

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  forbid("socket", the_network);
  return next<socket>("socket")(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int ends[2]) noexcept {
  forbid("socketpair", the_network);
  return next<socketpair>("socketpair")(domain, type, protocol, ends);
}

int connect(int fd, const sockaddr* to, socklen_t size) {
  forbid("connect", the_network);
  return next<connect>("connect")(fd, to, size);
}

int accept(int fd, sockaddr* __restrict from, socklen_t* __restrict size) {
  forbid("accept", the_network);
  return next<accept>("accept")(fd, from, size);
}

int accept4(int fd, sockaddr* __restrict from, socklen_t* __restrict size, int flags) {
  forbid("accept4", the_network);
  return next<accept4>("accept4")(fd, from, size, flags);
}

ssize_t recv(int fd, void* out, size_t size, int flags) {
  forbid("recv", the_network);
  return next<recv>("recv")(fd, out, size, flags);
}

ssize_t recvfrom(int fd, void* __restrict out, size_t size, int flags, sockaddr* __restrict from,
                 socklen_t* __restrict from_size) {
  forbid("recvfrom", the_network);
  return next<recvfrom>("recvfrom")(fd, out, size, flags, from, from_size);
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  forbid("recvmsg", the_network);
  return next<recvmsg>("recvmsg")(fd, message, flags);
}

ssize_t send(int fd, const void* octets, size_t size, int flags) {
  forbid("send", the_network);
  return next<send>("send")(fd, octets, size, flags);
}

ssize_t sendto(int fd, const void* octets, size_t size, int flags, const sockaddr* to, socklen_t to_size) {
  forbid("sendto", the_network);
  return next<sendto>("sendto")(fd, octets, size, flags, to, to_size);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  forbid("sendmsg", the_network);
  return next<sendmsg>("sendmsg")(fd, message, flags);
}

ssize_t read(int fd, void* out, size_t size) {
  forbid_read(__builtin_return_address(0), fd, "read of what is no file");
  return next<read>("read")(fd, out, size);
}

ssize_t readv(int fd, const iovec* parts, int count) {
  forbid_read(__builtin_return_address(0), fd, "readv of what is no file");
  return next<readv>("readv")(fd, parts, count);
}

ssize_t write(int fd, const void* octets, size_t size) {
  forbid_write(fd, "write to what is no file");
  return next<write>("write")(fd, octets, size);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  forbid_write(fd, "writev to what is no file");
  return next<writev>("writev")(fd, parts, count);
}

int getaddrinfo(const char* __restrict name, const char* __restrict service, const addrinfo* __restrict hints,
                addrinfo** __restrict out) {
  forbid("getaddrinfo", the_resolver);
  return next<getaddrinfo>("getaddrinfo")(name, service, hints, out);
}

int getnameinfo(const sockaddr* __restrict address, socklen_t size, char* __restrict host, socklen_t host_size,
                char* __restrict service, socklen_t service_size, int flags) {
  forbid("getnameinfo", the_resolver);
  return next<getnameinfo>("getnameinfo")(address, size, host, host_size, service, service_size, flags);
}

hostent* gethostbyname(const char* name) {
  forbid("gethostbyname", the_resolver);
  return next<gethostbyname>("gethostbyname")(name);
}

}  // extern "C"
