#include "net/tcp/tcp_acceptor.hpp"

#include "net/tcp/address.hpp"
#include "net/tcp/socket_stream.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/in.h>
#include <unistd.h>

namespace beamline::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using asio::posix::stream_descriptor;

namespace {

// Connections the system holds ready for us: after a cut, all nodes come back at once.
constexpr int accept_backlog = 1024;

bool is_exhausted(int code) { return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM; }

error explain(int code, const endpoint& at) {
  auto where = "the link port " + to_string(at);
  switch (code) {
    case EADDRINUSE:
      return {errc::conflict, where
                                  + " is in use; end the other program that listens there, or set cluster.port to a "
                                    "free port (0: any)"};
    case EACCES:
      return {errc::denied, where + " needs privileges; set cluster.port above 1023 or grant CAP_NET_BIND_SERVICE"};
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return {errc::invalid, where
                                 + " is not at an address of this machine; set cluster.bind to 127.0.0.1, ::1, or an "
                                   "address that `ip address` shows"};
    default: return {errc::io, where + " cannot be opened: " + std::strerror(code)};
  }
}

class acceptor_core final : public net_thread::resident, public std::enable_shared_from_this<acceptor_core> {
public:
  acceptor_core(net_thread& home, int descriptor, endpoint local, logger& log)
      : resident{home}, socket_{home.io(), descriptor}, pause_{home.io()}, local_{std::move(local)}, log_{log} {}

  void evict() override {
    is_gone_ = true;
    auto ignored = error_code{};
    socket_.close(ignored);
    pause_.cancel();
    accepted_ = nullptr;
    ready_.reset();
  }

  void accept(acceptor::on_accept done) {
    assert(!accepted_ && "one accept at a time");
    accepted_ = std::move(done);
    try_accept();
  }

  [[nodiscard]] const endpoint& local() const { return local_; }

private:
  void try_accept() {
    for (;;) {
      auto from = socket_address{};
      from.length = sizeof(from.storage);
      auto fd = ::accept4(socket_.native_handle(), from.get(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0)
        return tell(fd, to_endpoint(from));
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        return wait();
      if (is_exhausted(errno))
        return rest(errno);
      // Any other error concerns one connection that is gone already (accept(2)); a closed socket cannot be here.
    }
  }

  void tell(int fd, endpoint from) {
    set_tcp_options(fd);
    ready_ = make_socket_stream(home(), fd, std::move(from));
    home().post([self = shared_from_this()] {
      if (self->is_gone_)
        return;
      auto done = std::exchange(self->accepted_, nullptr);
      done(std::move(self->ready_));
    });
  }

  void wait() {
    socket_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](error_code) {
      if (!self->is_gone_)
        self->try_accept();
    });
  }

  void rest(int code) {
    log_.write(log_limit_, log_level::error, "net", "connections cannot be accepted",
               {{"endpoint", to_string(local_)}, {"why", std::strerror(code)}, {"remedy", "raise LimitNOFILE"}});
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec && !self->is_gone_)
        self->try_accept();
    });
  }

  stream_descriptor socket_;
  asio::steady_timer pause_;
  endpoint local_;
  logger& log_;
  once_per log_limit_{60s};
  acceptor::on_accept accepted_{};
  std::unique_ptr<byte_stream> ready_{};  // To be told by the next event.
  bool is_gone_ = false;
};

class tcp_acceptor final : public acceptor {
public:
  tcp_acceptor(net_thread& home, int descriptor, endpoint local, logger& log)
      : core_{std::make_shared<acceptor_core>(home, descriptor, std::move(local), log)} {}
  ~tcp_acceptor() override { core_->evict(); }
  tcp_acceptor(const tcp_acceptor&) = delete;
  tcp_acceptor& operator=(const tcp_acceptor&) = delete;

  void accept(on_accept done) override { core_->accept(std::move(done)); }
  [[nodiscard]] endpoint local() const override { return core_->local(); }

private:
  std::shared_ptr<acceptor_core> core_;
};

int bind_and_listen(int fd, const socket_address& at) {
  auto on = 1;
  // After a crash the port is free again at once; two listeners on one port are refused all the same.
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
    return errno;
  // `::` means every address of the machine, an IPv6 address only itself.
  auto only_v6 = is_unspecified(at) ? 0 : 1;
  if (at.family() == AF_INET6 && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6)) != 0)
    return errno;
  if (::bind(fd, at.get(), at.length) != 0 || ::listen(fd, accept_backlog) != 0)
    return errno;
  return 0;
}

}  // namespace

result<std::unique_ptr<acceptor>> listen_tcp(net_thread& home, const endpoint& at, logger& log) {
  auto address = numeric_address({at.host == "localhost" ? "127.0.0.1" : at.host, at.port});
  if (!address)
    return error{errc::invalid, "\"" + at.host
                                    + "\" is not an IP address; set cluster.bind to an address of this machine, "
                                      "such as 127.0.0.1, ::1, 0.0.0.0 or ::"};
  auto fd = open_tcp_socket(address->family());
  if (fd < 0)
    return explain(errno, at);
  if (auto code = bind_and_listen(fd, *address); code != 0) {
    ::close(fd);
    return explain(code, at);
  }
  return std::unique_ptr<acceptor>{std::make_unique<tcp_acceptor>(home, fd, name_of(fd), log)};
}

}  // namespace beamline::net
