#pragma once

#include "net/link/carrier.hpp"
#include "net/middleman/basp_frames.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace beamline::testing {

/// What passed the carriers of one node.
struct carrier_counters {
  std::atomic<std::uint64_t> envelopes_in{0}, envelopes_out{0};  // Of the gates.
  std::atomic<std::uint64_t> envelope_octets_in{0}, envelope_octets_out{0};
  std::atomic<std::uint64_t> octets_in{0}, octets_out{0};            // To and from CAF.
  std::atomic<std::uint64_t> handshakes{0}, messages{0}, others{0};  // That CAF wrote, by operation of BASP.
  std::atomic<bool> is_shut{false};  // What CAF writes is held back; to be set on the net thread.
  std::function<void()> held{};      // Goes on. Net thread only.
};

/// Counts what another stream hands out, and reads it as BASP.
class counting_stream final : public net::byte_stream {
public:
  counting_stream(net::byte_stream& real, carrier_counters& c) : real_{real}, counters_{c} {}

  void read(std::size_t max, on_read done) override {
    real_.read(max, [this, done = std::move(done)](result<bytes> octets) {
      if (octets) {
        counters_.octets_out += octets->size();
        parse(*octets);
      }
      if (counters_.is_shut)
        counters_.held = [done, octets] { done(octets); };
      else
        done(std::move(octets));
    });
  }
  void write(bytes octets, on_done done) override {
    counters_.octets_in += octets.size();
    real_.write(std::move(octets), std::move(done));
  }
  void finish() override { real_.finish(); }
  void close() override { real_.close(); }
  [[nodiscard]] bool is_open() const override { return real_.is_open(); }
  [[nodiscard]] net::endpoint remote() const override { return real_.remote(); }

private:
  void parse(std::string_view octets) {
    kept_ += octets;
    while (kept_.size() >= net::basp::header_octets) {
      auto head = net::basp::read_header(std::string_view{kept_}.substr(0, net::basp::header_octets));
      if (kept_.size() < net::basp::header_octets + head.payload_octets)
        return;
      using net::basp::operation;
      if (head.what == operation::client_handshake || head.what == operation::server_handshake)
        ++counters_.handshakes;
      else if (head.what == operation::direct_message)
        ++counters_.messages;
      else
        ++counters_.others;
      kept_.erase(0, net::basp::header_octets + head.payload_octets);
    }
  }
  net::byte_stream& real_;
  carrier_counters& counters_;
  bytes kept_;
};

/// Other carriers, with everything counted that passes them.
class counting_carriers final : public net::carriers {
public:
  counting_carriers(net::carriers& real, carrier_counters& c) : real_{real}, counters_{c} {}

  result<std::unique_ptr<net::carrier>> open(net::link_side side, events e) override {
    auto received = [c = &counters_, pass_on = std::move(e.received)](bytes envelope) {
      ++c->envelopes_in;
      c->envelope_octets_in += envelope.size();
      pass_on(std::move(envelope));
    };
    auto made = real_.open(side, {std::move(e.opened), std::move(received)});
    if (!made)
      return made.error();
    return std::unique_ptr<net::carrier>{std::make_unique<counting>(std::move(*made), counters_)};
  }

private:
  class counting final : public net::carrier {
  public:
    counting(std::unique_ptr<net::carrier> real, carrier_counters& c)
        : real_{std::move(real)}, counters_{c}, octets_{real_->octets(), c} {}
    net::byte_stream& octets() override { return octets_; }
    result<void> check(std::string_view from_peer) override { return real_->check(from_peer); }
    [[nodiscard]] std::uint64_t envelopes_checked() const override { return real_->envelopes_checked(); }
    void send(bytes envelope) override {
      ++counters_.envelopes_out;
      counters_.envelope_octets_out += envelope.size();
      real_->send(std::move(envelope));
    }

  private:
    std::unique_ptr<net::carrier> real_;
    carrier_counters& counters_;
    counting_stream octets_;
  };
  net::carriers& real_;
  carrier_counters& counters_;
};

}  // namespace beamline::testing
