#include "testing/net/direct_carrier.hpp"

#include "net/link/gate.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace beamline::testing {

namespace {

constexpr std::size_t length_octets = 4;

/// One carrier: its stream, and both directions. Events that were posted hold it weakly.
class direct_core final : public net::byte_stream, public std::enable_shared_from_this<direct_core> {
public:
  direct_core(net::event_loop& loop, net::link_side side, net::carriers::events e)
      : loop_{loop},
        events_{std::move(e)},
        incoming_{far(side)},
        checked_{far(side)},
        out_{direct_framing::preface(side)} {}

  // -- byte_stream ---------------------------------------------------------------------

  void read(std::size_t max, on_read done) override {
    if (reader_ || max == 0)
      throw std::logic_error{"direct carrier: one read at a time, of one octet at least"};
    reader_ = std::move(done);
    read_max_ = max;
    settle_read();
  }
  void write(bytes octets, on_done done) override {
    if (writer_ || is_finished_)
      throw std::logic_error{"direct carrier: one write at a time, and none after finish"};
    in_ = std::move(octets);
    in_at_ = 0;
    writer_ = std::move(done);
    post(&direct_core::consume);
  }
  void finish() override { is_finished_ = true; }
  void close() override { end({errc::cancelled, "the carrier was closed"}); }
  [[nodiscard]] bool is_open() const override { return !ended_; }
  [[nodiscard]] net::endpoint remote() const override { return {"direct", 0}; }

  // -- carrier -------------------------------------------------------------------------

  void send(std::string_view envelope) {
    if (!has_opened_)
      throw std::logic_error{"direct carrier: send before it was opened"};
    direct_framing::append(out_, envelope);
    settle_read();
  }
  result<void> check(std::string_view octets) {
    while (!octets.empty()) {
      auto read = checked_.consume(octets);
      if (!read)
        return read.error();
      envelopes_checked_ += checked_.take_envelope().empty() ? 0 : 1;
      octets.remove_prefix(*read);
    }
    return {};
  }
  [[nodiscard]] std::uint64_t envelopes_checked() const noexcept { return envelopes_checked_; }
  /// The carrier is destroyed: nobody may be called any more.
  void abandon() {
    is_abandoned_ = true;
    if (!ended_)
      ended_ = error{errc::cancelled, "the carrier is gone"};
    reader_ = nullptr;
    writer_ = nullptr;
    events_ = {};
  }

private:
  static net::link_side far(net::link_side near) {
    return near == net::link_side::dialler ? net::link_side::acceptor : net::link_side::dialler;
  }

  void post(void (direct_core::*what)()) {
    loop_.post([weak = weak_from_this(), what] {
      if (auto self = weak.lock(); self && !self->is_abandoned_)
        (self.get()->*what)();
    });
  }

  void end(error why) {
    if (ended_)
      return;
    ended_ = std::move(why);
    if (writer_)
      post(&direct_core::consume);
    settle_read();
  }

  void settle_read() {
    if (!reader_ || is_read_settled_ || (out_.empty() && !ended_))
      return;
    is_read_settled_ = true;
    post(&direct_core::complete_read);
  }

  void complete_read() {
    is_read_settled_ = false;
    auto done = std::exchange(reader_, nullptr);
    if (ended_)
      return done(*ended_);
    auto taken = out_.size() <= read_max_ ? std::exchange(out_, {}) : out_.substr(0, read_max_);
    if (!out_.empty())
      out_.erase(0, taken.size());
    done(std::move(taken));
  }

  void consume() {
    if (!writer_)
      return;
    for (auto room = direct_carriers::octets_at_once_max; !ended_ && room > 0 && in_at_ < in_.size();) {
      auto read = incoming_.consume(std::string_view{in_}.substr(in_at_, room));
      if (!read) {
        end(error{errc::unavailable, read.error().message});
        break;
      }
      in_at_ += *read;
      room -= *read;
      tell();
      if (is_abandoned_)
        return;
    }
    if (!ended_ && in_at_ < in_.size())
      return post(&direct_core::consume);
    in_ = {};
    auto done = std::exchange(writer_, nullptr);
    done(ended_ ? result<void>{*ended_} : result<void>{});
  }

