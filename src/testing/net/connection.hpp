#pragma once

#include "net/byte_stream.hpp"
#include "testing/machine.hpp"
#include "testing/net/pipe.hpp"
#include "testing/observer.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace beamline::testing {

class network_core;

/// One connection: two ends, a pipe each way, and what the systems of the two machines do for it. Shared by its
/// streams, by what is on the way, and by the network for as long as one end is open.
class connection : public std::enable_shared_from_this<connection> {
public:
  enum side : std::size_t { dialler = 0, acceptor = 1 };

  struct place {
    const machine* on = nullptr;
    net::endpoint address{};
  };
  struct options {
    std::uint64_t id = 0;
    place from, to;
    bool is_loopback = false;
  };

  connection(network_core& core, options o);

  // -- its beginning ---------------------------------------------------------------

  /// The dialler has it, and tells the other side.
  void open(std::uint64_t incarnation);
  /// The other side's system has taken it, for that node.
  void adopt(std::uint64_t incarnation);

  // -- for its streams: as byte_stream ------------------------------------------------

  void read(side s, std::size_t max, net::byte_stream::on_read done);
  void write(side s, bytes octets, net::byte_stream::on_done done);
  void finish(side s);
  void close(side s);
  /// The stream is gone.
  void abandon(side s);
  [[nodiscard]] bool is_open(side s) const noexcept { return ends_[s].state == end_state::open; }
  [[nodiscard]] const net::endpoint& remote(side s) const noexcept { return ends_[1 - s].at.address; }

  // -- what happens to it ---------------------------------------------------------------

  void reset_both();
  /// That end breaks, and the other one is not told.
  void reset_one(side s);
  void node_ended(std::uint64_t incarnation, node_end how);

  [[nodiscard]] const machine& on(side s) const noexcept { return *ends_[s].at.on; }
  [[nodiscard]] std::uint16_t port_dialled() const noexcept { return ends_[acceptor].at.address.port; }
  [[nodiscard]] bool is_loopback() const noexcept { return is_loopback_; }
  [[nodiscard]] bool is_alive() const noexcept { return is_open(dialler) || is_open(acceptor); }

private:
  enum class end_state : std::uint8_t {
    unborn,  // The acceptor's, until it hears that the dialler has the connection.
    open,
    closed,  // By its node, or with it; the system is still there.
    broken,  // Its node may still learn of it.
    gone,    // With the power of the machine: the system knows nothing of it when it is there again.
  };

  struct end {
    place at;
    std::uint64_t incarnation = 0;
    end_state state = end_state::unborn;
    bool has_stream = false;  // Somebody who may be called.
    net::byte_stream::on_read reader{};
    std::size_t read_max = 0;
    bool is_read_settled = false;  // Its completion is on its way.
    net::byte_stream::on_done writer{};
    bytes rest{};  // Of the write under way: not taken yet from `rest_at` on.
    std::size_t rest_at = 0;
    bool is_taken = false;
    bool is_write_settled = false;
    bool has_finished = false;
    bool has_peer_finished = false;
    std::string problem{};
    std::uint64_t reports = 0;  // To the sender, of what was read.
  };

  [[nodiscard]] octet_pipe& out(std::size_t s) { return pipes_[s]; }
  [[nodiscard]] octet_pipe& in(std::size_t s) { return pipes_[1 - s]; }

  void pump(std::size_t s);
  void settle_read(std::size_t s);
  void settle_write(std::size_t s);
  void complete_read(std::size_t s);
  void complete_write(std::size_t s);
  [[nodiscard]] std::optional<result<bytes>> outcome_of_read(std::size_t s);
  void report_read(std::size_t s);

  void arm(std::size_t from);
  void carry(std::size_t from, time_point when);
  void arrive(std::size_t from);
  bool is_let_through(std::size_t from);
  void handle(std::size_t from, octet_pipe::piece p);
  void handle_octets(std::size_t from, octet_pipe::piece p);
  void try_again(std::size_t from);
  void answer_reset(std::size_t from);

  void say_goodbye(std::size_t s);
  void reset_peer(std::size_t s);
  void break_end(std::size_t s, std::string why);
  void retire();
  void tell(std::size_t s, std::string_view what);

  network_core& core_;
  std::uint64_t id_;
  bool is_loopback_;
  std::array<end, 2> ends_;
  std::array<octet_pipe, 2> pipes_;  // [s]: from the end `s` to the other.
  std::array<bool, 2> is_armed_{};
  std::array<time_point, 2> unanswered_since_{};  // By a machine without power; the epoch: it is not so.
};

/// One end of a connection, as its node has it.
class simulated_stream final : public net::byte_stream {
public:
  simulated_stream(std::shared_ptr<connection> c, connection::side s) : connection_{std::move(c)}, side_{s} {}
  ~simulated_stream() override { connection_->abandon(side_); }
  simulated_stream(const simulated_stream&) = delete;
  simulated_stream& operator=(const simulated_stream&) = delete;

  void read(std::size_t max, on_read done) override { connection_->read(side_, max, std::move(done)); }
  void write(bytes octets, on_done done) override { connection_->write(side_, std::move(octets), std::move(done)); }
  void finish() override { connection_->finish(side_); }
  void close() override { connection_->close(side_); }
  [[nodiscard]] bool is_open() const override { return connection_->is_open(side_); }
  [[nodiscard]] net::endpoint remote() const override { return connection_->remote(side_); }

private:
  std::shared_ptr<connection> connection_;
  connection::side side_;
};

}  // namespace beamline::testing
