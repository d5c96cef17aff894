#include "base/system_facts.hpp"

#include "base/crypto.hpp"
#include "base/node_name.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>

namespace beamline {

namespace {

constexpr const char* machine_id_file = "/etc/machine-id";
constexpr std::size_t machine_id_digits = 32;
constexpr std::size_t public_id_digits = 16;

// Interfaces of container and machine managers.
constexpr std::array<std::string_view, 8> virtual_interfaces{"br-", "cni",    "docker", "flannel",
                                                             "lxc", "podman", "veth",   "virbr"};

bool is_virtual(std::string_view interface) {
  return std::ranges::any_of(virtual_interfaces, [&](auto prefix) { return interface.starts_with(prefix); });
}

bool is_private_ipv4(const std::string& address) {
  in_addr raw{};
  if (inet_pton(AF_INET, address.c_str(), &raw) != 1)
    return false;
  std::uint32_t a = ntohl(raw.s_addr);
  return (a >> 24) == 10 || (a >> 20) == 0xAC1 || (a >> 16) == 0xC0A8 || (a >> 22) == (0x64400000U >> 22);
}

bool is_private_ipv6(const std::string& address) {
  in6_addr raw{};
  return inet_pton(AF_INET6, address.c_str(), &raw) == 1 && (raw.s6_addr[0] & 0xFE) == 0xFC;
}

/// The text of an interface's address, or "" if it is no IP address.
std::string address_text(const sockaddr* from) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (from == nullptr)
    return "";
  // The kernel's structs are told apart by their family; memcpy keeps to the aliasing rules.
  if (from->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, from, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, out.data(), out.size());
  } else if (from->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, from, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, out.data(), out.size());
  }
  return out.data();
}

}  // namespace

result<std::string> choose_private_ip(const std::vector<interface_address>& all) {
  for (auto* is_private : {is_private_ipv4, is_private_ipv6})
    for (const auto& one : all)
      if (!is_virtual(one.interface) && is_private(one.address))
        return one.address;
  std::string seen;
  for (const auto& one : all)
    seen += (seen.empty() ? "" : ", ") + one.interface + " " + one.address;
  return error{errc::not_found, "this machine has no private address (" + (seen.empty() ? "no network" : seen)
                                    + "); set BEAMLINE_PRIVATE_IP or write the address into node.name"};
}

result<std::string> public_machine_id(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  if (text.size() != machine_id_digits || !hex_decode(text))
    return error{errc::invalid, std::string{machine_id_file}
                                    + " does not hold 32 hexadecimal digits; run systemd-machine-id-setup, or set "
                                      "BEAMLINE_MACHINE_ID"};
  return hex(hmac_sha256(text, "beamline node name")).substr(0, public_id_digits);
}

result<std::string> machine_facts::machine_id() const {
  std::ifstream in{machine_id_file};
  std::string text;
  if (!std::getline(in, text))
    return error{errc::not_found,
                 std::string{machine_id_file} + " is missing, empty or not readable; set BEAMLINE_MACHINE_ID"};
  return public_machine_id(text);
}

result<std::string> machine_facts::private_ip() const {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return error{errc::io, "the network interfaces cannot be listed; set BEAMLINE_PRIVATE_IP"};
  std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner{first, &freeifaddrs};
  std::vector<interface_address> all;
  for (const auto* one = first; one != nullptr; one = one->ifa_next)
    if (auto text = address_text(one->ifa_addr); (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0)
      if (!text.empty())
        all.push_back({one->ifa_name, text});
  return choose_private_ip(all);
}

}  // namespace beamline
