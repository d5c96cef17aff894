#include "web/transport/listener.hpp"

#include "web/transport/http_session.hpp"

#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace beamline::web::transport {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

namespace {

// With port 0 and two addresses, the port the system chose for one may be taken on the other; then another is tried.
constexpr int free_port_attempts_max = 8;

error explain(const error_code& ec, const std::string& address, std::uint16_t port) {
  auto where = "web.port " + std::to_string(port);
  if (ec == asio::error::address_in_use)
    return {errc::conflict,
            where + " is in use on " + address + "; stop the other program or set web.port / BEAMLINE_PORT"};
  if (ec == asio::error::access_denied)
    return {errc::denied,
            where + " needs privileges; set web.port / BEAMLINE_PORT above 1023 or grant CAP_NET_BIND_SERVICE"};
  if (ec == boost::system::errc::address_not_available || ec == asio::error::address_family_not_supported)
    return {errc::invalid,
            "web.bind \"" + address
                + "\" is not an address of this machine; set it to localhost, 127.0.0.1, ::1, 0.0.0.0 or ::"};
  return {errc::io, where + " on " + address + " cannot be listened on: " + ec.message()};
}

bool is_missing(const error_code& ec) {
  return ec == boost::system::errc::address_not_available || ec == asio::error::address_family_not_supported;
}

error_code listen_on(tcp::acceptor& acceptor, const tcp::endpoint& at) {
  auto ec = error_code{};
  acceptor.open(at.protocol(), ec);
  if (!ec)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec && at.address().is_v6())
    acceptor.set_option(asio::ip::v6_only{!at.address().is_unspecified()}, ec);
  if (!ec)
    acceptor.bind(at, ec);
  if (!ec)
    acceptor.listen(accept_backlog, ec);
  return ec;
}

using acceptors = std::vector<tcp::acceptor>;

result<acceptors> open_all(context& ctx, const std::vector<asio::ip::address>& addresses, std::uint16_t port,
                           bool some) {
  auto out = acceptors{};
  auto last = error{};
  for (const auto& address : addresses) {
    auto acceptor = tcp::acceptor{ctx.io};
    if (auto ec = listen_on(acceptor, {address, port})) {
      last = explain(ec, address.to_string(), port);
      if (some && is_missing(ec))
        continue;
      return last;
    }
    port = acceptor.local_endpoint().port();
    out.push_back(std::move(acceptor));
  }
  if (out.empty())
    return last;
  return out;
}

}  // namespace

listener::listener(context& ctx, tcp::acceptor acceptor) : ctx_{ctx}, acceptor_{std::move(acceptor)}, timer_{ctx.io} {}

void listener::stop() {
  auto ignored = error_code{};
  is_stopped_ = true;
  acceptor_.close(ignored);
  timer_.cancel();
}

void listener::do_accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code ec, tcp::socket stream) {
    if (!self->is_stopped_)
      self->on_accept(ec, std::move(stream));
  });
}

void listener::on_accept(error_code ec, tcp::socket stream) {
  if (ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system
      || ec == asio::error::no_memory || ec == asio::error::no_buffer_space)
    return pause(ec);
  auto open = ctx_.sessions.size();
  // Other errors concern one connection that is gone already.
  if (!ec && open < ctx_.options.connections_max + refusals_max) {
    auto peer = stream.remote_endpoint(ec);
    if (!ec) {
      auto address = http_session::peer_address{peer.address().to_string(), peer.port()};
      auto refuses = open >= ctx_.options.connections_max;
      std::make_shared<http_session>(ctx_, std::move(stream), std::move(address), refuses)->enter();
    }
  }
  do_accept();
}

void listener::pause(const error_code& ec) {
  ctx_.ports.log.write(log_limit_, log_level::error, "web", "connections cannot be accepted",
                       {{"why", ec.message()}, {"remedy", "raise LimitNOFILE or lower web.connections_max"}});
  timer_.expires_after(accept_pause);
  timer_.async_wait([self = shared_from_this()](error_code failed) {
    if (!failed && !self->is_stopped_)
      self->do_accept();
  });
}

result<std::vector<std::shared_ptr<listener>>> open_listeners(context& ctx, std::uint16_t& port) {
  auto addresses = std::vector<asio::ip::address>{};
  auto is_localhost = ctx.options.bind == "localhost";
  if (is_localhost) {
    addresses = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  } else {
    auto ec = error_code{};
    addresses.push_back(asio::ip::make_address(ctx.options.bind, ec));
    if (ec)
      return error{errc::invalid, "web.bind \"" + ctx.options.bind + "\" is not an IP address or localhost"};
  }
  auto opened = result<acceptors>{acceptors{}};
  for (auto attempt = 0; attempt < free_port_attempts_max; ++attempt) {
    opened = open_all(ctx, addresses, ctx.options.port, is_localhost);
    if (opened || ctx.options.port != 0 || opened.error().code != errc::conflict)
      break;
  }
  if (!opened)
    return opened.error();
  port = opened->front().local_endpoint().port();
  auto out = std::vector<std::shared_ptr<listener>>{};
  for (auto& acceptor : *opened)
    out.push_back(std::make_shared<listener>(ctx, std::move(acceptor)));
  return out;
}

}  // namespace beamline::web::transport