  void tell() {
    if (incoming_.has_preface() && !std::exchange(has_opened_, true)) {
      // By copy: it may destroy what it is called from.
      auto opened = events_.opened;
      opened({});
    }
    if (is_abandoned_)
      return;
    if (auto envelope = incoming_.take_envelope(); !envelope.empty()) {
      auto received = events_.received;
      received(std::move(envelope));
    }
  }

  net::event_loop& loop_;
  net::carriers::events events_;
  direct_framing incoming_, checked_;
  std::uint64_t envelopes_checked_ = 0;
  std::optional<error> ended_;
  bool has_opened_ = false, is_finished_ = false, is_abandoned_ = false;

  bytes out_;
  on_read reader_;
  std::size_t read_max_ = 0;
  bool is_read_settled_ = false;  // Its completion is on its way.

  bytes in_;
  std::size_t in_at_ = 0;
  on_done writer_;
};

class direct_carrier final : public net::carrier {
public:
  explicit direct_carrier(std::shared_ptr<direct_core> c) : core_{std::move(c)} {}
  ~direct_carrier() override { core_->abandon(); }
  direct_carrier(const direct_carrier&) = delete;
  direct_carrier& operator=(const direct_carrier&) = delete;

  [[nodiscard]] net::byte_stream& octets() override { return *core_; }
  result<void> check(std::string_view from_peer) override { return core_->check(from_peer); }
  [[nodiscard]] std::uint64_t envelopes_checked() const override { return core_->envelopes_checked(); }
  void send(bytes envelope) override { core_->send(envelope); }

private:
  std::shared_ptr<direct_core> core_;
};

}  // namespace

result<std::unique_ptr<net::carrier>> direct_carriers::open(net::link_side side, events e) {
  return std::unique_ptr<net::carrier>{
      std::make_unique<direct_carrier>(std::make_shared<direct_core>(loop_, side, std::move(e)))};
}

// -- direct_framing --------------------------------------------------------------------

bytes direct_framing::preface(net::link_side of) {
  return of == net::link_side::dialler ? "direct dialler\n" : "direct acceptor\n";
}

void direct_framing::append(bytes& out, std::string_view envelope) {
  byte_writer w{out};
  w.u32(static_cast<std::uint32_t>(envelope.size()));
  w.raw(envelope);
}

result<std::size_t> direct_framing::consume(std::string_view octets) {
  if (!has_preface())
    return consume_preface(octets);
  if (length_read_ < length_octets)
    return consume_length(octets);
  auto piece = octets.substr(0, length_ - envelope_.size());
  envelope_.append(piece);
  return piece.size();
}

result<std::size_t> direct_framing::consume_preface(std::string_view octets) {
  auto piece = octets.substr(0, expected_.size() - preface_read_);
  if (piece != std::string_view{expected_}.substr(preface_read_, piece.size()))
    return error{errc::corrupt, "the octets of the far carrier do not begin with its preface"};
  preface_read_ += piece.size();
  return piece.size();
}

result<std::size_t> direct_framing::consume_length(std::string_view octets) {
  length_ = (length_ << 8) | static_cast<unsigned char>(octets.front());
  if (++length_read_ == length_octets && (length_ == 0 || length_ > net::gate::envelope_octets_top))
    return error{
        length_ == 0 ? errc::corrupt : errc::too_large,
        fmt::format("an envelope of {} octets, from 1 to {} are expected", length_, net::gate::envelope_octets_top)};
  return std::size_t{1};
}

bytes direct_framing::take_envelope() {
  if (length_read_ < length_octets || envelope_.size() < length_)
    return {};
  length_read_ = 0;
  length_ = 0;
  return std::exchange(envelope_, {});
}

}  // namespace beamline::testing
