#include "testing/net/pipe.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <utility>

namespace beamline::testing {

namespace {

// Which hash is meant.
enum purpose : std::uint64_t { of_latency = 1, of_shape, of_size, of_read, of_read_size, of_loss };

// The sender is told of what was read in steps of this part of its window: far fewer messages, and it never waits for
// the rest.
constexpr std::size_t reports_per_window = 4;
// Octets that were read are cut off in front once they are so many, so that reading a little at a time stays cheap.
constexpr std::size_t cut_bytes_min = 4096;
constexpr std::size_t tiny_piece_bytes_max = 16;

}  // namespace

duration pick(span s, std::uint64_t draw) noexcept {
  auto spread = static_cast<std::uint64_t>((s.max - s.min).count()) + 1;
  return s.min + duration{static_cast<duration::rep>(draw % spread)};
}

std::uint64_t octet_pipe::draw(std::uint64_t purpose, std::uint64_t number) const noexcept {
  return mix64(options_.seed ^ mix64(number * 64 + purpose));
}

duration octet_pipe::latency(std::uint64_t number) const noexcept {
  return pick(options_.latency, draw(of_latency, number));
}

// Mostly as it was written; sometimes cut anywhere; sometimes a few octets, which is where framing goes wrong.
std::size_t octet_pipe::piece_size(std::size_t available, std::uint64_t number) const noexcept {
  available = std::min(available, options_.piece_bytes_max);
  auto shape = draw(of_shape, number) % 8;
  auto size = draw(of_size, number);
  if (shape == 0)
    return 1 + size % std::min(available, tiny_piece_bytes_max);
  if (shape <= 2)
    return 1 + size % available;
  return available;
}

std::size_t octet_pipe::take(std::string_view octets, time_point now) {
  if (is_ended_ || is_reset_)
    return octets.size();
  std::size_t taken = 0;
  while (taken < octets.size() && held_ < options_.held_bytes_max) {
    auto size = piece_size(std::min(octets.size() - taken, options_.held_bytes_max - held_), pieces_sent_);
    send({.octets = bytes{octets.substr(taken, size)}}, now);
    held_ += size;
    taken += size;
  }
  return taken;
}

void octet_pipe::put(mark what, time_point now) {
  is_ended_ = is_ended_ || what == mark::end;
  is_reset_ = is_reset_ || what == mark::reset;
  send({.what = what}, now);
}

void octet_pipe::send(piece p, time_point now) {
  p.number = pieces_sent_++;
  // What would overtake arrives together with what is before it, and is read in one.
  last_arrival_ = std::max(last_arrival_, now + latency(p.number));
  p.arrives = last_arrival_;
  pieces_.push_back(std::move(p));
}

octet_pipe::piece octet_pipe::take_first() {
  auto p = std::move(pieces_.front());
  pieces_.pop_front();
  return p;
}

void octet_pipe::split_first(std::size_t octets) {
  auto& whole = pieces_.front();
  if (whole.octets.size() <= octets)
    return;
  auto head = whole;
  head.octets.resize(octets);
  whole.octets.erase(0, octets);
  pieces_.push_front(std::move(head));
}

void octet_pipe::lose_some(time_point now) {
  auto draws = draw(of_loss, losses_++);
  keep(draws % (pieces_.size() + 1), now);
}

void octet_pipe::lose_all(time_point now) { keep(0, now); }

void octet_pipe::keep(std::size_t pieces, time_point now) {
  pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(pieces), pieces_.end());
  last_arrival_ = pieces_.empty() ? now : std::max(now, pieces_.back().arrives);
}

bytes octet_pipe::read(std::size_t max) {
  auto size = std::min(max, unread());
  auto number = reads_++;
  if (size > 0 && draw(of_read, number) % 8 == 0)
    size = 1 + draw(of_read_size, number) % size;
  auto octets = unread_.substr(read_, size);
  read_ += size;
  unreported_ += size;
  if (read_ == unread_.size() || read_ >= std::max(cut_bytes_min, unread_.size() / 2))
    unread_.erase(0, std::exchange(read_, 0));
  return octets;
}

void octet_pipe::forget_unread() noexcept {
  unread_.clear();
  read_ = 0;
}

std::optional<std::size_t> octet_pipe::take_read_report() noexcept {
  if (unreported_ * reports_per_window < options_.held_bytes_max)
    return std::nullopt;
  return std::exchange(unreported_, 0);
}

}  // namespace beamline::testing
