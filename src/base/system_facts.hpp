#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace beamline {

/// What a program cannot compute but must ask its machine. A port: tests hand in their own.
class system_facts {
public:
  virtual ~system_facts() = default;
  /// A short word that tells this machine from others and stays the same over restarts.
  [[nodiscard]] virtual result<std::string> machine_id() const = 0;
  /// The address under which other machines of the same private network reach this one.
  [[nodiscard]] virtual result<std::string> private_ip() const = 0;
};

/// Asks the machine: /etc/machine-id and its network interfaces. Thread-safe; blocks for microseconds.
class machine_facts final : public system_facts {
public:
  [[nodiscard]] result<std::string> machine_id() const override;
  [[nodiscard]] result<std::string> private_ip() const override;
};

/// An address of a network interface.
struct interface_address {
  std::string interface;
  std::string address;
};

/// The first private IPv4 address (RFC 1918, 100.64.0.0/10), else the first unique local IPv6 address
/// (fc00::/7). Bridges of containers and virtual machines are passed over: theirs are the same on every
/// machine. `not_found` with what there was and what to do.
[[nodiscard]] result<std::string> choose_private_ip(const std::vector<interface_address>& all);

/// The public form of a machine id: 16 hexadecimal digits of a keyed hash, because machine-id(5) asks
/// not to show the file's own content. `text` is that content; `invalid` unless 32 hexadecimal digits.
[[nodiscard]] result<std::string> public_machine_id(std::string_view text);

}  // namespace beamline
