// The server whose costs `bench_live` measures: prints its address, ends when its input does.
#include "live/open_files.hpp"
#include "live/server/site.hpp"

#include <exception>
#include <iostream>
#include <string>

int main() try {
  beamline::bench::allow_many_files();
  beamline::bench::site here;
  std::cout << "http://127.0.0.1:" << here.port() << std::endl;
  for (std::string ignored; std::getline(std::cin, ignored);) {}
  return 0;
} catch (const std::exception& e) {
  std::cerr << "bench_live_server: " << e.what() << '\n';
  return 1;
}
