#include "net/tcp/tls_stream.hpp"

#include "net/tcp/tls_errors.hpp"

#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace beamline::net {

namespace asio = boost::asio;

namespace {

// Octets of the wire read at once: two full records.
constexpr std::size_t wire_octets = 33 * 1024;
// What OpenSSL may want to say without being asked to write (answers to key updates); a peer that makes it say more is
// cut off.
constexpr std::size_t unasked_octets_max = 64 * 1024;
constexpr std::size_t channel_binding_octets = 32;
constexpr std::string_view channel_binding_label = "EXPORTER-Channel-Binding";  // RFC 9266

struct ssl_free {
  void operator()(SSL* s) const { SSL_free(s); }
};

std::vector<std::string> uri_names(SSL* ssl) {
  auto out = std::vector<std::string>{};
  auto* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr)
    return out;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (auto i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI)
      continue;
    const auto* text = name->d.uniformResourceIdentifier;
    auto uri = std::string{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                           static_cast<std::size_t>(ASN1_STRING_length(text))};
    if (uri.find('\0') == std::string::npos)
      out.push_back(std::move(uri));
  }
  GENERAL_NAMES_free(names);
  return out;
}

/// TLS over another stream: OpenSSL sees two memory buffers, never a socket. Both the handshake and the stream after
/// it.
class tls_core final : public net_thread::resident, public std::enable_shared_from_this<tls_core> {
public:
  tls_core(net_thread& home, std::shared_ptr<const tls_context> context, tls_side side,
           std::unique_ptr<byte_stream> under)
      : resident{home},
        context_{std::move(context)},
        under_{std::move(under)},
        ssl_{SSL_new(static_cast<SSL_CTX*>(context_->native()))},
        in_{BIO_new(BIO_s_mem())},
        out_{BIO_new(BIO_s_mem())},
        deadline_{home.io()} {
    assert(ssl_ && in_ && out_);
    SSL_set_bio(ssl_.get(), in_, out_);
    if (side == tls_side::client)
      SSL_set_connect_state(ssl_.get());
    else
      SSL_set_accept_state(ssl_.get());
  }

  void evict() override {
    deadline_.cancel();
    shaken_ = nullptr;
    reader_ = nullptr;
    writer_ = nullptr;
    read_.reset();
    write_.reset();
    under_.reset();
  }

  void shake_hands(duration within, std::function<void(result<void>)> done) {
    shaken_ = std::move(done);
    deadline_.expires_after(within);
    deadline_.async_wait([self = shared_from_this(), within](boost::system::error_code ec) {
      if (!ec && self->shaken_)
        self->end_handshake(
            error{errc::unavailable, "no TLS handshake within " + std::to_string(to_ms(within)) + " ms"});
    });
    home().post([self = shared_from_this()] { self->step(); });
  }

  void read(std::size_t max, byte_stream::on_read done) {
    assert(max > 0 && !reader_ && "one read at a time");
    reader_ = std::move(done);
    read_max_ = max;
    step();
  }

  void write(bytes octets, byte_stream::on_done done) {
    assert(!writer_ && !is_finished_ && "one write at a time, none after finish");
    writer_ = std::move(done);
    if (!is_open())
      return end_write(cancelled());
    if (is_broken_)
      return end_write(why_broken_);
    if (!octets.empty()) {
      ERR_clear_error();
      if (SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())) <= 0)
        return end_write(broken("could not encrypt: " + last_tls_error()));
    }
    flush();
  }

  void finish() {
    assert(!writer_ && "no write may be under way");
    if (!is_open() || is_broken_ || std::exchange(is_finished_, true))
      return;
    ERR_clear_error();
    (void)SSL_shutdown(ssl_.get());  // Says goodbye; it need not be answered.
    flush();
  }

  void close() {
    if (!is_open())
      return;
    if (!is_writing_ && !is_broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
      ERR_clear_error();
      (void)SSL_shutdown(ssl_.get());
      if (auto last = take_output(); !last.empty())
        under_->write(std::move(last), [](const result<void>&) {});  // As much as the system takes at once.
    }
    under_->close();
    if (reader_ && !read_)
      end_read(cancelled());
    if (writer_ && !write_)
      end_write(cancelled());
  }

  [[nodiscard]] bool is_open() const { return under_ && under_->is_open(); }
  [[nodiscard]] endpoint remote() const { return remote_; }
  [[nodiscard]] const stream_security& security() const { return security_; }

