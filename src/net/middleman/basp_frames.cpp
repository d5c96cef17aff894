#include "net/middleman/basp_frames.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace beamline::net::basp {

namespace {

// "default": how CAF names the only kind of node id it makes; its process number and host hash follow.
constexpr std::size_t node_kind_octets = 8;
constexpr std::size_t node_process_octets = 4;
// The length of an envelope, in groups of seven bits.
constexpr std::size_t length_octets_max = 5;

constexpr int server_handshakes_max = 1;
constexpr int client_handshakes_max = 2;

std::string number(std::uint64_t n) { return std::to_string(n); }

bool is_zero(std::string_view octets) {
  return std::all_of(octets.begin(), octets.end(), [](char c) { return c == '\0'; });
}

std::string name_of(operation what) {
  switch (what) {
    case operation::server_handshake: return "a server handshake";
    case operation::client_handshake: return "a client handshake";
    case operation::direct_message: return "a direct message";
    case operation::routed_message: return "a routed message";
    case operation::monitor_message: return "a monitor message";
    case operation::down_message: return "a down message";
    case operation::heartbeat: return "a heartbeat";
  }
  return "the unknown operation " + number(static_cast<std::uint8_t>(what));
}

bool is_kept(const header& h) {
  return h.what == operation::server_handshake || h.what == operation::client_handshake
      || (h.what == operation::direct_message && h.flags == 0);
}

}  // namespace

header read_header(std::string_view octets) {
  byte_reader in{octets};
  auto h = header{};
  h.what = static_cast<operation>(in.u8());
  (void)in.u16();  // Padding.
  h.flags = in.u8();
  h.payload_octets = in.u32();
  h.data = in.u64();
  h.source = in.u64();
  h.destination = in.u64();
  return h;
}

// -- inspector ---------------------------------------------------------------------------

error inspector::refusal(errc code, std::string_view why) const {
  auto what = now_ ? name_of(now_->what) : std::string{"a header"};
  return {code, "not octets of a carrier: " + what + " at octet " + number(position_) + " " + std::string{why}};
}

result<void> inspector::feed(std::string_view octets) {
  read_ += octets.size();
  while (!octets.empty()) {
    if (to_skip_ > 0) {
      auto n = std::min(to_skip_, octets.size());
      to_skip_ -= n;
      messages_ += to_skip_ == 0 ? 1 : 0;
      octets.remove_prefix(n);
      continue;
    }
    auto n = std::min(wanted_ - kept_.size(), octets.size());
    kept_.append(octets.substr(0, n));
    octets.remove_prefix(n);
    if (kept_.size() < wanted_)
      return {};
    auto fine = result<void>{};
    if (!now_) {
      position_ = read_ - octets.size() - header_octets;
      if (!is_zero(std::string_view{kept_}.substr(1, 2)))
        return refusal(errc::corrupt, "has padding that is not zero");
      now_ = read_header(kept_);
      fine = judge(*now_);
    } else if (now_->what == operation::direct_message) {
      fine = read_envelope_begin();
    } else {
      fine = read_handshake();
    }
    if (!fine)
      return fine;
    kept_.clear();
  }
  return {};
}

result<void> inspector::judge(const header& h) {
  if (h.payload_octets > payload_octets_max)
    return refusal(errc::too_large,
                   "announces " + number(h.payload_octets) + " octets, the most is " + number(payload_octets_max));
  switch (h.what) {
    case operation::server_handshake:
    case operation::client_handshake: return judge_handshake(h);
    case operation::direct_message: return judge_message(h);
    default: return refusal(errc::corrupt, "has no place here");
  }
}

result<void> inspector::judge_handshake(const header& h) {
  auto is_server = h.what == operation::server_handshake;
  if (is_server != (options_.here == link_side::dialler))
    return refusal(errc::corrupt, "came from the wrong side");
  if (handshakes_ >= (is_server ? server_handshakes_max : client_handshakes_max))
    return refusal(errc::corrupt, "came once too often");
  auto flags = std::uint8_t{handshakes_ == 0 ? std::uint8_t{0} : flag_select};
  auto version = is_server ? options_.caf->handshake_version : 0;
  auto octets =
      is_server ? node_id_octets + options_.caf->handshake_middle.size() + sizeof(std::uint64_t) + 1 : node_id_octets;
  if (h.payload_octets != octets)
    return refusal(errc::corrupt, "has " + number(h.payload_octets) + " octets, not " + number(octets));
  if (h.flags != flags || h.data != version || h.source != 0 || h.destination != 0)
    return refusal(errc::corrupt, "has a header that CAF does not write");
  ++handshakes_;
  wanted_ = octets;
  return {};
}

