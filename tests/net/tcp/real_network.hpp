#pragma once

#include "base/log.hpp"
#include "net/tcp/dns_resolver.hpp"
#include "net/tcp/net_thread.hpp"
#include "net/tcp/tcp_network.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing {

/// Whether the condition holds, or will within the time: for what tells nobody when it happens.
inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within = 10s) {
  std::promise<void> never;
  auto moment = never.get_future();
  for (auto waited = 0ms; !holds(); waited += 5ms)
    if (waited > within || moment.wait_for(5ms) == std::future_status::ready)
      return false;
  return true;
}

using stream_result = result<std::unique_ptr<net::byte_stream>>;

/// The net thread with a network on it, and what tests do there, one call after another.
struct real_network {
  explicit real_network(std::shared_ptr<const net::tls_context> tls = nullptr, std::string servers = {},
                        duration dns_timeout = 300ms) {
    loop.run([&] {
      names =
          std::move(net::dns_resolver::make(loop, {.servers = servers, .timeout = dns_timeout, .tries = 2}).value());
      network = std::make_unique<net::tcp_network>(loop, *names, clock, *log, std::move(tls));
    });
  }
  ~real_network() {
    loop.run([&] {
      streams.clear();
      acceptors.clear();
      network.reset();
      names.reset();
    });
  }

  /// Begins on the thread and waits for the completion.
  template <class T>
  T await(const std::function<void(std::function<void(T)>)>& begin, std::chrono::seconds within = 20s) {
    auto told = std::make_shared<std::promise<T>>();
    auto answer = told->get_future();
    loop.run([&] { begin([told](T value) { told->set_value(std::move(value)); }); });
    REQUIRE(answer.wait_for(within) == std::future_status::ready);
    return answer.get();
  }

  result<net::acceptor*> listen(const net::endpoint& at) {
    auto out = result<net::acceptor*>{nullptr};
    loop.run([&] {
      auto opened = network->listen(at);
      if (!opened)
        out = opened.error();
      else
        out = acceptors.emplace_back(std::move(*opened)).get();
    });
    return out;
  }

  result<net::byte_stream*> keep(stream_result r) {
    if (!r)
      return r.error();
    auto* raw = r->get();
    loop.run([&] { streams.push_back(std::move(*r)); });
    return raw;
  }
  result<net::byte_stream*> dial(const net::endpoint& to, duration within = 5s) {
    return keep(await<stream_result>([&](auto done) { network->dial(to, within, done); }));
  }
  result<net::byte_stream*> accept(net::acceptor* at) {
    return keep(await<stream_result>([&](auto done) { at->accept(done); }));
  }
  result<bytes> read(net::byte_stream* s, std::size_t max = 64 * 1024) {
    return await<result<bytes>>([&](auto done) { s->read(max, done); });
  }
  /// Until so many octets are there, or the end.
  bytes read_all(net::byte_stream* s, std::size_t octets) {
    auto out = bytes{};
    while (out.size() < octets) {
      auto part = read(s);
      if (!part || part->empty())
        break;
      out += *part;
    }
    return out;
  }
  result<void> write(net::byte_stream* s, bytes octets) {
    return await<result<void>>([&](auto done) { s->write(std::move(octets), done); });
  }
  void finish(net::byte_stream* s) {
    loop.run([&] { s->finish(); });
  }
  void close(net::byte_stream* s) {
    loop.run([&] { s->close(); });
  }
  void destroy(net::byte_stream* s) {
    loop.run([&] { std::erase_if(streams, [&](const auto& one) { return one.get() == s; }); });
  }
  [[nodiscard]] bool logged(std::string_view text) const {
    for (const auto& line : log->recent())
      if (line.find(text) != std::string::npos)
        return true;
    return false;
  }

  system_clock clock;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  net::net_thread loop;
  std::unique_ptr<net::dns_resolver> names;
  std::unique_ptr<net::tcp_network> network;
  std::vector<std::unique_ptr<net::acceptor>> acceptors;
  std::vector<std::unique_ptr<net::byte_stream>> streams;
};

/// A connection, both ends.
struct connection {
  net::byte_stream* here = nullptr;   // Dialled.
  net::byte_stream* there = nullptr;  // Accepted.
};

inline connection connect(real_network& dialler, real_network& acceptor, const std::string& host = "127.0.0.1") {
  auto port = acceptor.listen({host, 0});
  REQUIRE_MESSAGE(port.ok(), (port ? "" : port.error().message));
  auto to = net::endpoint{};
  auto accepted = std::promise<stream_result>{};
  acceptor.loop.run([&] {
    to = (*port)->local();
    (*port)->accept([&](stream_result r) { accepted.set_value(std::move(r)); });
  });
  auto dialled = dialler.dial(to);
  REQUIRE_MESSAGE(dialled.ok(), (dialled ? "" : dialled.error().message));
  auto got = accepted.get_future();
  REQUIRE(got.wait_for(10s) == std::future_status::ready);
  auto there = acceptor.keep(got.get());
  REQUIRE(there.ok());
  return {*dialled, *there};
}

}  // namespace beamline::testing