private:
  [[nodiscard]] static error cancelled() { return {errc::cancelled, "the connection was closed here"}; }

  error broken(const std::string& why) {
    is_broken_ = true;
    why_broken_ = {errc::unavailable, "the connection to " + to_string(remote_) + " broke: " + why};
    return why_broken_;
  }

  /// Goes on with whatever waits for octets: the handshake or a read.
  void step() {
    if (shaken_)
      do_handshake();
    else if (reader_ && !read_)
      do_read();
  }

  void do_handshake() {
    ERR_clear_error();
    auto how = SSL_do_handshake(ssl_.get());
    auto why = SSL_get_error(ssl_.get(), how);
    auto text = how == 1 || why == SSL_ERROR_WANT_READ ? std::string{} : handshake_error();
    flush();
    if (how == 1)
      return end_handshake({});
    if (why == SSL_ERROR_WANT_READ)
      return read_wire();
    end_handshake(error{errc::denied, std::move(text)});
  }

  std::string handshake_error() {
    auto verdict = SSL_get_verify_result(ssl_.get());
    auto text = "TLS handshake failed: " + last_tls_error();
    if (verdict != X509_V_OK)
      text += std::string{" ("} + X509_verify_cert_error_string(verdict) + ")";
    return text;
  }

  void end_handshake(result<void> how) {
    deadline_.cancel();
    if (how) {
      security_ = {.is_encrypted = true,
                   .channel_binding = bytes(channel_binding_octets, '\0'),
                   .peer_names = uri_names(ssl_.get())};
      ERR_clear_error();
      if (SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(security_.channel_binding.data()),
                                     channel_binding_octets, channel_binding_label.data(), channel_binding_label.size(),
                                     nullptr, 0, 0)
          != 1)
        how = error{errc::denied, "TLS gives no channel binding: " + last_tls_error()};
    }
    home().post([self = shared_from_this(), how = std::move(how)]() mutable {
      if (auto done = std::exchange(self->shaken_, nullptr))
        done(std::move(how));
    });
  }

  void do_read() {
    if (!is_open())
      return end_read(cancelled());
    if (is_broken_)
      return end_read(why_broken_);
    auto room = home().scratch();
    ERR_clear_error();
    auto n = SSL_read(ssl_.get(), room.data(), static_cast<int>(std::min(room.size(), read_max_)));
    if (n > 0) {
      end_read(bytes{room.data(), static_cast<std::size_t>(n)});
    } else {
      switch (SSL_get_error(ssl_.get(), n)) {
        case SSL_ERROR_WANT_READ: read_wire(); break;
        case SSL_ERROR_ZERO_RETURN: end_read(bytes{}); break;
        default: end_read(broken("TLS: " + last_tls_error())); break;
      }
    }
    flush();
  }

  void read_wire() {
    if (std::exchange(is_reading_wire_, true))
      return;
    under_->read(wire_octets, [self = weak_from_this()](result<bytes> got) {
      if (auto c = self.lock())
        c->on_wire(std::move(got));
    });
  }

  void on_wire(result<bytes> got) {
    is_reading_wire_ = false;
    if (!got || got->empty()) {
      auto why =
          got ? error{errc::unavailable, "the connection to " + to_string(remote_) + " ended without TLS's goodbye"}
              : got.error();
      if (shaken_)
        return end_handshake(std::move(why));
      if (reader_ && !read_)
        end_read(std::move(why));
      return;
    }
    BIO_write(in_, got->data(), static_cast<int>(got->size()));
    step();
  }

  bytes take_output() {
    auto out = bytes(BIO_ctrl_pending(out_), '\0');
    if (!out.empty())
      BIO_read(out_, out.data(), static_cast<int>(out.size()));
    return out;
  }

  /// Writes what OpenSSL has to say; the writer is told when all of it is out.
  void flush() {
    if (is_writing_ || !is_open()) {
      if (!writer_ && BIO_ctrl_pending(out_) > unasked_octets_max)
        (void)broken("the peer asks for more and more new keys");
      return;
    }
    auto out = take_output();
    if (out.empty()) {
      if (writer_ && !write_)
        end_write({});
      if (is_finished_)
        under_->finish();
      return;
    }
    is_writing_ = true;
    under_->write(std::move(out), [self = weak_from_this()](result<void> how) {
      auto c = self.lock();
      if (!c)
        return;
      c->is_writing_ = false;
      if (how)
        return c->flush();
      c->is_broken_ = true;
      c->why_broken_ = how.error();
      if (c->writer_ && !c->write_)
        c->end_write(how.error());
    });
  }

  void end_read(result<bytes> how) {
    read_ = std::move(how);
    home().post([self = shared_from_this()] {
      if (!self->reader_ || !self->read_)
        return;
      auto got = *std::exchange(self->read_, std::nullopt);
      std::exchange(self->reader_, nullptr)(self->is_open() ? std::move(got) : result<bytes>{cancelled()});
    });
  }

  void end_write(result<void> how) {
    write_ = std::move(how);
    home().post([self = shared_from_this()] {
      if (!self->writer_ || !self->write_)
        return;
      auto done = *std::exchange(self->write_, std::nullopt);
      std::exchange(self->writer_, nullptr)(self->is_open() ? std::move(done) : result<void>{cancelled()});
    });
  }

  std::shared_ptr<const tls_context> context_;
  std::unique_ptr<byte_stream> under_;
  endpoint remote_ = under_->remote();
  std::unique_ptr<SSL, ssl_free> ssl_;
  BIO* in_;   // Owned by ssl_: from the wire.
  BIO* out_;  // To the wire.
  asio::steady_timer deadline_;
  stream_security security_{};
  std::function<void(result<void>)> shaken_{};
  byte_stream::on_read reader_{};
  byte_stream::on_done writer_{};
  std::optional<result<bytes>> read_{};  // To be told by the next event.
  std::optional<result<void>> write_{};
  std::size_t read_max_ = 0;
  error why_broken_{};
  bool is_reading_wire_ = false;
  bool is_writing_ = false;
  bool is_broken_ = false;
  bool is_finished_ = false;
};

