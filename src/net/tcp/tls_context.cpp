#include "net/tcp/tls_context.hpp"

#include "net/tcp/tls_errors.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

namespace beamline::net {

namespace {

constexpr auto expiry_warning = std::chrono::days{30};

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using store_context_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;

std::string quoted(const std::string& path) { return "\"" + path + "\""; }

result<void> check_readable(const std::string& what, const std::string& key, const std::string& path) {
  if (path.empty())
    return error{errc::invalid, "TLS has no " + what + "; set " + key};
  if (std::ifstream{path}.is_open())
    return {};
  return error{errc::io, "the " + what + " " + quoted(path) + " cannot be read: " + std::strerror(errno)
                             + "; make it, or set " + key};
}

result<void> check_private(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & S_IRWXO) != 0)
    return error{errc::denied, "the key " + quoted(path) + " may be used by every user of this machine; chmod 600 it"};
  return {};
}

std::string date_of(const ASN1_TIME* t) {
  auto parts = std::tm{};
  if (t == nullptr || ASN1_TIME_to_tm(t, &parts) != 1)
    return "an unknown time";
  char text[32] = {};
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

result<void> check_dates(X509* certificate, const std::string& path, std::time_t now, logger& log) {
  const auto* begin = X509_get0_notBefore(certificate);
  const auto* end = X509_get0_notAfter(certificate);
  if (ASN1_TIME_cmp_time_t(end, now) <= 0)
    return error{errc::denied, "the certificate " + quoted(path) + " has expired on " + date_of(end) + "; renew it"};
  if (ASN1_TIME_cmp_time_t(begin, now) > 0)
    return error{errc::denied, "the certificate " + quoted(path) + " is valid from " + date_of(begin)
                                   + " on; set the clock, or wait"};
  auto soon = now + std::chrono::duration_cast<std::chrono::seconds>(expiry_warning).count();
  if (ASN1_TIME_cmp_time_t(end, soon) <= 0)
    log.warn("net", "the certificate expires soon",
             {{"file", path}, {"expires", date_of(end)}, {"remedy", "renew it"}});
  return {};
}

/// The certificate as peers will judge it, in both roles.
result<void> check_chain(SSL_CTX* context, const tls_context::options& o, std::time_t now) {
  auto* certificate = SSL_CTX_get0_certificate(context);
  STACK_OF(X509)* between = nullptr;
  SSL_CTX_get_extra_chain_certs(context, &between);
  for (auto [purpose, name] : {std::pair{"ssl_server", "serverAuth"}, std::pair{"ssl_client", "clientAuth"}}) {
    store_context_ptr judge{X509_STORE_CTX_new()};
    if (!judge || X509_STORE_CTX_init(judge.get(), SSL_CTX_get_cert_store(context), certificate, between) != 1
        || X509_STORE_CTX_set_default(judge.get(), purpose) != 1)
      return error{errc::io, "OpenSSL has no memory"};
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(judge.get()), now);
    if (X509_verify_cert(judge.get()) == 1)
      continue;
    auto code = X509_STORE_CTX_get_error(judge.get());
    auto why = std::string{X509_verify_cert_error_string(code)};
    if (code == X509_V_ERR_INVALID_PURPOSE)
      return error{errc::invalid, "the certificate " + quoted(o.certificate_file) + " is not good for " + name
                                      + "; a node needs one for both serverAuth and clientAuth"};
    return error{errc::invalid, "peers will not believe the certificate " + quoted(o.certificate_file) + ": " + why
                                    + "; it must be issued by the CA of " + quoted(o.ca_file)
                                    + ", with those between them in its own file"};
  }
  return {};
}

result<void> load_files(SSL_CTX* context, const tls_context::options& o) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, o.certificate_file.c_str()) != 1)
    return error{errc::invalid, quoted(o.certificate_file) + " holds no certificate in PEM form: " + last_tls_error()};
  // A key with a passphrase must not make a prompt appear.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  ERR_clear_error();
  if (SSL_CTX_use_PrivateKey_file(context, o.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509)
      return error{errc::invalid, "the key " + quoted(o.key_file) + " is not that of the certificate "
                                      + quoted(o.certificate_file) + "; set both to one pair"};
    return error{errc::invalid,
                 quoted(o.key_file) + " holds no key in PEM form without a passphrase: " + last_tls_error()};
  }
  ERR_clear_error();
  if (SSL_CTX_check_private_key(context) != 1)
    return error{errc::invalid, "the key " + quoted(o.key_file) + " is not that of the certificate "
                                    + quoted(o.certificate_file) + "; set both to one pair"};
  ERR_clear_error();
  if (SSL_CTX_load_verify_locations(context, o.ca_file.c_str(), nullptr) != 1)
    return error{errc::invalid, quoted(o.ca_file) + " holds no certificate in PEM form: " + last_tls_error()};
  return {};
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Every connection proves itself anew; and no ticket is written from within a read.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

std::string last_tls_error() {
  auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0)
    return "unknown";
  const auto* why = ERR_reason_error_string(code);
  return why != nullptr ? why : "error " + std::to_string(code);
}

tls_context::~tls_context() { SSL_CTX_free(static_cast<SSL_CTX*>(native_)); }

result<std::shared_ptr<const tls_context>> tls_context::load(const options& o, const clock& time, logger& log) {
  const auto files =
      std::array{std::array{std::string{"certificate"}, std::string{"cluster.tls_certificate"}, o.certificate_file},
                 std::array{std::string{"key"}, std::string{"cluster.tls_key"}, o.key_file},
                 std::array{std::string{"CA file"}, std::string{"cluster.tls_ca"}, o.ca_file}};
  for (const auto& [what, key, path] : files)
    if (auto fine = check_readable(what, key, path); !fine)
      return fine.error();
  if (auto fine = check_private(o.key_file); !fine)
    return fine.error();
  context_ptr context{SSL_CTX_new(TLS_method())};
  if (!context)
    return error{errc::io, "OpenSSL gives no context: " + last_tls_error()};
  set_rules(context.get());
  if (auto fine = load_files(context.get(), o); !fine)
    return fine.error();
  auto now = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(time.wall_now()));
  if (auto fine = check_dates(SSL_CTX_get0_certificate(context.get()), o.certificate_file, now, log); !fine)
    return fine.error();
  if (auto fine = check_chain(context.get(), o, now); !fine)
    return fine.error();
  return std::shared_ptr<const tls_context>{new tls_context{context.release()}};
}

}  // namespace beamline::net
