#include "net/tcp/tls_stream.hpp"

#include "net/auth/admission.hpp"
#include "net/events.hpp"
#include "net/tcp/address.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace beamline::net {

namespace {

// A handshake that takes longer may have to end for a newcomer.
constexpr duration patience_when_full = 250ms;

// All nodes of a machine share its loopback addresses, so those have no limit of their own.
admission::limits limits(bool is_this_machine) {
  return {.connections_max = tls_handshakes_max,
          .connections_per_address_max = is_this_machine ? 0 : tls_handshakes_per_address_max};
}

class tls_acceptor_core final : public net_thread::resident, public std::enable_shared_from_this<tls_acceptor_core> {
public:
  tls_acceptor_core(net_thread& home, std::shared_ptr<const tls_context> context, std::unique_ptr<acceptor> under,
                    const clock& time, logger& log, telemetry* events)
      : resident{home},
        time_{time},
        context_{std::move(context)},
        under_{std::move(under)},
        local_{under_->local()},
        log_{log},
        events_{events} {}

  void evict() override {
    accepted_ = nullptr;
    ready_.clear();
    handshakes_.clear();
    under_.reset();
  }

  void accept(acceptor::on_accept done) {
    accepted_ = std::move(done);
    give_out();
    accept_next();
  }

  [[nodiscard]] const endpoint& local() const { return local_; }

private:
  struct stranger {
    endpoint from;
    std::unique_ptr<tls_handshake> handshake;
    time_point since{};
  };

  void accept_next() {
    // What is done waits for whoever accepts; so many, and the rest waits in the system's queue.
    if (!under_ || is_accepting_ || ready_.size() >= tls_handshakes_max)
      return;
    is_accepting_ = true;
    under_->accept([self = weak_from_this()](result<std::unique_ptr<byte_stream>> stream) {
      auto c = self.lock();
      if (!c)
        return;
      c->is_accepting_ = false;
      if (stream)
        c->enter(std::move(*stream));
      c->accept_next();
    });
  }

  [[nodiscard]] admission& door_of(const endpoint& from) {
    auto address = numeric_address(from);
    return address && is_loopback(*address) ? locals_ : strangers_;
  }

  /// Ends the oldest one that gets nowhere: who says nothing keeps no others out (SY5). Of a source that has as many as
  /// it may, one of its own.
  [[nodiscard]] bool make_room(const endpoint& from, time_point now) {
    auto& door = door_of(from);
    auto source = source_of(from.host);
    auto is_of_it = [&](const auto& h) { return source_of(h.second.from.host) == source; };
    bool is_full = &door == &strangers_
                && static_cast<std::size_t>(std::count_if(handshakes_.begin(), handshakes_.end(), is_of_it))
                       >= tls_handshakes_per_address_max;
    auto oldest = std::find_if(handshakes_.begin(), handshakes_.end(),
                               [&](const auto& h) { return is_full ? is_of_it(h) : &door_of(h.second.from) == &door; });
    if (oldest == handshakes_.end() || now - oldest->second.since < patience_when_full)
      return false;
    auto gone = std::move(handshakes_.extract(oldest).mapped());
    // No failure: a slow node would be made to wait for what others do.
    door.left(gone.from.host, admission::outcome::harmless, now);
    return true;
  }

  void enter(std::unique_ptr<byte_stream> stream) {
    auto from = stream->remote();
    auto now = time_.now();
    auto refused = door_of(from).enter(from.host, now);
    if (!refused.empty() && !door_of(from).is_closed(from.host, now) && make_room(from, now))
      refused = door_of(from).enter(from.host, now);
    if (!refused.empty())
      return note(from, "a stranger was turned away before TLS", std::string{refused}, now);
    auto id = ++last_id_;
    auto& s = handshakes_[id];
    s.from = from;
    s.since = now;
    s.handshake = start_tls(home(), context_, tls_side::server, std::move(stream), tls_accept_within,
                            [self = weak_from_this(), id](result<std::unique_ptr<byte_stream>> how) {
                              if (auto c = self.lock())
                                c->leave(id, std::move(how));
                            });
  }

  void leave(std::uint64_t id, result<std::unique_ptr<byte_stream>> how) {
    auto over = handshakes_.extract(id);
    const auto& from = over.mapped().from;
    auto now = time_.now();
    door_of(from).left(from.host, how ? admission::outcome::authenticated : admission::outcome::failed, now);
    if (how)
      ready_.push_back(std::move(*how));
    else
      note(from, "a stranger failed at TLS", how.error().message, now);
    give_out();
    accept_next();
  }

  /// Tells telemetry, and the log once per step of the source's silence, so that none hides another one's (SY1).
  void note(const endpoint& from, std::string_view what, const std::string& why, time_point now) {
    if (events_ != nullptr)
      events_->emit(connect_failed{{}, from.host, why, false});
    if (auto d = door_of(from).note_failure(from.host, now); d.is_to_be_logged)
      log_.warn("net", what, {{"address", to_string(from)}, {"why", why}, {"not_logged_before", d.silent_before}});
  }

  void give_out() {
    if (!accepted_ || ready_.empty() || std::exchange(is_giving_, true))
      return;
    home().post([self = shared_from_this()] {
      self->is_giving_ = false;
      if (!self->accepted_ || self->ready_.empty())
        return;
      auto stream = std::move(self->ready_.front());
      self->ready_.pop_front();
      std::exchange(self->accepted_, nullptr)(std::move(stream));
    });
  }

  const clock& time_;
  std::shared_ptr<const tls_context> context_;
  std::unique_ptr<acceptor> under_;
  endpoint local_;
  logger& log_;
  telemetry* events_;
  admission strangers_{limits(false)};
  admission locals_{limits(true)};
  acceptor::on_accept accepted_{};
  std::map<std::uint64_t, stranger> handshakes_{};
  std::deque<std::unique_ptr<byte_stream>> ready_{};
  std::uint64_t last_id_ = 0;
  bool is_accepting_ = false;
  bool is_giving_ = false;
};

class tls_acceptor final : public acceptor {
public:
  explicit tls_acceptor(std::shared_ptr<tls_acceptor_core> core) : core_{std::move(core)} {}
  ~tls_acceptor() override { core_->evict(); }
  tls_acceptor(const tls_acceptor&) = delete;
  tls_acceptor& operator=(const tls_acceptor&) = delete;

  void accept(on_accept done) override { core_->accept(std::move(done)); }
  [[nodiscard]] endpoint local() const override { return core_->local(); }

private:
  std::shared_ptr<tls_acceptor_core> core_;
};

}  // namespace

std::unique_ptr<acceptor> make_tls_acceptor(net_thread& home, std::shared_ptr<const tls_context> context,
                                            std::unique_ptr<acceptor> under, const clock& time, logger& log,
                                            telemetry* events) {
  return std::make_unique<tls_acceptor>(
      std::make_shared<tls_acceptor_core>(home, std::move(context), std::move(under), time, log, events));
}

}  // namespace beamline::net
