#pragma once

#include "base/result.hpp"
#include "web/header_list.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web {

// A longer list in the configuration is refused.
inline constexpr std::size_t proxies_max = 100;
// Entries of X-Forwarded-For that are looked at, from the last one; who is behind more proxies counts as the outermost
// of these.
inline constexpr std::size_t forwarded_hops_max = 16;

/// The proxies whose word about a client is taken: addresses and networks of the configuration (`web.trusted_proxies`).
/// Everybody can send `X-Forwarded-For`; so of a connection from anywhere else these fields are not looked at.
class trusted_proxies {
public:
  /// Nobody is trusted.
  trusted_proxies() = default;

  /// Addresses and networks, separated by commas: `127.0.0.1, ::1, 10.0.0.0/8, fd00::/8`. Empty: nobody. The error
  /// names the entry and what is wrong with it.
  [[nodiscard]] static result<trusted_proxies> parse(std::string_view text);

  /// IPv4 addresses are the same in their IPv6 form (`::ffff:10.0.0.1`); false for what is no address.
  [[nodiscard]] bool contains(std::string_view address) const;
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }

private:
  struct network {
    std::array<std::uint8_t, 16> octets{};  // Of an IPv6 address.
    unsigned prefix = 128;                  // Bits that count.
  };
  std::vector<network> networks_;
};

/// Who has sent a request that came from `peer`: `peer` itself or, if that is a trusted proxy, the last address of
/// `X-Forwarded-For` that no trusted proxy has. What stands before it the client may have written, and what is no
/// address ends the search: then the client is the proxy that passed it on.
[[nodiscard]] std::string client_address(const trusted_proxies& proxies, std::string_view peer,
                                         const header_list& headers);

/// Whether the browser spoke https to a trusted proxy, as the last element of its `X-Forwarded-Proto` says; `otherwise`
/// if `peer` is none or says nothing.
[[nodiscard]] bool is_secure_behind(const trusted_proxies& proxies, std::string_view peer, const header_list& headers,
                                    bool otherwise);

/// Whether `peer` seems to be a proxy that nobody has named: none is trusted, it is of this machine or of a private
/// network, and says that it forwards.
[[nodiscard]] bool is_unnamed_proxy(const trusted_proxies& proxies, std::string_view peer, const header_list& headers);

}  // namespace beamline::web
