#pragma once

#include "actors/peers.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace beamline::net::outbox {

/// Which node the events go to: one that has the role or, when a prefix is configured, whose name begins with it. It
/// stays with one until that one fails or goes, then takes the next in the order of names (D199). Pure.
class targets {
public:
  struct options {
    std::string role;
    std::string prefix{};    // Of names, compared as it is: `acc` is a prefix of `acc-staging@host`. Empty: the role.
    std::string own_name{};  // This node ...
    std::string own_role{};  // ... which is a target itself, and the first, if it has the role.
  };

  explicit targets(options o);

  [[nodiscard]] bool matches(const peer_info& peer) const;
  /// True: it is one of them.
  bool up(const peer_info& peer);
  bool down(const std::string& name);
  /// The one that has just failed is not the next choice, if there is another.
  void failed();

  /// The node to send to now.
  [[nodiscard]] const std::optional<std::string>& current() const noexcept { return current_; }
  [[nodiscard]] const std::set<std::string>& all() const noexcept { return all_; }

private:
  void choose_after(std::string_view name);

  options options_;
  std::set<std::string> all_;
  std::optional<std::string> current_;
};

}  // namespace beamline::net::outbox
