#pragma once

#include "net/discovery/source.hpp"
#include "net/event_loop.hpp"
#include "net/resolver.hpp"

#include <cstdint>
#include <string>

namespace beamline::net {

/// Which records of a name are asked for (D187).
struct dns_records {
  bool a = true;
  bool aaaa = true;
  bool srv = false;

  [[nodiscard]] bool any() const noexcept { return a || aaaa || srv; }
  friend bool operator==(const dns_records&, const dns_records&) = default;
};

/// One name in DNS, and what is behind it (D193).
struct discovery_query {
  std::string name;
  std::string role{};      // Of the nodes found there; empty: any.
  std::uint16_t port = 0;  // Where addresses are dialled. SRV records bring their own.
  dns_records records{};

  friend bool operator==(const discovery_query&, const discovery_query&) = default;
};

/// One question to the name servers: the addresses of a query, or its SRV records. They are two sources, so that one of
/// them failing says nothing about the other (D188).
class dns_source final : public discovery_source {
public:
  /// The resolver is called on the loop; both must outlive the source and what it has asked.
  dns_source(const discovery_query& q, dns_record what, resolver& names, event_loop& loop);

  [[nodiscard]] const std::string& label() const override { return label_; }
  void resolve(on_answer done) override;

private:
  discovery_query query_;
  dns_record what_;
  resolver& names_;
  event_loop& loop_;
  std::string label_;
};

}  // namespace beamline::net
