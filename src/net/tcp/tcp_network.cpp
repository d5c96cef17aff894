#include "net/tcp/tcp_network.hpp"

#include "net/tcp/tcp_acceptor.hpp"
#include "net/tcp/tcp_dial.hpp"
#include "net/tcp/tls_stream.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

namespace beamline::net {

namespace {

// With less than this left of a dial's time, TLS is not begun.
constexpr duration tls_within_min = 1ms;

}  // namespace

struct tcp_network::impl : std::enable_shared_from_this<impl> {
  impl(net_thread& h, resolver& n, const clock& c, logger& l, std::shared_ptr<const tls_context> t, telemetry* e)
      : home{h}, names{n}, time{c}, log{l}, tls{std::move(t)}, events{e} {}

  /// A dial in its two parts. The first is kept until the whole is over: it is never destroyed by its own completion.
  struct attempt {
    on_dial done;
    std::chrono::steady_clock::time_point until;
    std::unique_ptr<tcp_dial> tcp{};
    std::unique_ptr<tls_handshake> handshake{};
  };

  void on_tcp(std::uint64_t id, result<std::unique_ptr<byte_stream>> connected);
  void end(std::uint64_t id, result<std::unique_ptr<byte_stream>> how);

  net_thread& home;
  resolver& names;
  const clock& time;
  logger& log;
  std::shared_ptr<const tls_context> tls;
  telemetry* events;
  std::map<std::uint64_t, attempt> attempts;
  std::uint64_t last_id = 0;
};

void tcp_network::impl::on_tcp(std::uint64_t id, result<std::unique_ptr<byte_stream>> connected) {
  if (!connected || !tls)
    return end(id, std::move(connected));
  auto& a = attempts.at(id);
  auto left = duration{a.until - std::chrono::steady_clock::now()};
  a.handshake = start_tls(home, tls, tls_side::client, std::move(*connected), std::max(left, tls_within_min),
                          [self = weak_from_this(), id](result<std::unique_ptr<byte_stream>> how) {
                            if (auto i = self.lock())
                              i->end(id, std::move(how));
                          });
}

void tcp_network::impl::end(std::uint64_t id, result<std::unique_ptr<byte_stream>> how) {
  auto over = attempts.extract(id);
  if (!over.empty())
    over.mapped().done(std::move(how));
}

tcp_network::tcp_network(net_thread& home, resolver& names, const clock& time, logger& log,
                         std::shared_ptr<const tls_context> tls, telemetry* events)
    : impl_{std::make_shared<impl>(home, names, time, log, std::move(tls), events)} {}

tcp_network::~tcp_network() { impl_->attempts.clear(); }

void tcp_network::dial(const endpoint& to, duration within, on_dial done) {
  auto id = ++impl_->last_id;
  auto& a = impl_->attempts[id];
  a.done = std::move(done);
  a.until = std::chrono::steady_clock::now() + within;
  a.tcp = dial_tcp(impl_->home, impl_->names, to, within,
                   [self = std::weak_ptr{impl_}, id](result<std::unique_ptr<byte_stream>> connected) {
                     if (auto i = self.lock())
                       i->on_tcp(id, std::move(connected));
                   });
}

result<std::unique_ptr<acceptor>> tcp_network::listen(const endpoint& at) {
  auto opened = listen_tcp(impl_->home, at, impl_->log);
  if (!opened || !impl_->tls)
    return opened;
  return make_tls_acceptor(impl_->home, impl_->tls, std::move(*opened), impl_->time, impl_->log, impl_->events);
}

std::size_t tcp_network::dials() const noexcept { return impl_->attempts.size(); }

}  // namespace beamline::net
