#include "net/tcp/tls_context.hpp"
#include "net/tcp/tls_stream.hpp"

#include "net/tcp/address.hpp"
#include "net/tcp/authority.hpp"
#include "net/tcp/real_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// Whether the acceptor gives nothing out for what `begin` does.
template <class F>
void nobody_enters(real_network& server, const F& begin) {
  auto port = server.listen({"127.0.0.1", 0});
  REQUIRE(port);
  auto entered = std::make_shared<std::atomic<bool>>(false);
  server.loop.run([&] { (*port)->accept([entered](const stream_result&) { *entered = true; }); });
  begin((*port)->local());
  CHECK_FALSE(*entered);
}

}  // namespace

TEST_CASE("octets go both ways over TLS, and both ends know the other and share a binding") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  real_network b{good(ca, "b", "beamline:b@127.0.0.1,URI:beamline:role/host,DNS:ignored.test")};
  for (const auto* host : {"127.0.0.1", "::1"}) {
    auto c = connect(a, b, host);
    auto here = c.here->security();
    auto there = c.there->security();
    CHECK(here.is_encrypted);
    CHECK(here.channel_binding.size() == 32);
    CHECK(here.channel_binding == there.channel_binding);
    CHECK(here.peer_names == std::vector<std::string>{"beamline:b@127.0.0.1", "beamline:role/host"});
    CHECK(there.peer_names == std::vector<std::string>{"beamline:a@127.0.0.1"});
    CHECK(a.write(c.here, "hello"));
    CHECK(b.read(c.there).value() == "hello");
    CHECK(b.write(c.there, "back"));
    CHECK(a.read(c.here, 2).value() == "ba");
    CHECK(a.read(c.here).value() == "ck");
    auto second = connect(a, b, host);
    CHECK(second.here->security().channel_binding != here.channel_binding);
  }
}

TEST_CASE("20 MB go through TLS whole, both ways at once") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  real_network b{good(ca, "b", "beamline:b@127.0.0.1")};
  auto c = connect(a, b);
  auto sent = bytes(20'000'000, 'x');
  for (auto i = std::size_t{0}; i < sent.size(); i += 1000)
    sent[i] = static_cast<char>(i / 1000);
  auto written = std::promise<result<void>>{};
  auto back = std::promise<result<void>>{};
  a.loop.run([&] { c.here->write(sent, [&](result<void> r) { written.set_value(std::move(r)); }); });
  b.loop.run([&] { c.there->write(sent, [&](result<void> r) { back.set_value(std::move(r)); }); });
  auto reader = std::thread{[&] { CHECK(b.read_all(c.there, sent.size()) == sent); }};
  CHECK(a.read_all(c.here, sent.size()) == sent);
  reader.join();
  CHECK(written.get_future().get());
  CHECK(back.get_future().get());
}

TEST_CASE("after finish the peer reads the end over TLS, and its words still come") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  auto c = connect(a, a);
  CHECK(a.write(c.here, "last words"));
  a.finish(c.here);
  CHECK(a.read_all(c.there, 100) == "last words");
  CHECK(a.read(c.there).value().empty());
  CHECK(a.write(c.there, "heard"));
  CHECK(a.read(c.here).value() == "heard");
}

TEST_CASE("close is told as cancelled here and as the end there, over TLS too") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  auto c = connect(a, a);
  auto told = std::promise<result<bytes>>{};
  a.loop.run([&] { c.here->read(10, [&](result<bytes> r) { told.set_value(std::move(r)); }); });
  a.close(c.here);
  CHECK(told.get_future().get().error().code == errc::cancelled);
  CHECK(a.read(c.there).value().empty());
  CHECK(a.write(c.here, "x").error().code == errc::cancelled);
}

