#pragma once

#include "testing/net/simulated_network.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing::test {

/// Octets that tell at every place which place it is.
inline bytes numbered(std::size_t size, std::uint64_t salt = 0) {
  bytes octets(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    octets[i] = static_cast<char>(mix64(i / 8 + salt * 1'000'003) >> (i % 8 * 8));
  return octets;
}

inline bool is_prefix(const bytes& part, const bytes& whole) { return whole.compare(0, part.size(), part) == 0; }

/// One end of a connection: what it was told.
struct talker {
  explicit talker(std::unique_ptr<net::byte_stream> s = nullptr) : stream{std::move(s)} {}

  std::unique_ptr<net::byte_stream> stream;
  bytes got{};
  std::size_t reads = 0;
  bool has_end = false;
  std::optional<error> read_problem{}, write_problem{};
  std::size_t written = 0;  // Octets of the writes that were done.
  std::size_t read_max = 1 << 16;
  bool reads_on = true;  // False: `read_all` ends with the read that is under way.

  void read_once() { read(false); }
  /// Whatever comes, for as long as it comes.
  void read_all() { read(true); }
  void write(bytes octets) {
    auto size = octets.size();
    stream->write(std::move(octets), [this, size](result<void> r) {
      if (r)
        written += size;
      else
        write_problem = r.error();
    });
  }
  /// In writes of that size, one after another; then the end.
  void write_in_parts(bytes octets, std::size_t part) {
    if (octets.empty())
      return stream->finish();
    auto size = std::min(part, octets.size());
    auto rest = octets.substr(size);
    octets.resize(size);
    stream->write(std::move(octets), [this, rest = std::move(rest), size, part](result<void> r) {
      if (!r) {
        write_problem = r.error();
        return;
      }
      written += size;
      write_in_parts(rest, part);
    });
  }

private:
  void read(bool is_all) {
    stream->read(read_max, [this, is_all](result<bytes> r) {
      ++reads;
      if (!r) {
        read_problem = r.error();
      } else if (r->empty()) {
        has_end = true;
      } else {
        got += *r;
        if (is_all && reads_on)
          read(true);
      }
    });
  }
};

/// A port that accepts everything.
struct server {
  std::unique_ptr<net::acceptor> port;
  std::vector<std::unique_ptr<talker>> accepted{};

  void accept_all() {
    port->accept([this](result<std::unique_ptr<net::byte_stream>> r) {
      accepted.push_back(std::make_unique<talker>(std::move(*r)));
      accept_all();
    });
  }
};

inline server listen_at(simulated_node& n, std::uint16_t port = 4400, const std::string& host = "") {
  auto p = n.network().listen({host, port});
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p.ok());
  return server{std::move(*p)};
}

/// What came of a dial; nothing yet.
using dialled = std::optional<result<std::unique_ptr<net::byte_stream>>>;

inline std::shared_ptr<dialled> dial(simulated_node& from, const net::endpoint& to, duration within = 1s) {
  auto outcome = std::make_shared<dialled>();
  from.network().dial(to, within, [outcome](result<std::unique_ptr<net::byte_stream>> r) {
    REQUIRE_FALSE(outcome->has_value());
    outcome->emplace(std::move(r));
  });
  REQUIRE_FALSE(outcome->has_value());
  return outcome;
}

/// Two machines and a connection between them: `a` has dialled `b`.
struct connected_pair {
  explicit connected_pair(testing::world& the_world) : w{the_world} {
    at_b = listen_at(b);
    at_b.accept_all();
    auto to_b = dial(a, net.address_of("b@sim", 4400));
    REQUIRE(w.run_until([&] { return to_b->has_value() && !at_b.accepted.empty(); }, 1s));
    REQUIRE((*to_b)->ok());
    near.stream = std::move(***to_b);
    far = std::move(*at_b.accepted.front());
  }

  testing::world& w;
  simulated_network& net = w.network();
  simulated_node& a = w.start_node("a@sim");
  simulated_node& b = w.start_node("b@sim");
  server at_b;
  talker near, far;  // Must not be moved once it reads or writes.
};

}  // namespace beamline::testing::test
