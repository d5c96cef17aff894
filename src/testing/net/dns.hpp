#pragma once

#include "net/byte_stream.hpp"
#include "net/resolver.hpp"
#include "testing/machine.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::testing {

using machines = std::vector<std::unique_ptr<machine>>;

/// `10.1.2.3`, from the machine's number.
[[nodiscard]] std::string address_of(std::uint32_t machine_index);
/// The machine with that address; nothing: nobody has it.
[[nodiscard]] std::optional<std::uint32_t> machine_at(std::string_view address, const machines& all);

/// What the name servers of the simulated network know, and whose questions they hear.
class dns {
public:
  /// Empty: no such name from now on, except if it is a machine's.
  void set_record(net::dns_record what, std::string name, std::vector<net::endpoint> answer);
  void set_outage(std::uint32_t machine, bool is_out);
  [[nodiscard]] bool is_out_for(std::uint32_t machine) const { return out_.contains(machine); }

  /// A record, or else the machine of that name, or the first one whose name has that part before the `@`.
  /// Errors: `not_found`.
  [[nodiscard]] result<net::name_answer> answer(net::dns_record what, const std::string& name,
                                                const machines& all) const;

private:
  std::map<std::pair<net::dns_record, std::string>, std::vector<net::endpoint>> records_;
  std::set<std::uint32_t> out_;
};

}  // namespace beamline::testing
