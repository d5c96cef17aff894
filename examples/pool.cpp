// A pool of workers: jobs are spread over them by key, a worker that dies of a job is replaced, the others never
// notice. Run by the tests.

#include "actors/simple_node.hpp"
#include "supervision/partition_supervisor.hpp"

#include <algorithm>
#include <iostream>

using namespace beamline;
using namespace beamline::supervision;

struct job {
  int number;
};

class worker : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const job& j) {
      if (j.number == 13)
        throw std::invalid_argument{"thirteen"};
      return ++jobs_;
    });
  }

private:
  int jobs_ = 0;
};

int main() {
  partition_directory directory;  // Outlives the node's processes.
  simple_node node;
  node->env().provide(directory);
  auto pool =
      partition_supervisor::start(node.get(), {.name = "pool", .child = child<worker>("worker"), .partitions = 4});
  while (std::get<child_counts>(node->call_sync<child_counts>(pool, count_children{}, 5s)).active < 4) {}

  // The caller may hear of a death before the supervisor does, so it is the new life that is waited for.
  auto is_replaced = [&] {
    auto workers = std::get<child_list>(node->call_sync<child_list>(pool, which_children{}, 5s));
    return std::ranges::any_of(
        workers, [](const child_info& c) { return c.incarnation == 2 && c.state == slot_state::running; });
  };
  int done = 0, failed = 0;
  for (int n = 0; n < 100; ++n) {
    auto r = node->call_sync<int>(partition_of(node->env(), "pool", n), job{n}, 5s);
    if (auto* e = std::get_if<call_error>(&r)) {
      std::cout << "job " << n << ": " << to_string(*e) << '\n';
      ++failed;
      // Its successor is found in the same place.
      while (!is_replaced()) {}
    } else {
      ++done;
    }
  }
  std::cout << done << " jobs done, " << failed << " failed\n";
  auto workers = std::get<child_list>(node->call_sync<child_list>(pool, which_children{}, 5s));
  for (const auto& c : workers)
    std::cout << "worker " << c.id << ": life " << c.incarnation << '\n';
  return done == 99 && failed == 1 ? 0 : 1;
}
