#include "net/link/control.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace beamline::net {

namespace {

enum class verb : std::uint8_t { tick = 1, tock = 2, credit = 3, contract = 4, neighbours = 5, goodbye = 6 };

constexpr std::uint32_t protocol_with_times = 2;
// A neighbour of three empty strings.
constexpr std::size_t neighbour_octets_min = 3;

std::size_t octets_of(const control::neighbour& n) { return n.name.size() + n.endpoint.size() + n.role.size(); }

/// How many neighbours, from the first on, one frame takes; oversized ones among them take no room.
std::size_t fitting(const std::vector<control::neighbour>& known, std::size_t from) {
  std::size_t octets = 0, count = 0, i = from;
  for (; i < known.size() && count < control::neighbours_max; ++i) {
    if (octets_of(known[i]) > control::neighbour_octets_max)
      continue;
    // With their three lengths.
    octets += octets_of(known[i]) + 3 * 2;
    if (octets > control::neighbours_octets_max)
      break;
    ++count;
  }
  return i - from;
}

class encoder {
public:
  explicit encoder(std::uint32_t protocol) : protocol_{protocol} {}

  void operator()(const control::tick& t) {
    begin(verb::tick);
    if (protocol_ >= protocol_with_times)
      out_.varint(t.sent_us);
  }
  void operator()(const control::tock& t) {
    if (protocol_ < protocol_with_times)
      return;
    begin(verb::tock);
    out_.varint(t.sent_us);
  }
  void operator()(const control::credit& c) {
    begin(verb::credit);
    out_.varint(c.octets);
  }
  void operator()(const control::contract& c) {
    begin(verb::contract);
    out_.varint(c.part);
    out_.varint(c.of);
    if (c.octets.size() > control::contract_part_octets_max)
      throw std::logic_error{fmt::format("a part of a message table has {} octets, a control frame takes {}",
                                         c.octets.size(), control::contract_part_octets_max)};
    out_.blob(c.octets);
  }
  void operator()(const control::neighbours& n) {
    std::vector<const control::neighbour*> told;
    for (std::size_t i = 0, end = fitting(n.known, 0); i < end; ++i)
      if (octets_of(n.known[i]) <= control::neighbour_octets_max)
        told.push_back(&n.known[i]);
    begin(verb::neighbours);
    out_.varint(told.size());
    for (const auto* k : told) {
      out_.blob(k->name);
      out_.blob(k->endpoint);
      out_.blob(k->role);
    }
  }
  void operator()(const control::goodbye& g) {
    begin(verb::goodbye);
    out_.blob(truncate_utf8(g.why, control::why_octets_max));
    out_.blob(truncate_utf8(g.detail, control::detail_octets_max));
  }
  void operator()(const control::unknown&) {}

  [[nodiscard]] bytes take() { return out_.take(); }

private:
  void begin(verb v) { out_.u8(static_cast<std::uint8_t>(v)); }

  std::uint32_t protocol_;
  byte_writer out_;
};

control::contract read_contract(byte_reader& in) {
  auto part = in.varint(), of = in.varint();
  if (in.ok() && (of == 0 || of > control::contract_parts_max || part >= of))
    in.fail(errc::corrupt, fmt::format("part {} of {} of a message table, of which there are at most {}", part, of,
                                       control::contract_parts_max));
  return {static_cast<std::uint32_t>(part), static_cast<std::uint32_t>(of),
          bytes{in.blob(control::contract_part_octets_max)}};
}

control::neighbours read_neighbours(byte_reader& in) {
  auto count = in.count(control::neighbours_max, neighbour_octets_min);
  control::neighbours read;
  read.known.reserve(count);
  for (; count > 0 && in.ok(); --count) {
    auto& n = read.known.emplace_back();
    n.name = in.blob(control::neighbour_octets_max);
    n.endpoint = in.blob(control::neighbour_octets_max);
    n.role = in.blob(control::neighbour_octets_max);
    if (in.ok() && octets_of(n) > control::neighbour_octets_max)
      in.fail(errc::too_large, fmt::format("a neighbour of {} octets, at most {} are allowed", octets_of(n),
                                           control::neighbour_octets_max));
  }
  if (in.ok() && fitting(read.known, 0) < read.known.size())
    in.fail(errc::too_large, fmt::format("neighbours of more than {} octets", control::neighbours_octets_max));
  return read;
}

control_message read(byte_reader& in, std::uint8_t what, std::uint32_t protocol) {
  auto has_times = protocol >= protocol_with_times;
  switch (static_cast<verb>(what)) {
    case verb::tick: return control::tick{has_times ? in.varint() : 0};
    case verb::tock:
      if (has_times)
        return control::tock{in.varint()};
      break;
    case verb::credit: {
      control::credit c{in.varint()};
      if (in.ok() && c.octets == 0)
        in.fail(errc::corrupt, "a credit of 0 octets");
      return c;
    }
    case verb::contract: return read_contract(in);
    case verb::neighbours: return read_neighbours(in);
    case verb::goodbye: {
      control::goodbye g;
      g.why = in.blob(control::why_octets_max);
      g.detail = in.blob(control::detail_octets_max);
      return g;
    }
  }
  (void)in.raw(in.remaining());
  return control::unknown{what};
}

}  // namespace

bytes encode_control(const control_message& m, std::uint32_t protocol) {
  encoder e{protocol};
  std::visit(e, m);
  return e.take();
}

result<control_message> decode_control(std::string_view octets, std::uint32_t protocol) {
  byte_reader in{octets};
  auto what = in.u8();
  if (in.failed())
    return error{errc::corrupt, "a control frame without a verb"};
  auto message = read(in, what, protocol);
  if (auto done = in.finish(); !done)
    return done.error().in(fmt::format("control frame of verb {}", what));
  return message;
}

result<std::vector<control::contract>> cut_contract(std::string_view table) {
  if (table.size() > control::contract_octets_max)
    return error{errc::too_large, fmt::format("the table of messages has {} octets, at most {} can be told to a peer",
                                              table.size(), control::contract_octets_max)};
  constexpr auto part_octets = control::contract_part_octets_max;
  auto of = std::max<std::size_t>(1, (table.size() + part_octets - 1) / part_octets);
  std::vector<control::contract> parts;
  for (std::size_t i = 0; i < of; ++i)
    parts.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(of),
                     bytes{table.substr(i * part_octets, part_octets)}});
  return parts;
}

std::vector<control::neighbours> cut_neighbours(const std::vector<control::neighbour>& known) {
  std::vector<control::neighbours> frames;
  for (std::size_t at = 0; at < known.size();) {
    auto count = fitting(known, at);
    auto first = known.begin() + static_cast<std::ptrdiff_t>(at);
    frames.push_back({{first, first + static_cast<std::ptrdiff_t>(count)}});
    at += count;
  }
  return frames;
}

result<std::optional<bytes>> contract_joiner::add(const control::contract& part) {
  if (part.part != next_ || (next_ > 0 && part.of != of_))
    return error{errc::corrupt, fmt::format("part {} of {} of the peer's message table came, part {} of {} was next",
                                            part.part, part.of, next_, next_ > 0 ? of_ : part.of)};
  if (table_.size() + part.octets.size() > control::contract_octets_max)
    return error{errc::too_large,
                 fmt::format("the peer's message table has more than {} octets", control::contract_octets_max)};
  of_ = part.of;
  table_.append(part.octets);
  if (++next_ < of_)
    return std::optional<bytes>{};
  next_ = 0;
  return std::optional{std::exchange(table_, {})};
}

}  // namespace beamline::net
