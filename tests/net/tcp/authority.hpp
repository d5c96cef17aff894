#pragma once

#include "base/log.hpp"
#include "net/tcp/temporary_dir.hpp"
#include "net/tcp/tls_context.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace beamline::testing {

/// A certificate authority and what it issues, made by the openssl program.
class authority {
public:
  authority() {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-ca -keyout "
        "ca.key -out ca.pem");
  }

  struct wish {
    std::string name;
    std::string uris = "beamline:node_1@127.0.0.1";
    std::string days = "1";
    std::string usage = "serverAuth,clientAuth";
    std::string more_names{};
  };
  net::tls_context::options issue(const wish& w) const {
    dir_.write(w.name + ".ext", "subjectAltName=URI:" + w.uris + w.more_names + "\nextendedKeyUsage=" + w.usage + "\n");
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + w.name + " -keyout " + w.name
        + ".key -out " + w.name + ".csr");
    run("openssl x509 -req -in " + w.name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days " + w.days
        + " -extfile " + w.name + ".ext -out " + w.name + ".pem");
    return {dir_ / (w.name + ".pem"), dir_ / (w.name + ".key"), dir_ / "ca.pem"};
  }
  const temporary_dir& dir() const { return dir_; }

private:
  void run(const std::string& command) const {
    auto whole = "cd " + (dir_ / "") + " && " + command + " 2>>log";
    REQUIRE_MESSAGE(std::system(whole.c_str()) == 0, command);
  }
  temporary_dir dir_;
};

inline result<std::shared_ptr<const net::tls_context>> load(const net::tls_context::options& o,
                                                            logger* into = nullptr) {
  system_clock clock;
  auto log = logger::in_memory(clock);
  return net::tls_context::load(o, clock, into != nullptr ? *into : *log);
}

inline std::shared_ptr<const net::tls_context> good(const authority& ca, const std::string& name,
                                                    const std::string& uri) {
  auto made = load(ca.issue({.name = name, .uris = uri}));
  REQUIRE_MESSAGE(made.ok(), (made ? "" : made.error().message));
  return *made;
}

}  // namespace beamline::testing
