// A handler that never returns cannot be interrupted in C++. It does not take its supervisor along, though: the child
// is cut off, reported and listed, a new one takes its place, and when the handler returns at last it is reaped. Run by
// the tests.

#include "actors/simple_node.hpp"
#include "supervision/supervisor.hpp"

#include <iostream>
#include <latch>

using namespace beamline;
using namespace beamline::supervision;

struct query {};
struct ping {};

class database_client : public process {
public:
  database_client(process_context& c, std::latch* server) : process{c}, server_{server} {}
  behavior init() override {
    return handlers([this](const query&) { server_->wait(); }, [](const ping&) { return true; });
  }

private:
  std::latch* server_;  // Answers nobody until it is let go.
};

int main() {
  std::latch server{1};
  simple_node node;
  auto spec = child<database_client>("client", &server)
                  .with({.shutdown = 50ms, .name = "client", .kill_grace = 50ms, .has_own_thread = true});
  auto top = node->spawn<supervisor>(supervisor_spec{.children = {spec}});
  auto client = pid{node->identity(), "client"};
  while (node->call_sync<bool>(client, ping{}, 5s).index() != 0) {}

  node->cast(client, query{});
  auto ended = std::get<change_answer>(node->call_sync<change_answer>(top, terminate_child{"client"}, 5s));
  auto zombies = std::get<zombie_list>(node->call_sync<zombie_list>(top, which_zombies{}, 5s));
  for (const auto& z : zombies)
    std::cout << z.id << " " << to_string(z.who) << " was left behind, busy with " << z.handling << '\n';

  auto again = std::get<start_answer>(node->call_sync<start_answer>(top, restart_child{"client"}, 5s));
  auto answers = node->call_sync<bool>(client, ping{}, 5s);
  std::cout << "its successor " << (answers.index() == 0 ? "answers under the same name" : "does not answer") << '\n';

  server.count_down();  // The handler returns.
  while (!std::get<zombie_list>(node->call_sync<zombie_list>(top, which_zombies{}, 5s)).empty()) {}
  std::cout << "and the zombie was reaped\n";
  return ended && zombies.size() == 1 && again && answers.index() == 0 ? 0 : 1;
}
