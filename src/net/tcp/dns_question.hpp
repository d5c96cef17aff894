#pragma once

#include "net/tcp/dns_resolver.hpp"

#include <memory>
#include <string>

namespace beamline::net {

/// One question to the name servers. Destroying it withdraws the question; its completion is not called then.
class dns_question {
public:
  virtual ~dns_question() = default;
};

/// Never calls `done` from within this call.
[[nodiscard]] std::unique_ptr<dns_question> ask_dns(net_thread& home, const dns_resolver::options& o, dns_record what,
                                                    const std::string& name, resolver::on_answer done);

/// Whether c-ares can read this list of servers.
[[nodiscard]] result<void> check_dns_servers(const std::string& servers);

}  // namespace beamline::net
