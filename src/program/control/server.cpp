#include "program/control/server.hpp"

#include "program/control/context.hpp"
#include "program/control/limits.hpp"
#include "program/control/session.hpp"
#include "program/control/socket_file.hpp"

#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace beamline::program::control {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

struct server::impl {
  impl(socket_file f, options o, dispatcher& verbs, ports p)
      : file{std::move(f)},
        ctx{std::move(o.node), o.times, verbs, p.log, p.time},
        work{asio::make_work_guard(ctx.io)},
        acceptor{ctx.io, asio::local::stream_protocol{}, file.take_listener()},
        pause_timer{ctx.io},
        end_timer{ctx.io} {}

  void do_accept();
  void on_accept(error_code ec, session::socket stream);
  std::optional<error> refusal(session::socket& stream);
  void drain();
  void cut_all();
  void end(duration within);

  socket_file file;
  context ctx;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::local::stream_protocol::acceptor acceptor;
  asio::steady_timer pause_timer;
  asio::steady_timer end_timer;
  once_per log_limit{10s};
  std::thread thread;
};

void server::impl::do_accept() {
  acceptor.async_accept([this](error_code ec, session::socket stream) {
    if (!ctx.is_ending)
      on_accept(ec, std::move(stream));
  });
}

void server::impl::on_accept(error_code ec, session::socket stream) {
  if (ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system
      || ec == asio::error::no_memory || ec == asio::error::no_buffer_space) {
    ctx.log.write(log_limit, log_level::error, "control", "connections cannot be accepted",
                  {{"why", ec.message()}, {"remedy", "raise LimitNOFILE"}});
    pause_timer.expires_after(accept_pause);
    return pause_timer.async_wait([this](error_code failed) {
      if (!failed && !ctx.is_ending)
        do_accept();
    });
  }
  if (!ec) {
    if (auto no = refusal(stream)) {
      // A fresh connection takes a line at once.
      auto ignored = error_code{};
      stream.non_blocking(true, ignored);
      stream.write_some(asio::buffer(encode_error(*no)), ignored);
    } else {
      std::make_shared<session>(ctx, std::move(stream))->start();
    }
  }
  do_accept();
}

std::optional<error> server::impl::refusal(session::socket& stream) {
  auto who = peer_of(stream.native_handle());
  if (!who || !is_admitted(*who)) {
    ctx.log.write(log_limit, log_level::warn, "control", "another user was refused",
                  {{"user", who ? static_cast<std::int64_t>(who->user) : -1}});
    return error{errc::denied, "only root and the user that this node runs as may give it orders"};
  }
  if (ctx.sessions.size() >= connections_max)
    return error{errc::busy, "this node serves " + std::to_string(connections_max)
                                 + " control connections already; end one of them, or try again"};
  return std::nullopt;
}

void server::impl::drain() {
  ctx.is_ending = true;
  auto ignored = error_code{};
  acceptor.close(ignored);
  file.remove();
  auto all = std::vector<std::shared_ptr<session>>{};
  for (const auto& [id, s] : ctx.sessions)
    all.push_back(s);
  for (const auto& s : all)
    s->drain();
}

void server::impl::cut_all() {
  ctx.on_empty = nullptr;
  while (!ctx.sessions.empty()) {
    auto s = ctx.sessions.begin()->second;
    s->cut();
  }
  ctx.io.stop();
}

void server::impl::end(duration within) {
  drain();
  if (within <= duration::zero() || ctx.sessions.empty())
    return cut_all();
  ctx.on_empty = [this] { ctx.io.stop(); };
  end_timer.expires_after(within);
  end_timer.async_wait([this](error_code ec) {
    if (!ec)
      cut_all();
  });
}

server::server(std::unique_ptr<impl> i) : impl_{std::move(i)} {}

result<std::unique_ptr<server>> server::start(options o, dispatcher& verbs, ports p) {
  auto file = socket_file::listen(o.dir);
  if (!file)
    return file.error();
  auto i = std::make_unique<impl>(std::move(*file), std::move(o), verbs, p);
  i->do_accept();
  // What a verb's handler throws is caught by the dispatcher; what still gets here is a broken invariant.
  i->thread = std::thread{[raw = i.get()] { raw->ctx.io.run(); }};
  p.log.info("control", "listening", {{"path", i->file.path().string()}});
  return std::unique_ptr<server>{new server{std::move(i)}};
}

server::~server() { stop(duration::zero()); }

const std::filesystem::path& server::path() const { return impl_->file.path(); }

void server::stop(duration within) {
  if (!impl_->thread.joinable())
    return;
  asio::post(impl_->ctx.io, [i = impl_.get(), within] { i->end(within); });
  impl_->thread.join();
  impl_->ctx.way_in->close();
}

}  // namespace beamline::program::control
