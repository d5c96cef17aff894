#include "net/tcp/tcp_dial.hpp"

#include "net/tcp/address.hpp"
#include "net/tcp/socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

namespace beamline::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using asio::posix::stream_descriptor;

namespace {

// A name with more addresses than this is tried at the first ones only.
constexpr std::size_t addresses_max = 16;

class dial_core final : public net_thread::resident, public std::enable_shared_from_this<dial_core> {
public:
  dial_core(net_thread& home, const endpoint& to, duration within, byte_network::on_dial done)
      : resident{home},
        socket_{home.io()},
        whole_{home.io()},
        share_{home.io()},
        to_{to},
        within_{within},
        done_{std::move(done)} {}

  void evict() override {
    is_over_ = true;
    stop();
    done_ = nullptr;
  }

  void start(resolver& names) {
    whole_.expires_after(within_);
    whole_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec && !self->is_over_)
        self->fail({errc::unavailable, self->says_nothing()});
    });
    if (auto numeric = numeric_address(to_)) {
      addresses_.push_back(*numeric);
      return home().post([self = shared_from_this()] { self->try_next(); });
    }
    names.resolve(dns_record::address, to_.host,
                  [self = shared_from_this()](result<name_answer> found) { self->on_names(std::move(found)); });
  }

private:
  [[nodiscard]] std::string says_nothing() const {
    return to_string(to_) + " did not answer within " + std::to_string(to_ms(within_)) + " ms";
  }

  void on_names(result<name_answer> found) {
    if (is_over_)
      return;
    if (!found)
      return fail(found.error());
    for (const auto& e : *found)
      if (auto numeric = numeric_address({e.host, to_.port}); numeric && addresses_.size() < addresses_max)
        addresses_.push_back(*numeric);
    if (addresses_.empty())
      return fail({errc::not_found, "\"" + to_.host + "\" has no address"});
    try_next();
  }

  void try_next() {
    if (is_over_)
      return;
    stop_attempt();
    if (tried_ == addresses_.size())
      return fail(std::move(last_));
    const auto& address = addresses_[tried_++];
    auto fd = open_tcp_socket(address.family());
    if (fd < 0)
      return note(errno);
    set_tcp_options(fd);
    socket_.assign(fd);
    if (::connect(fd, address.get(), address.length) == 0)
      return finish();
    if (errno != EINPROGRESS)
      return note(errno);
    await_connection();
  }

  void await_connection() {
    auto left = whole_.expiry() - asio::steady_timer::clock_type::now();
    share_.expires_after(left / static_cast<int>(addresses_.size() - tried_ + 1));
    share_.async_wait([self = shared_from_this(), attempt = tried_](error_code ec) {
      // The last address has all that is left.
      if (!ec && !self->is_over_ && self->tried_ == attempt && attempt < self->addresses_.size()) {
        self->last_ = {errc::unavailable, self->says_nothing()};
        self->try_next();
      }
    });
    socket_.async_wait(stream_descriptor::wait_write, [self = shared_from_this(), attempt = tried_](error_code ec) {
      if (ec || self->is_over_ || self->tried_ != attempt)
        return;
      auto code = 0;
      auto length = socklen_t{sizeof(code)};
      ::getsockopt(self->socket_.native_handle(), SOL_SOCKET, SO_ERROR, &code, &length);
      if (code != 0)
        self->note(code);
      else if (peer_of(self->socket_.native_handle()).port == 0)
        self->await_connection();  // Woken for nothing.
      else
        self->finish();
    });
  }

  void note(int code) {
    last_ = {errc::unavailable, to_string(to_) + " cannot be reached: " + std::strerror(code)
                                    + (code == ECONNREFUSED ? "; nobody listens there" : "")};
    home().post([self = shared_from_this()] { self->try_next(); });
  }

  void finish() {
    auto far_end = peer_of(socket_.native_handle());
    // With nobody listening on a port of the range for outgoing connections, the system may connect it to itself.
    if (far_end == name_of(socket_.native_handle()))
      return note(ECONNREFUSED);
    connected_ = make_socket_stream(home(), socket_.release(), far_end);
    end([](dial_core& self) { return result<std::unique_ptr<byte_stream>>{std::move(self.connected_)}; });
  }

  void fail(error e) {
    last_ = std::move(e);
    end([](dial_core& self) { return result<std::unique_ptr<byte_stream>>{std::move(self.last_)}; });
  }

  template <class F>
  void end(F outcome) {
    is_over_ = true;
    stop();
    home().post([self = shared_from_this(), outcome] {
      if (auto done = std::exchange(self->done_, nullptr))
        done(outcome(*self));
    });
  }

  void stop_attempt() {
    share_.cancel();
    auto ignored = error_code{};
    socket_.close(ignored);
  }

  void stop() {
    whole_.cancel();
    stop_attempt();
  }

  stream_descriptor socket_;
  asio::steady_timer whole_;
  asio::steady_timer share_;
  endpoint to_;
  duration within_;
  byte_network::on_dial done_;
  std::vector<socket_address> addresses_{};
  std::size_t tried_ = 0;
  error last_{};
  std::unique_ptr<byte_stream> connected_{};
  bool is_over_ = false;
};

class started_dial final : public tcp_dial {
public:
  explicit started_dial(std::shared_ptr<dial_core> core) : core_{std::move(core)} {}
  ~started_dial() override { core_->evict(); }
  started_dial(const started_dial&) = delete;
  started_dial& operator=(const started_dial&) = delete;

private:
  std::shared_ptr<dial_core> core_;
};

}  // namespace

std::unique_ptr<tcp_dial> dial_tcp(net_thread& home, resolver& names, const endpoint& to, duration within,
                                   byte_network::on_dial done) {
  auto core = std::make_shared<dial_core>(home, to, within, std::move(done));
  core->start(names);
  return std::make_unique<started_dial>(std::move(core));
}

}  // namespace beamline::net
