#include "web/server.hpp"

#include "web/transport/listener.hpp"
#include "web/transport/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <thread>
#include <utility>
#include <vector>

namespace beamline::web {

namespace asio = boost::asio;
using transport::context;
using transport::session;

struct server::impl {
  impl(web_options options, router routes, server_ports ports)
      : ctx{std::move(options), std::move(routes), ports},
        work{asio::make_work_guard(ctx.io)},
        wave_timer{ctx.io},
        end_timer{ctx.io} {}

  void run();
  void stop_listening();
  void drain();
  void close_wave();
  void cut_all();
  void join();

  context ctx;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::steady_timer wave_timer;
  asio::steady_timer end_timer;
  std::vector<std::shared_ptr<transport::listener>> listeners;
  std::vector<std::weak_ptr<session>> to_close;  // WebSockets still to be told, the next one at the end.
  std::uint16_t port = 0;
  std::thread thread;
};

void server::impl::run() {
  for (const auto& l : listeners)
    l->start();
  // Callbacks into the program are guarded one by one; what still gets here is a broken invariant.
  ctx.io.run();
  ctx.rounds->stop();
}

void server::impl::stop_listening() {
  for (const auto& l : listeners)
    l->stop();
}

void server::impl::drain() {
  if (std::exchange(ctx.is_draining, true))
    return;
  stop_listening();
  auto all = std::vector<std::shared_ptr<session>>{};
  for (const auto& [id, s] : ctx.sessions)
    all.push_back(s);
  for (const auto& s : all) {
    if (s->is_websocket())
      to_close.push_back(s);
    else
      s->drain();
  }
  ctx.on_empty = [this] { ctx.io.stop(); };
  if (ctx.sessions.empty())
    return ctx.io.stop();
  close_wave();
}

void server::impl::close_wave() {
  for (std::size_t n = 0; n < ctx.options.drain_wave_sockets && !to_close.empty(); ++n) {
    if (auto s = to_close.back().lock())
      s->drain();
    to_close.pop_back();
  }
  if (to_close.empty())
    return;
  auto half = static_cast<std::uint64_t>(ctx.options.drain_wave_interval.count()) / 2;
  wave_timer.expires_after(duration{static_cast<duration::rep>(half + ctx.ports.random.below(half + 1))});
  wave_timer.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      close_wave();
  });
}

void server::impl::cut_all() {
  ctx.is_draining = true;
  ctx.on_empty = nullptr;
  while (!ctx.sessions.empty()) {
    auto s = ctx.sessions.begin()->second;
    s->cut();
  }
}

void server::impl::join() {
  if (thread.joinable())
    thread.join();
}

server::server(std::unique_ptr<impl> i) : impl_{std::move(i)} {}

result<std::unique_ptr<server>> server::start(web_options options, router routes, server_ports ports) {
  auto i = std::make_unique<impl>(std::move(options), std::move(routes), ports);
  auto listeners = transport::open_listeners(i->ctx, i->port);
  if (!listeners)
    return listeners.error();
  i->listeners = std::move(*listeners);
  i->thread = std::thread{[raw = i.get()] { raw->run(); }};
  ports.log.info("web", "listening", {{"bind", i->ctx.options.bind}, {"port", i->port}});
  return std::unique_ptr<server>{new server{std::move(i)}};
}

server::~server() { shutdown(duration::zero()); }

std::uint16_t server::port() const { return impl_->port; }

std::size_t server::connections() const { return impl_->ctx.connection_count.load(std::memory_order_relaxed); }

std::size_t server::sockets() const { return impl_->ctx.socket_count.load(std::memory_order_relaxed); }

void server::stop_accepting() {
  asio::post(impl_->ctx.io, [i = impl_.get()] { i->stop_listening(); });
}

void server::shutdown(duration within) {
  if (!impl_->thread.joinable())
    return;
  asio::post(impl_->ctx.io, [i = impl_.get(), within] {
    if (within <= duration::zero()) {
      i->stop_listening();
      i->cut_all();
      return i->ctx.io.stop();
    }
    i->end_timer.expires_after(within);
    i->end_timer.async_wait([i](boost::system::error_code ec) {
      if (ec)
        return;
      i->ctx.ports.log.warn("web", "connections were cut at shutdown", {{"open", i->ctx.sessions.size()}});
      i->cut_all();
      i->ctx.io.stop();
    });
    i->drain();
  });
  impl_->join();
  impl_->ctx.door->stop();
}

}  // namespace beamline::web
