#include "program/cookie_command.hpp"

#include "net/auth/cookie.hpp"
#include "program/cookie_file.hpp"

#include <ostream>

namespace beamline::program {

int cookie_new(const std::filesystem::path& file, random_source& random, std::ostream& out, std::ostream& err) {
  auto cookie = net::new_cookie(random);
  if (file.empty()) {
    // Nothing but the cookie: it is piped into secret stores.
    out << cookie << '\n' << std::flush;
    return out.good() ? 0 : 1;
  }
  if (auto written = write_cookie_file(file, cookie); !written) {
    err << "error: " << written.error().message << '\n';
    return 1;
  }
  err << "wrote a new cookie to " << file.string() << " (mode 0600); give every node a copy and its path in "
      << "BEAMLINE_COOKIE_FILE\n";
  return 0;
}

}  // namespace beamline::program
