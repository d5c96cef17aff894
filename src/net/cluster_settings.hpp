#pragma once

#include "base/cluster_options.hpp"
#include "base/result.hpp"
#include "net/auth/keyring.hpp"
#include "net/links.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace beamline::net {

/// Reads a cookie; production: `program::read_cookie_file` with `o.credentials_dir`.
using cookie_reader = std::function<result<std::string>(const std::filesystem::path&)>;

/// What `[cluster]` does not say about this node.
struct cluster_facts {
  std::string role;
  std::string version;
};

/// The cookies of `[cluster]` as keys. Reads their files, and may take a tenth of a second for each passphrase.
/// Errors: those of `read`, `denied` (a cookie that is too weak, or the development cookie beyond loopback), `invalid`
/// (no cookie, two of one id). Messages name the key in `[cluster]` and the remedy, never a secret.
[[nodiscard]] result<keyring> keyring_of(const cluster_options& o, const cookie_reader& read);

/// `[cluster]` as `links` takes it; with a keyring as above. Errors: those, and `denied` (an address beyond loopback
/// without TLS, D25).
[[nodiscard]] result<links_options> links_options_of(const cluster_options& o, const cluster_facts& facts,
                                                     const cookie_reader& read);

/// What is allowed but should not stay so, for the log at start; whole sentences.
[[nodiscard]] std::vector<std::string> warnings_of(const cluster_options& o);

}  // namespace beamline::net
