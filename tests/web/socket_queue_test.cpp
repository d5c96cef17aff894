// What other threads leave for a connection, and when they are to wait.
#include "web/transport/socket_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace beamline::web;
using namespace beamline::web::transport;

namespace {

struct fixture {
  void send(std::size_t frames, std::size_t octets = 10) {
    for (std::size_t i = 0; i < frames; ++i)
      queue.send(frame::text(std::string(octets, 'x')));
  }
  /// As the connection does; returns the octets it has.
  std::size_t fetch() {
    std::size_t all = 0;
    for (const auto& item : queue.fetch().items)
      all += item.size();
    return all;
  }

  boost::asio::io_context io{1};
  socket_queue queue{{.high_water_bytes = 4000, .low_water_bytes = 1000, .pending_bytes_max = 100'000},
                     std::make_shared<inbox>(io),
                     std::make_shared<round>(io)};
};

}  // namespace

TEST_CASE("a socket takes no more while its server has not fetched what was sent") {
  fixture f;
  f.send(socket_queue::unfetched_frames_max - 1);
  CHECK(f.queue.writable());
  f.send(1);
  CHECK_FALSE(f.queue.writable());
  const auto octets = f.fetch();
  CHECK_FALSE(f.queue.writable());  // It may not fit into the socket.
  CHECK(f.queue.written(octets, 0));
  CHECK(f.queue.writable());
}

TEST_CASE("many small frames count with what keeping them costs") {
  fixture f;
  std::size_t octets = 0;
  std::size_t frames = 0;
  for (; f.queue.writable(); ++frames) {
    f.send(1);
    octets += f.fetch();
  }
  CHECK(octets < 4000 / 10);  // Their octets alone would be far from the mark.
  CHECK(frames == 4000 / (12 + item_overhead_bytes) + 1);
  CHECK_FALSE(f.queue.written(octets / 2, frames / 2));
  CHECK(f.queue.written(octets - octets / 2, 0));
}

TEST_CASE("a socket drains when few enough octets are left, told once") {
  fixture f;
  f.send(1, 5000);
  CHECK_FALSE(f.queue.writable());
  (void)f.fetch();
  CHECK_FALSE(f.queue.written(3000, 1));
  CHECK(f.queue.written(1500, 1));
  CHECK_FALSE(f.queue.written(100, 1));
  CHECK(f.queue.writable());
}
