#pragma once

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "web/options.hpp"
#include "web/router.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace beamline::web {

/// What the server needs from its node. All outlive the server.
struct server_ports {
  logger& log;
  telemetry& events;
  const clock& time;
  random_source& random;
};

/// The HTTP and WebSocket server of a node, with one thread of its own on which handlers are called.
///
///   browser ──request──▶ limits, checks ──▶ router ──▶ handler(request, responder)   any thread answers
///   browser ──upgrade──▶ origin, sub-protocol, vsn, connect hook ──101──▶ socket_handler
///           ◀──frames─── socket::send, from any thread: one locked queue per socket, one wake-up per batch
///
/// Requests of one connection are answered in order, one at a time. Whatever a client sends, it gets one clear
/// answer and nobody else is disturbed. Limits and timeouts are all in `web_options`.
class server {
public:
  /// Binds and starts to serve. Fails with the address and the remedy when the port is taken, privileged or the
  /// address is not one of this machine.
  [[nodiscard]] static result<std::unique_ptr<server>> start(web_options options, router routes, server_ports ports);

  /// Cuts what is still open and joins the thread.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Open connections, and those of them that are WebSockets. From any thread.
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t sockets() const;

  /// Closes the listening sockets; what is open stays open. From any thread, any number of times.
  void stop_accepting();

  /// Ends everything in order and joins the thread: no new connections, idle ones closed, requests in progress
  /// answered, sockets closed with 1012 in waves. Whatever is left after `within` is cut. Blocks; not to be called
  /// from handlers.
  void shutdown(duration within);

private:
  struct impl;
  explicit server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace beamline::web