class tls_stream final : public byte_stream {
public:
  explicit tls_stream(std::shared_ptr<tls_core> core) : core_{std::move(core)} {}
  ~tls_stream() override { core_->evict(); }
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  void read(std::size_t max, on_read done) override { core_->read(max, std::move(done)); }
  void write(bytes octets, on_done done) override { core_->write(std::move(octets), std::move(done)); }
  void finish() override { core_->finish(); }
  void close() override { core_->close(); }
  [[nodiscard]] bool is_open() const override { return core_->is_open(); }
  [[nodiscard]] endpoint remote() const override { return core_->remote(); }
  [[nodiscard]] stream_security security() const override { return core_->security(); }

private:
  std::shared_ptr<tls_core> core_;
};

class started_handshake final : public tls_handshake {
public:
  explicit started_handshake(std::shared_ptr<tls_core> core) : core_{std::move(core)} {}
  ~started_handshake() override {
    if (core_)
      core_->evict();
  }
  started_handshake(const started_handshake&) = delete;
  started_handshake& operator=(const started_handshake&) = delete;
  [[nodiscard]] std::shared_ptr<tls_core> take() { return std::exchange(core_, nullptr); }

private:
  std::shared_ptr<tls_core> core_;
};

}  // namespace

std::unique_ptr<tls_handshake> start_tls(net_thread& home, std::shared_ptr<const tls_context> context, tls_side side,
                                         std::unique_ptr<byte_stream> under, duration within,
                                         byte_network::on_dial done) {
  auto core = std::make_shared<tls_core>(home, std::move(context), side, std::move(under));
  auto started = std::make_unique<started_handshake>(core);
  core->shake_hands(within, [s = started.get(), done = std::move(done)](result<void> how) {
    if (!how)
      return done(how.error());
    done(std::unique_ptr<byte_stream>{std::make_unique<tls_stream>(s->take())});
  });
  return started;
}

}  // namespace beamline::net
