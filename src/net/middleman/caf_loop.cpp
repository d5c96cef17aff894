#include "net/middleman/caf_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

namespace beamline::net {

namespace asio = boost::asio;

namespace {

using caf::io::network::default_multiplexer;

// Rounds of CAF's I/O before the other events of the thread have their turn; the rest follows after them.
constexpr int rounds_at_once = 16;

// CAF has no way to ask for the descriptor it waits on, and no other to learn when it has work. The language lets an
// explicit instantiation name a private member; the compiler thereby checks that it is there.
int epoll_of(const default_multiplexer& m);

template <auto Member>
struct private_member {
  friend int epoll_of(const default_multiplexer& m) { return m.*Member; }
};

template struct private_member<&default_multiplexer::epollfd_>;

}  // namespace

/// On the net thread.
struct caf_loop::impl final : std::enable_shared_from_this<impl> {
  impl(net_thread& h, default_multiplexer& m) : home{h}, caf{m} {}

  void begin(int descriptor) {
    caf.thread_id(std::this_thread::get_id());
    ready.emplace(home.io(), descriptor);
    run();
  }
  void run() {
    is_running = true;
    auto left = rounds_at_once;
    while (left > 0 && caf.try_run_once())
      --left;
    is_running = false;
    if (left == 0)
      run_soon();
    else if (!std::exchange(is_waiting, true))
      ready->async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](auto failed) {
        self->is_waiting = false;
        if (!failed && self->ready)
          self->run();
      });
  }
  /// After the present event.
  void run_soon() {
    if (!is_running && !std::exchange(is_due, true))
      asio::post(home.io(), [self = shared_from_this()] {
        self->is_due = false;
        if (self->ready)
          self->run();
      });
  }

  net_thread& home;
  default_multiplexer& caf;
  std::optional<asio::posix::stream_descriptor> ready;
  bool is_running = false;
  bool is_due = false;
  bool is_waiting = false;
};

caf_loop::caf_loop(net_thread& home, std::shared_ptr<impl> i) : resident{home}, impl_{std::move(i)} {}

caf_loop::~caf_loop() { evict(); }

result<std::shared_ptr<caf_loop>> caf_loop::start(net_thread& home, caf::actor_system& system) {
  auto* multiplexer = dynamic_cast<default_multiplexer*>(&system.middleman().backend());
  if (multiplexer == nullptr || !caf::get_or(system.config(), "middleman.manual-multiplexing", false))
    return error{errc::unsupported,
                 "CAF's middleman has a thread of its own; pass net::load_carriers as the node's configure"};
  auto descriptor = ::dup(epoll_of(*multiplexer));
  if (descriptor < 0)
    return error{errc::unsupported, "CAF's middleman has no epoll descriptor: " + std::string{std::strerror(errno)}
                                        + "; use CAF 0.17 on Linux"};
  auto made = std::shared_ptr<caf_loop>{};
  home.run([&] {
    made = std::shared_ptr<caf_loop>{new caf_loop{home, std::make_shared<impl>(home, *multiplexer)}};
    made->impl_->begin(descriptor);
  });
  return made;
}

// The thread id stays: nobody else may ever take the middleman's short cut past its pipe.
void caf_loop::evict() { impl_->ready.reset(); }

void caf_loop::nudge() {
  if (home().is_here())
    impl_->run_soon();
}

}  // namespace beamline::net
