#include "net/tcp/tls_stream.hpp"

#include "net/tcp/address.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace beamline::net {

namespace {

// A handshake that takes longer may have to end for a newcomer.
constexpr std::chrono::milliseconds patience_when_full{250};

class tls_acceptor_core final : public net_thread::resident, public std::enable_shared_from_this<tls_acceptor_core> {
public:
  tls_acceptor_core(net_thread& home, std::shared_ptr<const tls_context> context, std::unique_ptr<acceptor> under,
                    logger& log)
      : resident{home}, context_{std::move(context)}, under_{std::move(under)}, local_{under_->local()}, log_{log} {}

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
    std::chrono::steady_clock::time_point since{};
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

  /// All nodes of a machine share its loopback addresses, so those have no limit of their own.
  [[nodiscard]] bool is_address_full(const endpoint& from) const {
    auto address = numeric_address(from);
    auto is_same = [&](const auto& h) { return h.second.from.host == from.host; };
    return !(address && is_loopback(*address))
        && static_cast<std::size_t>(std::count_if(handshakes_.begin(), handshakes_.end(), is_same))
               >= tls_handshakes_per_address_max;
  }

  /// Ends the oldest one that gets nowhere: who says nothing keeps no others out (SY5). Of an address that has as many
  /// as it may, one of its own.
  [[nodiscard]] bool has_room_for(const endpoint& from) {
    const bool is_full = is_address_full(from);
    if (!is_full && handshakes_.size() < tls_handshakes_max)
      return true;
    auto oldest = std::find_if(handshakes_.begin(), handshakes_.end(),
                               [&](const auto& h) { return !is_full || h.second.from.host == from.host; });
    if (oldest == handshakes_.end() || std::chrono::steady_clock::now() - oldest->second.since < patience_when_full)
      return false;
    handshakes_.erase(oldest);
    return true;
  }

  void enter(std::unique_ptr<byte_stream> stream) {
    auto from = stream->remote();
    if (!has_room_for(from)) {
      log_.write(full_limit_, log_level::warn, "net", "a stranger was turned away, too many are in the TLS handshake",
                 {{"address", from.host}, {"handshakes", handshakes_.size()}});
      return;
    }
    auto id = ++last_id_;
    auto& s = handshakes_[id];
    s.from = from;
    s.since = std::chrono::steady_clock::now();
    s.handshake = start_tls(home(), context_, tls_side::server, std::move(stream), tls_accept_within,
                            [self = weak_from_this(), id](result<std::unique_ptr<byte_stream>> how) {
                              if (auto c = self.lock())
                                c->leave(id, std::move(how));
                            });
  }

  void leave(std::uint64_t id, result<std::unique_ptr<byte_stream>> how) {
    auto over = handshakes_.extract(id);
    if (how)
      ready_.push_back(std::move(*how));
    else
      log_.write(failed_limit_, log_level::warn, "net", "a stranger failed at TLS",
                 {{"address", to_string(over.mapped().from)}, {"why", how.error().message}});
    give_out();
    accept_next();
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

  std::shared_ptr<const tls_context> context_;
  std::unique_ptr<acceptor> under_;
  endpoint local_;
  logger& log_;
  once_per failed_limit_{10s};
  once_per full_limit_{10s};
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
                                            std::unique_ptr<acceptor> under, logger& log) {
  return std::make_unique<tls_acceptor>(
      std::make_shared<tls_acceptor_core>(home, std::move(context), std::move(under), log));
}

}  // namespace beamline::net
