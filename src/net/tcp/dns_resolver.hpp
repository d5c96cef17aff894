#pragma once

#include "base/time.hpp"
#include "net/resolver.hpp"
#include "net/tcp/net_thread.hpp"

#include <memory>
#include <string>

namespace beamline::net {

/// Asks the machine's name servers, with c-ares: nothing blocks. Lives on the net thread, see net_thread.hpp.
///
/// An address is looked for in this order: numbers name themselves; `localhost` and names below it are ::1 and
/// 127.0.0.1; /etc/hosts; then A and AAAA together, of which either will do. A service is always asked for; its targets
/// come by priority, then by weight, the heavy ones first. Configuration files are read anew for each question. Each
/// answer holds at most `answers_max` entries, further ones are left out.
///
/// `not_found`: the server says that there is no such name, or nothing of that kind. `unavailable`: anything else, also
/// an answer for one of A and AAAA that there is nothing, and none for the other.
class dns_resolver final : public resolver {
public:
  // Entries of one answer; clusters are far smaller.
  static constexpr std::size_t answers_max = 256;
  // Questions under way; more are answered `unavailable` at once.
  static constexpr std::size_t questions_max = 64;

  struct options {
    std::string servers{};  // `127.0.0.1:5353,[::1]:53`; empty: those of /etc/resolv.conf, with its search list.
    duration timeout = 2s;  // Of the first try; c-ares doubles it with each.
    int tries = 2;
  };

  /// Errors: `invalid` (servers cannot be read).
  [[nodiscard]] static result<std::unique_ptr<dns_resolver>> make(net_thread& home, options o);
  /// Questions under way are not answered.
  ~dns_resolver() override;

  void resolve(dns_record what, const std::string& name, on_answer done) override;

private:
  struct impl;
  explicit dns_resolver(std::shared_ptr<impl> i);
  std::shared_ptr<impl> impl_;
};

}  // namespace beamline::net
