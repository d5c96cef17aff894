#pragma once

#include "base/log.hpp"
#include "net/tcp/temporary_dir.hpp"
#include "net/tcp/tls_context.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace beamline::testing {

/// A certificate authority of its own, made by the openssl program.
class certificates {
public:
  certificates() {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-ca -keyout "
        "ca.key -out ca.pem");
  }

  /// A certificate that was issued to `uri`, such as beamline://node/NAME.
  [[nodiscard]] std::shared_ptr<const net::tls_context> issue(const std::string& uri) {
    auto file = "node" + std::to_string(++issued_);
    dir_.write(file + ".ext", "subjectAltName=URI:" + uri + "\nextendedKeyUsage=serverAuth,clientAuth\n");
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + file + " -keyout " + file
        + ".key -out " + file + ".csr");
    run("openssl x509 -req -in " + file + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile " + file
        + ".ext -out " + file + ".pem");
    system_clock clock;
    auto log = logger::in_memory(clock);
    auto made = net::tls_context::load({dir_ / (file + ".pem"), dir_ / (file + ".key"), dir_ / "ca.pem"}, clock, *log);
    REQUIRE_MESSAGE(made.ok(), (made ? "" : made.error().message));
    return *made;
  }
  [[nodiscard]] std::shared_ptr<const net::tls_context> issue_to_node(const std::string& name) {
    return issue("beamline://node/" + name);
  }

private:
  void run(const std::string& command) const {
    auto whole = "cd " + (dir_ / "") + " && " + command + " 2>>log";
    REQUIRE_MESSAGE(std::system(whole.c_str()) == 0, command);
  }
  temporary_dir dir_;
  int issued_ = 0;
};

}  // namespace beamline::testing
