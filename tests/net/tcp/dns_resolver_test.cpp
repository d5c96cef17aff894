#include "net/tcp/dns_resolver.hpp"

#include "net/tcp/name_server.hpp"
#include "net/tcp/real_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::testing;
using net::dns_record;
using net::endpoint;

namespace {

using answer = result<net::name_answer>;

answer ask(real_network& net, dns_record what, const std::string& name) {
  return net.await<answer>([&](auto done) { net.names->resolve(what, name, done); });
}

std::string text(const answer& a) {
  if (!a)
    return std::string{to_string(a.error().code)};
  auto out = std::string{};
  for (const auto& e : *a)
    out += (out.empty() ? "" : " ") + net::to_string(e);
  return out;
}

/// Lines of dnsmasq's configuration.
std::string zone() {
  std::string records = "host-record=one.cluster.test,127.0.0.9\n"
                        "host-record=both.cluster.test,127.0.0.9,::9\n"
                        "host-record=six.cluster.test,::9\n"
                        "host-record=four.other.example,127.0.0.9\n"
                        "cname=alias.cluster.test,one.cluster.test\n"
                        "srv-host=_beamline._tcp.cluster.test,one.cluster.test,4410,20,5\n"
                        "srv-host=_beamline._tcp.cluster.test,both.cluster.test,4411,10,1\n"
                        "srv-host=_beamline._tcp.cluster.test,six.cluster.test,4412,10,9\n"
                        "txt-record=text.cluster.test,hello\n";
  for (auto i = 0; i < 300; ++i)
    records +=
        "host-record=many.cluster.test,10.1." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200) + "\n";
  return records;
}

}  // namespace

TEST_CASE("what needs no name server is answered without one") {
  real_network net{nullptr, "127.0.0.1:" + std::to_string(free_port_for_names())};
  CHECK(text(ask(net, dns_record::address, "10.1.2.3")) == "10.1.2.3:0");
  CHECK(text(ask(net, dns_record::address, "fd00::1")) == "[fd00::1]:0");
  CHECK(text(ask(net, dns_record::address, "localhost")) == "127.0.0.1:0 [::1]:0");
  CHECK(text(ask(net, dns_record::address, "Node.LocalHost.")) == "127.0.0.1:0 [::1]:0");
  CHECK(text(ask(net, dns_record::address, "")) == "not_found");
  CHECK(text(ask(net, dns_record::service, "10.1.2.3")) == "not_found");
}

TEST_CASE("the machine's hosts file is honoured") {
  real_network net{nullptr, "127.0.0.1:" + std::to_string(free_port_for_names())};
  char own[256] = {};
  REQUIRE(::gethostname(own, sizeof(own) - 1) == 0);
  auto a = ask(net, dns_record::address, own);
  CHECK_MESSAGE(a.ok(), own);
}

TEST_CASE("LC6 A and AAAA are asked together, and both are in the answer") {
  name_server server{zone()};
  real_network net{nullptr, server.address(), 1s};
  CHECK(text(ask(net, dns_record::address, "one.cluster.test")) == "127.0.0.9:0");
  CHECK_FALSE(
      ask(net, dns_record::address, "one.cluster.test").value().lacks_aaaa);  // That there is none is an answer.
  CHECK(text(ask(net, dns_record::address, "six.cluster.test")) == "[::9]:0");
  auto both = ask(net, dns_record::address, "both.cluster.test").value();
  std::sort(both.begin(), both.end());
  CHECK(text(both) == "127.0.0.9:0 [::9]:0");
  CHECK(text(ask(net, dns_record::address, "alias.cluster.test")) == "127.0.0.9:0");
}

TEST_CASE("a service's targets come with their ports, by priority and weight") {
  name_server server{zone()};
  real_network net{nullptr, server.address(), 1s};
  CHECK(text(ask(net, dns_record::service, "_beamline._tcp.cluster.test"))
        == "six.cluster.test:4412 both.cluster.test:4411 one.cluster.test:4410");
}

TEST_CASE("that there is no such name is an answer; that nobody answers, or refuses, is none") {
  name_server server{zone()};
  real_network net{nullptr, server.address(), 1s};
  SUBCASE("NXDOMAIN") { CHECK(text(ask(net, dns_record::address, "nobody.cluster.test")) == "not_found"); }
  SUBCASE("no data") { CHECK(text(ask(net, dns_record::address, "text.cluster.test")) == "not_found"); }
  SUBCASE("no service") { CHECK(text(ask(net, dns_record::service, "one.cluster.test")) == "not_found"); }
  SUBCASE("refused: dnsmasq has nobody to ask about other zones") {
    CHECK(text(ask(net, dns_record::address, "other.example")) == "unavailable");
    CHECK(text(ask(net, dns_record::service, "_beamline._tcp.other.example")) == "unavailable");
  }
  SUBCASE("refused for AAAA only: what A brought is a part, and says so") {
    auto a = ask(net, dns_record::address, "four.other.example");
    CHECK(text(a) == "127.0.0.9:0");
    REQUIRE(a.ok());
    CHECK_FALSE(a->lacks_a);
    CHECK(a->lacks_aaaa);
    CHECK(a->why.starts_with("AAAA of \"four.other.example\": "));
  }
  SUBCASE("a label that is too long") {
    CHECK(text(ask(net, dns_record::address, std::string(70, 'a') + ".cluster.test")) == "not_found");
  }
}

