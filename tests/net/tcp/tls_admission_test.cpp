// Who is let in to the TLS handshake, by the source it comes from.

#include "net/events.hpp"
#include "net/tcp/authority.hpp"
#include "net/tcp/real_network.hpp"
#include "net/tcp/tls_stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// A connection from anywhere, which says that and then nothing.
class made_up_stream final : public net::byte_stream {
public:
  made_up_stream(net::net_thread& home, std::string from, bytes says, std::vector<std::string>& closed)
      : home_{home}, from_{std::move(from)}, says_{std::move(says)}, closed_{closed} {}
  ~made_up_stream() override { closed_.push_back(from_); }
  made_up_stream(const made_up_stream&) = delete;
  made_up_stream& operator=(const made_up_stream&) = delete;

  void read(std::size_t, on_read done) override {
    if (!says_.empty())
      home_.post([done = std::move(done), octets = std::exchange(says_, {})] { done(octets); });
  }
  void write(bytes, on_done done) override {
    home_.post([done = std::move(done)] { done({}); });
  }
  void finish() override {}
  void close() override { is_open_ = false; }
  [[nodiscard]] bool is_open() const override { return is_open_; }
  [[nodiscard]] net::endpoint remote() const override { return {from_, 4711}; }

private:
  net::net_thread& home_;
  std::string from_;
  bytes says_;
  std::vector<std::string>& closed_;
  bool is_open_ = true;
};

/// A TLS port at which the test says who comes.
struct made_up_port {
  class under final : public net::acceptor {
  public:
    explicit under(on_accept& to) : to_{to} {}
    void accept(on_accept done) override { to_ = std::move(done); }
    [[nodiscard]] net::endpoint local() const override { return {"2001:db8::1", 4400}; }

  private:
    on_accept& to_;
  };

  explicit made_up_port(std::shared_ptr<const net::tls_context> tls) {
    auto h =
        events.attach<net::connect_failed>([this](const net::connect_failed& e) { failed.emplace_back(e.address); });
    watch = std::move(h);
    net.loop.run([&] {
      port = net::make_tls_acceptor(net.loop, std::move(tls), std::make_unique<under>(next), time, *net.log, &events);
      port->accept([](const stream_result&) { FAIL("nobody has proven anything"); });
    });
  }
  ~made_up_port() {
    net.loop.run([&] { port.reset(); });
    net.loop.run([] {});
  }
  made_up_port(const made_up_port&) = delete;
  made_up_port& operator=(const made_up_port&) = delete;

  /// How many that came from there are closed when what it says has been read.
  std::ptrdiff_t come(const std::string& from, const bytes& says = {}) {
    net.loop.run([&] {
      std::unique_ptr<net::byte_stream> s = std::make_unique<made_up_stream>(loop(), from, says, closed);
      next(std::move(s));
    });
    for (int i = 0; i < 8; ++i)
      net.loop.run([] {});
    return closed_of(from);
  }
  std::ptrdiff_t closed_of(const std::string& from) {
    auto out = std::ptrdiff_t{};
    net.loop.run([&] { out = std::count(closed.begin(), closed.end(), from); });
    return out;
  }
  [[nodiscard]] std::ptrdiff_t lines(const std::string& of) const {
    auto all = net.log->recent();
    return std::count_if(all.begin(), all.end(), [&](const auto& l) { return l.find(of) != std::string::npos; });
  }

  net::net_thread& loop() { return net.loop; }

  std::vector<std::string> closed, failed;
  manual_clock time;
  telemetry events;
  telemetry::handle watch;
  net::acceptor::on_accept next;
  real_network net;
  std::unique_ptr<net::acceptor> port;
};

}  // namespace

TEST_CASE("D22 before TLS a source is a network of IPv6, as behind it: it has four places, whatever its addresses") {
  authority ca;
  made_up_port p{good(ca, "a", "beamline:a@127.0.0.1")};
  for (const auto* from : {"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"})
    CHECK(p.come(from) == 0);
  CHECK(p.come("2001:db8::5") == 1);
  CHECK(p.come("2001:db8:0:1::5") == 0);
  CHECK(p.come("10.0.0.1") == 0);
  CHECK(p.failed == std::vector<std::string>{"2001:db8::5"});
  CHECK(p.lines("[2001:db8::5]") == 1);
}

TEST_CASE(
    "SY1 who fails at TLS is made to wait and named, whoever else fails; a machine's own nodes are not made to wait") {
  authority ca;
  made_up_port p{good(ca, "a", "beamline:a@127.0.0.1")};
  CHECK(p.come("10.0.0.1", "GET / HTTP/1.1\r\n\r\n") == 1);
  CHECK(p.come("10.0.0.3") == 0);
  p.time.advance(99ms);
  CHECK(p.come("10.0.0.1") == 2);  // Its 100 ms are not over.
  CHECK(p.come("10.0.0.2", "GET / HTTP/1.1\r\n\r\n") == 1);
  CHECK(p.come("127.0.0.1", "GET / HTTP/1.1\r\n\r\n") == 1);
  CHECK(p.come("127.0.0.1") == 1);
  CHECK(p.failed == std::vector<std::string>{"10.0.0.1", "10.0.0.1", "10.0.0.2", "127.0.0.1"});
  for (const auto* from : {"10.0.0.1", "10.0.0.2", "127.0.0.1"})
    CHECK(p.lines(from) == 1);
}

TEST_CASE("SY5 who is made to wait at the TLS port ends nobody else's handshake, however often it comes") {
  authority ca;
  made_up_port p{good(ca, "a", "beamline:a@127.0.0.1")};
  CHECK(p.come("10.0.0.9") == 0);
  p.time.advance(1s);  // It is slow, and would have to go if there were no room.
  CHECK(p.come("10.0.0.1", "GET / HTTP/1.1\r\n\r\n") == 1);
  CHECK(p.come("10.0.0.1") == 2);
  CHECK(p.closed_of("10.0.0.9") == 0);
}
