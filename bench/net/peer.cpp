// The other process of the benchmarks between nodes: `bench_net_peer` writes two ports, of its node and of plain CAF,
// and serves until its standard input ends.

#include "net/bench_node.hpp"
#include "net/plain_caf.hpp"

#include <iostream>

int main() {
  beamline::bench::bench_node node{"peer@127.0.0.1"};
  node.home().spawn<beamline::bench::echo>();
  beamline::bench::plain_node plain;
  std::cout << node.port() << ' ' << plain.publish() << std::endl;
  std::string line;
  std::getline(std::cin, line);
}