TEST_CASE("a long answer comes over TCP, and is cut at its bound") {
  name_server server{zone()};
  real_network net{nullptr, server.address(), 1s};
  auto many = ask(net, dns_record::address, "many.cluster.test");
  REQUIRE_MESSAGE(many.ok(), (many ? "" : many.error().message));
  CHECK(many->size() > 100);
  CHECK(many->size() <= net::dns_resolver::answers_max);
}

TEST_CASE("with no server listening the answer is unavailable, soon") {
  real_network net{nullptr, "127.0.0.1:" + std::to_string(free_port_for_names()), 200ms};
  auto begun = std::chrono::steady_clock::now();
  auto a = ask(net, dns_record::address, "one.cluster.test");
  CHECK(text(a) == "unavailable");
  CHECK(a.error().message.find("one.cluster.test") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  auto dialled = net.dial({"one.cluster.test", 4400});
  REQUIRE_FALSE(dialled);
  CHECK(dialled.error().code == errc::unavailable);
}

TEST_CASE("a server that says nothing, or nonsense, is unavailable") {
  auto fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  auto address = net::numeric_address({"127.0.0.1", 0}).value();
  REQUIRE(::bind(fd, address.get(), address.length) == 0);
  auto is_over = std::atomic<bool>{false};
  auto liar = std::thread{};
  SUBCASE("nothing") {}
  SUBCASE("nonsense") {
    liar = std::thread{[&] {
      while (!is_over) {
        char query[512] = {};
        auto from = net::socket_address{};
        from.length = sizeof(from.storage);
        auto n = ::recvfrom(fd, query, sizeof(query), 0, from.get(), &from.length);
        if (n > 3) {
          query[2] = static_cast<char>(0x84);
          for (auto i = 12; i < n; ++i)
            query[i] = static_cast<char>(i * 37);
          ::sendto(fd, query, static_cast<std::size_t>(n), 0, from.get(), from.length);
        }
      }
    }};
  }
  real_network net{nullptr, net::to_string(net::name_of(fd)), 200ms};
  CHECK(text(ask(net, dns_record::address, "one.cluster.test")) == "unavailable");
  CHECK(text(ask(net, dns_record::service, "_x._tcp.cluster.test")) == "unavailable");
  is_over = true;
  ::shutdown(fd, SHUT_RDWR);
  if (liar.joinable())
    liar.join();
  ::close(fd);
}

TEST_CASE("a dial by name goes where the name server says") {
  name_server server{zone()};
  real_network net{nullptr, server.address(), 1s};
  auto port = net.listen({"127.0.0.9", 0});
  REQUIRE(port);
  auto dialled = net.dial({"one.cluster.test", (*port)->local().port});
  REQUIRE_MESSAGE(dialled.ok(), (dialled ? "" : dialled.error().message));
  CHECK((*dialled)->remote().host == "127.0.0.9");
  auto nobody = net.dial({"nobody.cluster.test", 1});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == errc::not_found);
}

TEST_CASE("questions that are withdrawn tell nobody, and too many at once are refused") {
  auto fd = ::socket(AF_INET, SOCK_DGRAM, 0);  // Never answers.
  auto address = net::numeric_address({"127.0.0.1", 0}).value();
  REQUIRE(::bind(fd, address.get(), address.length) == 0);
  real_network net{nullptr, net::to_string(net::name_of(fd)), 5s};
  auto held = std::make_shared<std::atomic<int>>(0);
  net.loop.run([&] {
    for (auto i = std::size_t{0}; i < net::dns_resolver::questions_max; ++i)
      net.names->resolve(dns_record::address, "x" + std::to_string(i) + ".test", [held](const answer&) { ++*held; });
  });
  CHECK(text(ask(net, dns_record::address, "one.too.many")) == "unavailable");
  net.loop.run([&] {
    net.network.reset();
    net.names.reset();
  });
  net.loop.run([] {});
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
  ::close(fd);
}

TEST_CASE("servers that cannot be read are refused with an example") {
  net::net_thread loop;
  loop.run([&] {
    auto made = net::dns_resolver::make(loop, {.servers = "nowhere:x:y"});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::invalid);
    CHECK(made.error().message.find("nowhere:x:y") != std::string::npos);
  });
}