TEST_CASE("strangers do not enter, and the log names them") {
  authority ca;
  authority other;
  auto server_context = good(ca, "server", "beamline:server@127.0.0.1");
  real_network server{server_context};
  auto turned_away = std::string{"a stranger failed at TLS"};
  SUBCASE("a certificate of another authority") {
    real_network foreign{good(other, "foreign", "beamline:server@127.0.0.1")};
    nobody_enters(server, [&](const net::endpoint& to) {
      auto r = foreign.dial(to);
      CHECK_FALSE(r);  // It does not believe the server either.
    });
  }
  SUBCASE("a client that believes the server, with a certificate of another authority") {
    auto o = other.issue({.name = "mixed"});
    auto cat = "cat " + (ca.dir() / "ca.pem") + " " + (other.dir() / "ca.pem") + " > " + (other.dir() / "both.pem");
    REQUIRE(std::system(cat.c_str()) == 0);
    o.ca_file = other.dir() / "both.pem";
    auto context = load(o);
    REQUIRE(context);
    real_network mixed{*context};
    nobody_enters(server, [&](const net::endpoint& to) {
      auto r = mixed.dial(to);
      REQUIRE(r);  // The client's part of TLS 1.3 is over before the server has judged.
      auto got = mixed.read(*r);
      REQUIRE_FALSE(got);
      CHECK(got.error().code == errc::unavailable);
    });
  }
  SUBCASE("a client without TLS") {
    real_network plain;
    nobody_enters(server, [&](const net::endpoint& to) {
      auto r = plain.dial(to);
      REQUIRE(r);
      CHECK(plain.write(*r, "GET / HTTP/1.1\r\n\r\n"));
      while (auto got = plain.read(*r))  // An alert, then the end or a reset.
        if (got->empty())
          break;
    });
  }
  SUBCASE("no certificate, and TLS 1.2") {
    turned_away = "a stranger failed at TLS";
    nobody_enters(server, [&](const net::endpoint& to) {
      for (const auto* how : {"-tls1_3", "-tls1_2"}) {
        auto command = "echo x | timeout 5 openssl s_client " + std::string{how} + " -connect " + net::to_string(to)
                     + " >/dev/null 2>&1";
        (void)std::system(command.c_str());
      }
    });
  }
  CHECK(eventually([&] { return server.logged(turned_away); }));
}

TEST_CASE("garbage to the TLS port does not disturb a link that is busy") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  real_network b{good(ca, "b", "beamline:b@127.0.0.1")};
  auto c = connect(a, b);
  auto to = b.acceptors.back()->local();
  auto entered = std::make_shared<std::atomic<bool>>(false);
  b.loop.run([&] { b.acceptors.back()->accept([entered](const stream_result&) { *entered = true; }); });
  auto is_over = std::atomic<bool>{false};
  auto thrown = std::atomic<int>{0};
  auto stranger = std::thread{[&] {
    auto address = net::numeric_address(to).value();
    auto garbage = std::string(3000, '\x16');
    while (!is_over) {
      auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
      if (::connect(fd, address.get(), address.length) == 0) {
        for (auto& g : garbage)
          g = static_cast<char>(g * 31 + 7);
        garbage[0] = thrown % 2 == 0 ? '\x16' : 'G';
        (void)::send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL);
        ++thrown;
      }
      ::close(fd);
    }
  }};
  for (auto i = 0; i < 500; ++i) {
    auto text = "message " + std::to_string(i);
    REQUIRE(a.write(c.here, text));
    REQUIRE(b.read(c.there).value() == text);
    REQUIRE(b.write(c.there, text));
    REQUIRE(a.read(c.here).value() == text);
  }
  is_over = true;
  stranger.join();
  CHECK(thrown > 20);
  CHECK_FALSE(*entered);
}

