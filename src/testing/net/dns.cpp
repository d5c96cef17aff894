#include "testing/net/dns.hpp"

namespace beamline::testing {

std::string address_of(std::uint32_t machine_index) {
  auto number = machine_index + 1;
  return "10." + std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) + "."
       + std::to_string(number & 255);
}

std::optional<std::uint32_t> machine_at(std::string_view address, const machines& all) {
  for (const auto& m : all)
    if (address_of(m->index()) == address)
      return m->index();
  return std::nullopt;
}

void dns::set_record(net::dns_record what, std::string name, std::vector<net::endpoint> answer) {
  if (answer.empty())
    records_.erase({what, name});
  else
    records_.insert_or_assign({what, std::move(name)}, std::move(answer));
}

void dns::set_outage(std::uint32_t machine, bool is_out) {
  if (is_out)
    out_.insert(machine);
  else
    out_.erase(machine);
}

result<net::name_answer> dns::answer(net::dns_record what, const std::string& name, const machines& all) const {
  if (auto r = records_.find({what, name}); r != records_.end())
    return net::name_answer{r->second};
  if (what == net::dns_record::address) {
    for (const auto& m : all)
      if (m->name() == name)
        return net::name_answer{std::vector<net::endpoint>{{address_of(m->index()), 0}}};
    for (const auto& m : all)
      if (m->name().substr(0, m->name().find('@')) == name)
        return net::name_answer{std::vector<net::endpoint>{{address_of(m->index()), 0}}};
  }
  return error{errc::not_found, "there is no host called \"" + name + "\""};
}

}  // namespace beamline::testing
