#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <memory>
#include <string>

namespace beamline::net {

/// This node's certificate and whom it believes: mutual TLS 1.3, nothing older. Immutable; may be used on any thread.
class tls_context {
public:
  struct options {
    std::string certificate_file;  // PEM: the node's certificate, then those between it and the CA's.
    std::string key_file;          // PEM, without a passphrase.
    std::string ca_file;           // PEM: whoever shows a certificate that these have issued may connect.
  };

  /// Reads the files. Logs a warning if the certificate expires within 30 days.
  /// Errors, all with file and remedy: `io` (cannot be read), `invalid` (not PEM, the key is another certificate's, not
  /// issued by the CA's), `denied` (expired, not valid yet, a key file that others may read).
  [[nodiscard]] static result<std::shared_ptr<const tls_context>> load(const options& o, const clock& time,
                                                                       logger& log);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// OpenSSL's `SSL_CTX*`; for tls_stream.cpp.
  [[nodiscard]] void* native() const noexcept { return native_; }

private:
  explicit tls_context(void* native) : native_{native} {}
  void* native_;
};

}  // namespace beamline::net