TEST_CASE("strangers that say nothing take no place from nodes for long, and none at all beyond their number") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  real_network b{good(ca, "b", "beamline:b@127.0.0.1")};
  auto port = b.listen({"127.0.0.1", 0});
  auto to = (*port)->local();
  auto accepted = std::promise<stream_result>{};
  b.loop.run([&] { (*port)->accept([&](stream_result r) { accepted.set_value(std::move(r)); }); });
  auto address = net::numeric_address(to).value();
  auto silent = std::vector<int>{};
  for (auto i = 0; i < 200; ++i) {
    auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(::connect(fd, address.get(), address.length) == 0);
    silent.push_back(fd);
  }
  CHECK(eventually([&] { return b.logged("a stranger was turned away before TLS"); }));
  // Long before their time is over one of them gives way.
  auto begun = std::chrono::steady_clock::now();
  CHECK(eventually([&] { return a.dial(to, 1s).ok(); }));
  CHECK(std::chrono::steady_clock::now() - begun < 4s);
  auto got = accepted.get_future();
  REQUIRE(got.wait_for(5s) == std::future_status::ready);
  CHECK(b.keep(got.get()));
  for (auto fd : silent)
    ::close(fd);
}

TEST_CASE("a dial to somebody who does not speak TLS ends in time") {
  authority ca;
  real_network a{good(ca, "a", "beamline:a@127.0.0.1")};
  real_network plain;
  auto port = plain.listen({"127.0.0.1", 0});
  auto begun = std::chrono::steady_clock::now();
  auto r = a.dial((*port)->local(), 300ms);
  REQUIRE_FALSE(r);
  CHECK(r.error().code == errc::unavailable);
  CHECK(r.error().message.find("no TLS handshake within") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
}

TEST_CASE("files that cannot serve are refused at the start, with file and remedy") {
  authority ca;
  auto o = ca.issue({.name = "node"});
  auto why = [&](const net::tls_context::options& wrong) {
    auto made = load(wrong);
    return made ? std::string{"loaded"} : std::string{to_string(made.error().code)} + ": " + made.error().message;
  };
  auto has = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(why(o) == "loaded");
  SUBCASE("missing") {
    o.certificate_file = ca.dir() / "none.pem";
    CHECK(has(why(o), "io: the certificate \"" + o.certificate_file));
    CHECK(has(why(o), "cluster.tls_certificate"));
  }
  SUBCASE("not named") {
    o.ca_file = "";
    CHECK(has(why(o), "set cluster.tls_ca"));
  }
  SUBCASE("no PEM") {
    ca.dir().write("text.pem", "hello");
    o.ca_file = ca.dir() / "text.pem";
    CHECK(has(why(o), "invalid: \"" + o.ca_file));
  }
  SUBCASE("the key of another") {
    o.key_file = ca.issue({.name = "second"}).key_file;
    CHECK(has(why(o), "is not that of the certificate"));
  }
  SUBCASE("a key that all may read") {
    ::chmod(o.key_file.c_str(), 0644);
    CHECK(has(why(o), "denied"));
    CHECK(has(why(o), "chmod 600"));
  }
  SUBCASE("of another authority") {
    authority other;
    o.ca_file = other.dir() / "ca.pem";
    CHECK(has(why(o), "must be issued by the CA"));
  }
  SUBCASE("only for servers") {
    auto half = ca.issue({.name = "half", .usage = "serverAuth"});
    CHECK(has(why(half), "clientAuth"));
  }
  SUBCASE("expired") {
    manual_clock later{wall_time{std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch() + std::chrono::days{3})}};
    auto log = logger::in_memory(later);
    auto made = net::tls_context::load(o, later, *log);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::denied);
    CHECK(has(made.error().message, "has expired on"));
  }
}

TEST_CASE("a certificate that expires within a month is warned about") {
  authority ca;
  system_clock clock;
  auto log = logger::in_memory(clock);
  CHECK(load(ca.issue({.name = "soon"}), log.get()));
  auto lines = log->recent();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("expires soon") != std::string::npos);
  CHECK(lines[0].find("soon.pem") != std::string::npos);
}
