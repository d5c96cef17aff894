#include "net/tcp/tcp_network.hpp"

#include "net/tcp/address.hpp"
#include "net/tcp/real_network.hpp"
#include "net/tcp/socket_stream.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::testing;

TEST_CASE("octets go both ways, over IPv4 and IPv6 alike") {
  real_network net;
  for (const auto* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    auto c = connect(net, net, host);
    CHECK(net.write(c.here, "hello"));
    CHECK(net.read(c.there).value() == "hello");
    CHECK(net.write(c.there, "back"));
    CHECK(net.read(c.here, 2).value() == "ba");
    CHECK(net.read(c.here, 100).value() == "ck");
    CHECK(c.here->remote().host == host);
    CHECK(c.there->remote().host == host);
    CHECK(c.here->remote().port == net.acceptors.back()->local().port);
    CHECK(c.there->remote().port != 0);
    CHECK_FALSE(c.here->security().is_encrypted);
    CHECK(c.here->is_open());
  }
}

TEST_CASE("on :: both families are accepted, and an IPv4 peer is known by its IPv4 address") {
  real_network net;
  auto port = net.listen({"::", 0});
  REQUIRE(port);
  auto number = (*port)->local().port;
  for (const auto* host : {"127.0.0.1", "::1"}) {
    auto dialled = net.dial({host, number});
    REQUIRE(dialled);
    auto accepted = net.accept(*port);
    REQUIRE(accepted);
    CHECK((*accepted)->remote().host == host);
  }
}

TEST_CASE("50 MB arrive whole, though the reader is slower than the writer") {
  real_network net;
  auto c = connect(net, net);
  auto sent = bytes(50'000'000, 'x');
  for (auto i = std::size_t{0}; i < sent.size(); i += 4096)
    sent[i] = static_cast<char>(i >> 12U);
  auto written = std::promise<result<void>>{};
  net.loop.run([&] { c.here->write(sent, [&](result<void> r) { written.set_value(std::move(r)); }); });
  CHECK(net.read_all(c.there, sent.size()) == sent);
  CHECK(written.get_future().get());
}

TEST_CASE("a peer that does not read keeps the writer waiting") {
  real_network net;
  auto c = connect(net, net);
  auto is_done = std::atomic<bool>{false};
  net.loop.run([&] { c.here->write(bytes(32U << 20, 'x'), [&](const result<void>&) { is_done = true; }); });
  for (auto i = 0; i < 100; ++i)
    net.loop.run([] {});
  CHECK_FALSE(is_done);
  CHECK(net.read_all(c.there, 32U << 20).size() == 32U << 20);
  net.loop.run([] {});
  net.loop.run([] {});
  CHECK(is_done);
}

TEST_CASE("after finish the peer reads the end, and its words still come") {
  real_network net;
  auto c = connect(net, net);
  CHECK(net.write(c.here, "last words"));
  net.finish(c.here);
  CHECK(net.read_all(c.there, 100) == "last words");
  CHECK(net.read(c.there).value().empty());
  CHECK(net.write(c.there, "heard"));
  CHECK(net.read(c.here).value() == "heard");
}

TEST_CASE("close ends reads and writes as cancelled, exactly once, and never within the call") {
  real_network net;
  auto c = connect(net, net);
  auto told = std::vector<std::string>{};
  net.loop.run([&] {
    auto in_call = true;
    c.here->read(10, [&, in_call](const result<bytes>& r) {
      told.push_back(r ? "read" : std::string{to_string(r.error().code)} + (in_call ? "" : " late"));
    });
    c.here->write(bytes(32U << 20, 'x'),
                  [&](const result<void>& r) { told.emplace_back(r ? "written" : to_string(r.error().code)); });
    c.here->close();
    c.here->close();
    told.emplace_back("closed");
  });
  net.loop.run([] {});
  CHECK(told == std::vector<std::string>{"closed", "cancelled", "cancelled"});
  CHECK_FALSE(c.here->is_open());
  CHECK(net.read(c.here).error().code == errc::cancelled);
  CHECK(net.write(c.here, "x").error().code == errc::cancelled);
}

TEST_CASE("a stream that is destroyed calls nobody, and what it wrote still arrives") {
  real_network net;
  auto c = connect(net, net);
  CHECK(net.write(c.here, "delivered"));
  auto held = std::make_shared<int>(0);
  net.loop.run([&] { c.here->read(10, [held](const result<bytes>&) { ++*held; }); });
  net.destroy(c.here);
  net.loop.run([] {});
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
  CHECK(net.read(c.there).value() == "delivered");
  CHECK(net.read(c.there).value().empty());
}

TEST_CASE("a connection that the peer resets is unavailable, not a crash") {
  real_network net;
  auto c = connect(net, net);
  CHECK(net.write(c.here, "never read"));
  net.destroy(c.there);  // With unread octets: the system resets.
  auto how = result<bytes>{bytes{}};
  for (auto i = 0; i < 3 && how; ++i)
    how = net.read(c.here);
  REQUIRE_FALSE(how);
  CHECK(how.error().code == errc::unavailable);
  CHECK(how.error().message.find("127.0.0.1:") != std::string::npos);
}

TEST_CASE("a completion may destroy its own stream") {
  real_network net;
  auto c = connect(net, net);
  CHECK(net.write(c.there, "x"));
  auto gone = std::promise<void>{};
  net.loop.run([&] {
    c.here->read(1, [&](const result<bytes>&) {
      std::erase_if(net.streams, [&](const auto& s) { return s.get() == c.here; });
      gone.set_value();
    });
  });
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(net.read(c.there).value().empty());
}