result<void> inspector::read_handshake() {
  auto id = std::string_view{kept_}.substr(0, node_id_octets);
  auto rest = std::string_view{kept_}.substr(node_id_octets);
  if (id.substr(0, node_kind_octets) != std::string_view{options_.caf->node_id}.substr(0, node_kind_octets)
      || is_zero(id.substr(node_kind_octets, node_process_octets))
      || is_zero(id.substr(node_kind_octets + node_process_octets)))
    return refusal(errc::corrupt, "names no node");
  if (id == options_.caf->node_id)
    return refusal(errc::corrupt, "shows this node's own CAF node id; both run without the id of net/middleman, or one "
                                  "is a copy of the other's memory");
  if (!rest.empty()) {
    const auto& middle = options_.caf->handshake_middle;
    if (rest.substr(0, middle.size()) != middle || rest.back() != '\0'
        || is_zero(rest.substr(middle.size(), sizeof(std::uint64_t))))
      return refusal(errc::corrupt, "offers no door");
  }
  if (peer_id_.empty()) {
    peer_id_ = id;
    if (options_.claim && !options_.claim(id))
      return refusal(errc::corrupt,
                     "shows the CAF node id of another link; a link must be gone before its successor begins");
  } else if (id != peer_id_) {
    return refusal(errc::corrupt, "shows another node id than the first");
  }
  now_.reset();
  wanted_ = header_octets;
  return {};
}

result<void> inspector::judge_message(const header& h) {
  if (handshakes_ != (options_.here == link_side::dialler ? server_handshakes_max : client_handshakes_max))
    return refusal(errc::corrupt, "came before the handshake");
  if (h.flags != 0)
    return refusal(errc::corrupt, "is addressed to a server by its name");
  if (h.destination != options_.door)
    return refusal(errc::corrupt,
                   "is addressed to actor " + number(h.destination) + ", the door is " + number(options_.door));
  if (h.data != options_.caf->message_id)
    return refusal(errc::corrupt, "is a request or a response");
  auto is_hello = options_.here == link_side::acceptor && !has_hello_;
  if ((h.source != 0) != is_hello)
    return refusal(errc::corrupt, is_hello ? "names no door to answer to" : "names a sender");
  auto octets_min = options_.caf->envelope_begin.size() + 1;
  if (h.payload_octets < octets_min)
    return refusal(errc::corrupt,
                   "has " + number(h.payload_octets) + " octets, an envelope has at least " + number(octets_min));
  has_hello_ = true;
  wanted_ = std::min<std::size_t>(octets_min - 1 + length_octets_max, h.payload_octets);
  if (is_hello && h.payload_octets != octets_min)
    return refusal(errc::corrupt, "is not empty, as the first one must be");
  return {};
}

result<void> inspector::read_envelope_begin() {
  const auto& begin = options_.caf->envelope_begin;
  auto seen = std::string_view{kept_};
  if (seen.substr(0, begin.size()) != begin)
    return refusal(errc::corrupt, "holds something else than an envelope");
  byte_reader in{seen.substr(begin.size())};
  auto length = in.varint();
  auto octets = begin.size() + in.position() + length;
  if (in.failed() || octets != now_->payload_octets)
    return refusal(errc::corrupt, "holds an envelope of another length than it says");
  to_skip_ = octets - seen.size();
  messages_ += to_skip_ == 0 ? 1 : 0;
  now_.reset();
  wanted_ = header_octets;
  return {};
}

// -- sieve -------------------------------------------------------------------------------

bytes sieve::pass(bytes octets) {
  // The usual case: an envelope goes on, nothing is copied.
  if (kept_.empty() && to_drop_ == 0 && octets.size() <= to_pass_) {
    to_pass_ -= octets.size();
    return octets;
  }
  auto out = bytes{};
  out.reserve(kept_.size() + octets.size());
  auto in = std::string_view{octets};
  while (!in.empty()) {
    if (auto n = std::min(to_pass_, in.size()); n > 0) {
      out.append(in.substr(0, n));
      to_pass_ -= n;
      in.remove_prefix(n);
    } else if (n = std::min(to_drop_, in.size()); n > 0) {
      to_drop_ -= n;
      in.remove_prefix(n);
    } else {
      n = std::min(header_octets - kept_.size(), in.size());
      kept_.append(in.substr(0, n));
      in.remove_prefix(n);
      if (kept_.size() < header_octets)
        break;
      auto h = read_header(kept_);
      if (is_kept(h)) {
        out.append(kept_);
        to_pass_ = h.payload_octets;
      } else {
        to_drop_ = h.payload_octets;
        ++dropped_;
      }
      kept_.clear();
    }
  }
  return out;
}

}  // namespace beamline::net::basp
