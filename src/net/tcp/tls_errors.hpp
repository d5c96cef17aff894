#pragma once

#include <string>

#include <openssl/err.h>

namespace beamline::net {

/// The newest error in this thread's queue of OpenSSL, in its words; empties the queue. The queue must be emptied
/// before each call whose result is asked, too: a leftover would be taken for a failure of another connection.
[[nodiscard]] std::string last_tls_error();

}  // namespace beamline::net
