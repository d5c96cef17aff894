// A node in a process of its own, for the tests of the link: net_peer NAME INCARNATION PORT [ENDPOINT...]
// Prints its port, echoes, and ends in order when its input is closed.

#include "net/real_node.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

int main(int argc, char** argv) {
  using namespace beamline;
  if (argc < 4)
    return 2;
  testing::real_node here{argv[1], std::strtoull(argv[2], nullptr, 10)};
  net::interim_link::options o{.port = static_cast<std::uint16_t>(std::strtoul(argv[3], nullptr, 10)),
                               .endpoints = {argv + 4, argv + argc},
                               .role = "peer",
                               .retry_min = 20ms,
                               .retry_max = 100ms};
  if (auto started = here.start(std::move(o)); !started) {
    std::fprintf(stderr, "net_peer: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", static_cast<unsigned>(here.link->port()));
  std::fflush(stdout);
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) > 0) {}
  here.link->close();
  return here.n.shutdown(2s).is_clean() ? 0 : 3;
}