TEST_CASE("dialling a port where nobody listens is refused at once") {
  real_network net;
  auto port = net.listen({"127.0.0.1", 0});
  auto number = (*port)->local().port;
  net.loop.run([&] { net.acceptors.clear(); });
  auto r = net.dial({"127.0.0.1", number});
  REQUIRE_FALSE(r);
  CHECK(r.error().code == errc::unavailable);
  CHECK(r.error().message.find("nobody listens") != std::string::npos);
  CHECK(net.network->dials() == 0);
}

TEST_CASE("a dial that is not answered ends in time") {
  real_network net;
  // A full queue of connections does not answer.
  auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = net::numeric_address({"127.0.0.1", 0}).value();
  REQUIRE(::bind(fd, address.get(), address.length) == 0);
  REQUIRE(::listen(fd, 0) == 0);
  auto at = net::name_of(fd);
  auto last = result<net::byte_stream*>{nullptr};
  for (auto i = 0; i < 10 && last; ++i)
    last = net.dial(at, 300ms);
  REQUIRE_FALSE(last);
  CHECK(last.error().code == errc::unavailable);
  CHECK(last.error().message == net::to_string(at) + " did not answer within 300 ms");
  ::close(fd);
}

TEST_CASE("a host name is dialled at each of its addresses until one answers") {
  real_network net;
  auto port = net.listen({"::1", 0});
  REQUIRE(port);
  // localhost: 127.0.0.1 comes first, and nobody listens there.
  auto dialled = net.dial({"localhost", (*port)->local().port});
  REQUIRE_MESSAGE(dialled.ok(), (dialled ? "" : dialled.error().message));
  CHECK((*dialled)->remote().host == "::1");
}

TEST_CASE("a port that is taken is a conflict, with the remedy") {
  real_network net;
  auto port = net.listen({"127.0.0.1", 0});
  REQUIRE(port);
  auto again = net.listen((*port)->local());
  REQUIRE_FALSE(again);
  CHECK(again.error().code == errc::conflict);
  CHECK(again.error().message.find("cluster.port") != std::string::npos);
  CHECK(again.error().message.find(net::to_string((*port)->local())) != std::string::npos);
}

TEST_CASE("only an address of this machine can be listened on") {
  real_network net;
  auto foreign = net.listen({"192.0.2.1", 0});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == errc::invalid);
  auto name = net.listen({"example.org", 0});
  REQUIRE_FALSE(name);
  CHECK(name.error().code == errc::invalid);
  CHECK(name.error().message.find("example.org") != std::string::npos);
}

TEST_CASE("a closed port is free again at once, also when connections to it remain") {
  real_network net;
  auto c = connect(net, net);
  auto at = net.acceptors.back()->local();
  net.destroy(c.there);
  net.loop.run([&] { net.acceptors.clear(); });
  auto again = net.listen(at);
  CHECK_MESSAGE(again.ok(), (again ? "" : again.error().message));
}

TEST_CASE("without descriptors accepting rests, is logged once, and goes on") {
  real_network net;
  // The undefined-behaviour sanitizer opens a pipe to look at an object for the first time.
  net.log->error("test", "the log is at work");
  auto port = net.listen({"127.0.0.1", 0});
  auto to = (*port)->local();
  auto dialled = net.dial(to);
  REQUIRE(dialled);
  auto before = rlimit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto none = rlimit{3, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  auto accepted = std::promise<stream_result>{};
  net.loop.run([&] { (*port)->accept([&](stream_result r) { accepted.set_value(std::move(r)); }); });
  auto got = accepted.get_future();
  CHECK(got.wait_for(350ms) == std::future_status::timeout);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(got.wait_for(5s) == std::future_status::ready);
  CHECK(net.keep(got.get()));
  auto lines = 0;
  for (const auto& line : net.log->recent())
    lines += line.find("connections cannot be accepted") != std::string::npos ? 1 : 0;
  CHECK(lines == 1);
}

TEST_CASE("stopping the thread closes every connection and calls nobody") {
  real_network net;
  auto c = connect(net, net);
  auto held = std::make_shared<int>(0);
  net.loop.run([&] {
    c.here->read(10, [held](const result<bytes>&) { ++*held; });
    net.network->dial({"127.0.0.1", 1}, 5s, [held](const stream_result&) { ++*held; });
    net.acceptors.front()->accept([held](const stream_result&) { ++*held; });
  });
  net.loop.stop();
  CHECK(held.use_count() <= 2);  // The network holds the completion of its dial until it goes.
  CHECK_FALSE(c.here->is_open());
}

TEST_CASE("destroying the network ends its dials, and they tell nobody") {
  real_network net;
  auto held = std::make_shared<int>(0);
  net.loop.run([&] {
    net.network->dial({"127.0.0.1", 1}, 5s, [held](const stream_result&) { ++*held; });
    net.network.reset();
  });
  net.loop.run([] {});
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a local pair's far end sees the end when it is hung up, and the near end when the far one goes") {
  real_network net;
  auto pair = net::local_pair{};
  net.loop.run([&] { pair = std::move(net::open_local_pair(net.loop).value()); });
  auto here = pair.here.get();
  net.loop.run([&] { net.streams.push_back(std::move(pair.here)); });
  CHECK(net.write(here, "x"));
  net.loop.run([&] {
    here->read(1, [](const result<bytes>&) { FAIL("dropped by hang_up"); });
    here->hang_up();
  });
  char c[2] = {};
  CHECK(::read(pair.there, c, 2) == 1);
  CHECK(::read(pair.there, c, 2) == 0);
  CHECK(::write(pair.there, "y", 1) == 1);
  CHECK(net.read(here).value() == "y");
  ::close(pair.there);
  CHECK(net.read(here).value().empty());
}
