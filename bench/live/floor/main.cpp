// The floor that `bench_live` compares with: floor/server.hpp. Prints its address, ends when its input does.
//
// usage: bench_live_floor PAGE JOIN DIFF REPLY      octets on the wire
#include "live/floor/server.hpp"
#include "live/open_files.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  beamline::bench::allow_many_files();
  if (argc != 5) {
    std::cerr << "usage: bench_live_floor PAGE JOIN DIFF REPLY\n";
    return 2;
  }
  auto size = [&](int i) { return static_cast<std::size_t>(std::strtoul(argv[i], nullptr, 10)); };
  beamline::bench::floor_server here{{.page = size(1), .join = size(2), .diff = size(3), .reply = size(4)}};
  std::cout << "http://127.0.0.1:" << here.port() << std::endl;
  here.run(STDIN_FILENO);
  return 0;
} catch (const std::exception& e) {
  std::cerr << "bench_live_floor: " << e.what() << '\n';
  return 1;
}
