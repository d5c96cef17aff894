#pragma once

#include "base/result.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace beamline {

// A longer name is refused; it bounds what a handshake carries and a table of nodes stores.
inline constexpr std::size_t node_name_bytes_max = 255;

/// The name of a node: `name@host`, checked and in canonical form, so that equal text means the same
/// node. Order and equality are byte-wise.
///
/// The name half has ASCII letters, digits, `-` and `_`. The host half is a host name, an IPv4 address or
/// a bare IPv6 address; IPv6 is lower-case and zero-compressed, without zone id, and an IPv4 address
/// mapped into IPv6 is written as IPv4. Host names stay as written.
class node_name {
public:
  /// Fails with `invalid` and says what is wrong with which half.
  [[nodiscard]] static result<node_name> parse(std::string_view text);

  [[nodiscard]] std::string_view name() const { return std::string_view{text_}.substr(0, at_); }
  [[nodiscard]] std::string_view host() const { return std::string_view{text_}.substr(at_ + 1); }
  [[nodiscard]] const std::string& text() const { return text_; }

  friend bool operator==(const node_name& a, const node_name& b) { return a.text_ == b.text_; }
  friend std::strong_ordering operator<=>(const node_name& a, const node_name& b) { return a.text_ <=> b.text_; }

private:
  node_name(std::string_view name, std::string_view host);

  std::string text_;
  std::size_t at_;  // Where the '@' stands.
};

/// The host half in canonical form, or `invalid`: for building names out of addresses that DNS gives.
[[nodiscard]] result<std::string> canonical_host(std::string_view host);

/// Whether `text` is an IPv4 or IPv6 address rather than a host name.
[[nodiscard]] bool is_ip_address(std::string_view text);

}  // namespace beamline

template <>
struct std::hash<beamline::node_name> {
  std::size_t operator()(const beamline::node_name& n) const noexcept { return std::hash<std::string>{}(n.text()); }
};
