#include "program/cluster_verbs_text.hpp"

#include "actors/process_text.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace beamline::program {

namespace {

constexpr std::size_t columns_of_table = 9;
constexpr std::size_t name_octets_shown = 80;
using row = std::array<std::string, columns_of_table>;

double ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

template <class Counts>
std::uint64_t sum(const Counts& c) {
  return std::accumulate(c.begin(), c.end(), std::uint64_t{0});
}

row row_of(const net::link_stats& s) {
  return {printable(s.peer.identity.name, name_octets_shown) + (s.peer.is_hidden ? " (hidden)" : ""),
          printable(s.peer.role, name_octets_shown),
          std::to_string(s.peer.identity.incarnation),
          span_text(s.up_for),
          s.latency ? span_text(*s.latency) : "-",
          bytes_text(s.wire_octets_in),
          bytes_text(s.wire_octets_out),
          grouped(sum(s.lanes.waiting_messages)),
          grouped(s.lanes.broadcasts_dropped + s.lanes.refused)};
}

json lanes_json(const net::gate::counters& c) {
  json out = json::object();
  for (std::size_t i = 0; i < net::lane_names.size(); ++i)
    out[net::lane_names[i]] = {{"waiting_messages", c.waiting_messages[i]}, {"waiting_octets", c.waiting_octets[i]}};
  return out;
}

}  // namespace

json link_json(const net::link_stats& s) {
  return {{"name", s.peer.identity.name},
          {"role", s.peer.role},
          {"version", s.peer.version},
          {"incarnation", s.peer.identity.incarnation},
          {"connection", s.peer.connection},
          {"is_hidden", s.peer.is_hidden},
          {"endpoint", s.endpoint},
          {"is_dialled_here", s.is_dialled_here},
          {"key_id", s.key_id},
          {"protocol", s.protocol},
          {"up_for_ms", ms(s.up_for)},
          {"latency_ms", s.latency ? json(ms(*s.latency)) : json(nullptr)},
          {"octets_in", s.wire_octets_in},
          {"octets_out", s.wire_octets_out},
          {"messages_in", s.lanes.messages_in},
          {"messages_out", s.lanes.messages_out},
          {"on_the_way_octets", s.lanes.on_the_way_octets},
          {"lanes", lanes_json(s.lanes)},
          {"broadcasts_dropped", s.lanes.broadcasts_dropped},
          {"refused", s.lanes.refused},
          {"disabled_messages", s.disabled}};
}

std::string links_text(const std::vector<net::link_stats>& some) {
  if (some.empty())
    return "no node is linked\n";
  std::vector<row> rows{{"node", "role", "incarnation", "up for", "latency", "in", "out", "waiting", "dropped"}};
  for (const auto& s : some)
    rows.push_back(row_of(s));
  std::array<std::size_t, columns_of_table> widths{};
  for (const auto& r : rows)
    for (std::size_t i = 0; i < r.size(); ++i)
      widths[i] = std::max(widths[i], columns(r[i]));
  std::string out;
  for (const auto& r : rows) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      auto gap = std::string(widths[i] - columns(r[i]), ' ');
      out += (i == 0 ? "" : "  ") + (i < 2 ? r[i] + gap : gap + r[i]);  // Numbers stand to the right.
    }
    out += '\n';
  }
  return out;
}

std::string outcome_text(const net::connect_outcome& o, const net::endpoint& at) {
  using kind = net::connect_outcome::kind;
  auto who = o.peer.empty() ? "the node at " + net::to_string(at) : printable(o.peer, name_octets_shown);
  auto why = o.detail.empty() ? std::string{} : ": " + o.detail;
  switch (o.what) {
    case kind::connected: return "linked with " + who;
    case kind::already: return who + " was linked already";
    case kind::self: return net::to_string(at) + " is this node itself";
    case kind::unreachable: return "nobody answers at " + net::to_string(at) + why;
    case kind::refused: return who + " refuses" + why;
    case kind::unproven: return who + " does not prove that it knows the cookie" + why;
    case kind::unacceptable: return who + " is not who may be linked" + why;
    case kind::insecure: return "this node does not dial " + net::to_string(at) + why;
    case kind::stopped: return "the links of this node ended meanwhile; try again";
  }
  return "unknown";
}

std::string procedures_text(const json& procedures) {
  std::string out;
  for (const auto& p : procedures) {
    const auto* name = find_string(p, "name");
    const auto* reply = find_string(p, "reply");
    out += printable(name == nullptr ? "?" : *name, name_octets_shown) + "(";
    if (const auto* fields = find_object(p, "request"); fields != nullptr)
      for (const auto& [field, kind] : fields->items())
        out += (out.ends_with('(') ? "" : ", ") + printable(field, name_octets_shown) + ": "
             + printable(kind.is_string() ? kind.get_ref<const std::string&>() : dump_json(kind), name_octets_shown);
    else
      out += "octets";
    out += ") -> " + printable(reply == nullptr ? "?" : *reply, name_octets_shown) + "\n";
  }
  return out.empty() ? "it has no procedures\n" : out;
}

}  // namespace beamline::program
