#include "net/tcp/socket_stream.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace beamline::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using asio::posix::stream_descriptor;

namespace {

error cancelled() { return {errc::cancelled, "the connection was closed here"}; }

bool would_block(int code) { return code == EAGAIN || code == EWOULDBLOCK; }

/// What the socket and the events of the thread refer to; outlives the stream for as long as events are under way.
class socket_core final : public net_thread::resident, public std::enable_shared_from_this<socket_core> {
public:
  socket_core(net_thread& home, int descriptor, endpoint remote)
      : resident{home}, socket_{home.io(), descriptor}, remote_{std::move(remote)} {}

  void evict() override {
    do_close();
    drop();
  }

  void read(std::size_t max, byte_stream::on_read done) {
    assert(max > 0 && !reader_ && "one read at a time");
    reader_ = std::move(done);
    read_max_ = max;
    if (!try_read())
      wait_readable();
  }

  void write(bytes octets, byte_stream::on_done done) {
    assert(!writer_ && !is_finished_ && "one write at a time, none after finish");
    writer_ = std::move(done);
    out_ = std::move(octets);
    written_ = 0;
    if (!try_write())
      wait_writable();
  }

  void finish() {
    assert(!writer_ && "no write may be under way");
    if (is_open() && !std::exchange(is_finished_, true))
      ::shutdown(socket_.native_handle(), SHUT_WR);
  }

  void close() {
    if (!is_open())
      return;
    do_close();
    if (reader_ && !read_)
      end_read(cancelled());
    if (writer_ && !write_)
      end_write(cancelled());
  }

  void hang_up() {
    drop();
    if (is_open() && !std::exchange(is_finished_, true))
      ::shutdown(socket_.native_handle(), SHUT_WR);
  }

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] const endpoint& remote() const { return remote_; }

private:
  void drop() {
    read_.reset();
    write_.reset();
    out_ = {};
    reader_ = nullptr;
    writer_ = nullptr;
  }

  void do_close() {
    auto ignored = error_code{};
    socket_.close(ignored);
  }

  [[nodiscard]] error broken(int code) const {
    return {errc::unavailable, "the connection to " + to_string(remote_) + " broke: " + std::strerror(code)};
  }

  /// False: nothing has come yet.
  bool try_read() {
    if (!is_open()) {
      end_read(cancelled());
      return true;
    }
    auto room = home().scratch();
    auto n = ssize_t{};
    do
      n = ::recv(socket_.native_handle(), room.data(), std::min(room.size(), read_max_), 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && would_block(errno))
      return false;
    if (n < 0)
      end_read(broken(errno));
    else
      end_read(bytes{room.data(), static_cast<std::size_t>(n)});
    return true;
  }

  void wait_readable() {
    socket_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](error_code ec) {
      // Closed: that was told already.
      if (!self->reader_ || !self->is_open() || self->read_)
        return;
      if (ec)
        self->end_read(error{errc::unavailable, ec.message()});
      else if (!self->try_read())
        self->wait_readable();
    });
  }

  bool try_write() {
    if (!is_open()) {
      end_write(cancelled());
      return true;
    }
    while (written_ < out_.size()) {
      auto n = ::send(socket_.native_handle(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
      if (n >= 0) {
        written_ += static_cast<std::size_t>(n);
      } else if (would_block(errno)) {
        return false;
      } else if (errno != EINTR) {
        end_write(broken(errno));
        return true;
      }
    }
    end_write({});
    return true;
  }

  void wait_writable() {
    socket_.async_wait(stream_descriptor::wait_write, [self = shared_from_this()](error_code ec) {
      if (!self->writer_ || !self->is_open() || self->write_)
        return;
      if (ec)
        self->end_write(error{errc::unavailable, ec.message()});
      else if (!self->try_write())
        self->wait_writable();
    });
  }

  void end_read(result<bytes> how) {
    read_ = std::move(how);
    home().post([self = shared_from_this()] { self->tell_read(); });
  }

  void end_write(result<void> how) {
    out_ = {};
    write_ = std::move(how);
    home().post([self = shared_from_this()] { self->tell_write(); });
  }

  void tell_read() {
    if (!reader_ || !read_)
      return;
    auto how = *std::exchange(read_, std::nullopt);
    std::exchange(reader_, nullptr)(is_open() ? std::move(how) : result<bytes>{cancelled()});
  }

  void tell_write() {
    if (!writer_ || !write_)
      return;
    auto how = *std::exchange(write_, std::nullopt);
    std::exchange(writer_, nullptr)(is_open() ? std::move(how) : result<void>{cancelled()});
  }

  stream_descriptor socket_;
  endpoint remote_;
  byte_stream::on_read reader_{};
  byte_stream::on_done writer_{};
  std::size_t read_max_ = 0;
  std::optional<result<bytes>> read_{};  // To be told by the next event.
  std::optional<result<void>> write_{};
  bytes out_{};
  std::size_t written_ = 0;
  bool is_finished_ = false;
};

class socket_stream final : public local_stream {
public:
  socket_stream(net_thread& home, int descriptor, endpoint remote)
      : core_{std::make_shared<socket_core>(home, descriptor, std::move(remote))} {}
  ~socket_stream() override { core_->evict(); }
  socket_stream(const socket_stream&) = delete;
  socket_stream& operator=(const socket_stream&) = delete;

  void read(std::size_t max, on_read done) override { core_->read(max, std::move(done)); }
  void write(bytes octets, on_done done) override { core_->write(std::move(octets), std::move(done)); }
  void finish() override { core_->finish(); }
  void close() override { core_->close(); }
  void hang_up() override { core_->hang_up(); }
  [[nodiscard]] bool is_open() const override { return core_->is_open(); }
  [[nodiscard]] endpoint remote() const override { return core_->remote(); }

private:
  std::shared_ptr<socket_core> core_;
};

}  // namespace

std::unique_ptr<byte_stream> make_socket_stream(net_thread& home, int descriptor, endpoint remote) {
  return std::make_unique<socket_stream>(home, descriptor, std::move(remote));
}

result<local_pair> open_local_pair(net_thread& home) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    return error{errc::io, std::string{"no socket pair for the middleman: "} + std::strerror(errno)
                               + "; if descriptors ran out, raise LimitNOFILE"};
  return local_pair{std::make_unique<socket_stream>(home, ends[0], endpoint{"local", 0}), ends[1]};
}

}  // namespace beamline::net
