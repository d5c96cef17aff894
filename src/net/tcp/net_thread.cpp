#include "net/tcp/net_thread.hpp"

#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace beamline::net {

namespace asio = boost::asio;

namespace {

// One read takes at most this much: enough for a system call not to count, little enough to stay in the cache.
constexpr std::size_t scratch_octets = 128 * 1024;

}  // namespace

struct net_thread::impl {
  impl() : io{1}, work{asio::make_work_guard(io)}, scratch(scratch_octets) {}

  void main();
  void run_posted();
  void evict_all();

  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<char> scratch;
  resident* first = nullptr;  // Of the thread; after it has ended, of whoever destroys what is left.

  std::mutex mutex;
  std::vector<std::function<void()>> posted;
  bool is_woken = false;  // A run of what is posted is on its way.
  bool is_ending = false;

  std::vector<std::function<void()>> running;
  std::thread thread;
};

void net_thread::impl::run_posted() {
  {
    std::lock_guard lock{mutex};
    running.swap(posted);
    is_woken = false;
  }
  for (auto& fn : running) {
    fn();
    fn = nullptr;  // What it holds goes before the next one runs, as if each were an event of its own.
  }
  running.clear();
}

void net_thread::impl::evict_all() {
  // One resident may own others, or take them along.
  while (first != nullptr) {
    auto* r = std::exchange(first, first->after_);
    if (first != nullptr)
      first->before_ = nullptr;
    r->before_ = r->after_ = nullptr;
    r->evict();
  }
}

void net_thread::impl::main() {
  io.run();
  run_posted();  // Nothing is added any more.
  evict_all();
  // The system operations were cancelled: their handlers go here, on this thread.
  io.restart();
  io.poll();
}

net_thread::net_thread() : impl_{std::make_unique<impl>()} {
  impl_->thread = std::thread{[i = impl_.get()] { i->main(); }};
}

net_thread::~net_thread() { stop(); }

void net_thread::post(std::function<void()> fn) {
  {
    std::lock_guard lock{impl_->mutex};
    if (impl_->is_ending)
      return;
    impl_->posted.push_back(std::move(fn));
    if (std::exchange(impl_->is_woken, true))
      return;
  }
  asio::post(impl_->io, [i = impl_.get()] { i->run_posted(); });
}

void net_thread::run(const std::function<void()>& fn) {
  assert(!is_here());
  auto done = std::pair<std::mutex, std::condition_variable>{};
  auto is_done = false;
  {
    std::lock_guard lock{impl_->mutex};
    is_done = impl_->is_ending;
  }
  if (is_done) {
    stop();
    return fn();
  }
  post([&] {
    fn();
    std::lock_guard lock{done.first};
    is_done = true;
    done.second.notify_one();
  });
  std::unique_lock lock{done.first};
  done.second.wait(lock, [&] { return is_done; });
}

void net_thread::stop() {
  assert(!is_here());
  {
    std::lock_guard lock{impl_->mutex};
    impl_->is_ending = true;
  }
  if (!impl_->thread.joinable())
    return;
  asio::post(impl_->io, [i = impl_.get()] {
    i->work.reset();
    i->io.stop();
  });
  impl_->thread.join();
}

bool net_thread::is_here() const noexcept { return std::this_thread::get_id() == impl_->thread.get_id(); }

asio::io_context& net_thread::io() noexcept { return impl_->io; }

std::span<char> net_thread::scratch() noexcept { return impl_->scratch; }

net_thread::resident::resident(net_thread& home) : home_{home}, after_{home.impl_->first} {
  if (after_ != nullptr)
    after_->before_ = this;
  home_.impl_->first = this;
}

net_thread::resident::~resident() {
  if (before_ != nullptr)
    before_->after_ = after_;
  else if (home_.impl_->first == this)
    home_.impl_->first = after_;
  if (after_ != nullptr)
    after_->before_ = before_;
}

}  // namespace beamline::net
