#pragma once

#include "net/auth/handshake.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net::testing {

using side = handshake::side;
using kind = handshake_failure::kind;

inline node_card card_of(std::string name, std::string role = "blog", std::uint64_t incarnation = 7) {
  return {.identity = {std::move(name), incarnation},
          .role = std::move(role),
          .version = "1.2.3",
          .cluster = "blue",
          .endpoint = "127.0.0.1:4400",
          .tick_time = 20s,
          .contract_hash = 99};
}

inline auth_key key(std::string id, char fill) { return {std::move(id), bytes(32, fill)}; }

/// What one end brings along. Nonces differ from end to end, and by `salt` from one connection to the next.
struct end {
  node_card card;
  keyring keys{key("1", 'k')};
  handshake::options more{};  // Anything but card, keys and nonce.

  [[nodiscard]] handshake make(side s, char salt = 0) const {
    static std::deque<keyring> kept;  // A handshake borrows its keys; ends are often temporary.
    auto o = more;
    o.self = card;
    o.keys = &kept.emplace_back(keys);
    o.nonce = bytes(32, static_cast<char>((s == side::dialler ? 'A' : 'a') + salt));
    return {s, std::move(o)};
  }
};

inline end dialling_end() { return {.card = card_of("a@one")}; }
inline end accepting_end() { return {.card = card_of("b@two", "shop", 8)}; }

/// Both ends of one connection. Messages go through `on_way`, which may change, drop (empty) or record them.
struct exchange {
  handshake dialler;
  handshake acceptor;
  std::function<bytes(int number, bytes message)> on_way{};

  std::vector<bytes> sent{};  // In order: message 1, 2, ...
  bool is_dialler_done = false, is_acceptor_done = false;
  std::optional<handshake_failure> dialler_failed{}, acceptor_failed{};

  exchange(const end& d, const end& a, char salt = 0)
      : dialler{d.make(side::dialler, salt)}, acceptor{a.make(side::acceptor, salt)} {}

  exchange& run() {
    CHECK(acceptor.begin().empty());
    auto out = dialler.begin();
    bool is_to_acceptor = true;
    while (!out.empty()) {
      std::vector<bytes> next;
      for (auto& message : out) {
        sent.push_back(message);
        auto arrived = on_way ? on_way(static_cast<int>(sent.size()), message) : message;
        if (arrived.empty())
          return *this;
        auto step = is_to_acceptor ? acceptor.receive(arrived) : dialler.receive(arrived);
        auto& is_done = is_to_acceptor ? is_acceptor_done : is_dialler_done;
        auto& failed = is_to_acceptor ? acceptor_failed : dialler_failed;
        is_done = is_done || step.is_done;
        if (step.failed)
          failed = step.failed;
        next.insert(next.end(), step.send.begin(), step.send.end());
      }
      out = std::move(next);
      is_to_acceptor = !is_to_acceptor;
    }
    // Who has failed hangs up.
    if (acceptor_failed && !is_dialler_done && !dialler_failed)
      dialler_failed = dialler.hung_up();
    if (dialler_failed && !is_acceptor_done && !acceptor_failed)
      acceptor_failed = acceptor.hung_up();
    return *this;
  }

  [[nodiscard]] bool is_linked() const { return is_dialler_done && is_acceptor_done; }
  [[nodiscard]] bool is_nobody_done() const { return !is_dialler_done && !is_acceptor_done; }
};

}  // namespace beamline::net::testing
