// Many small pieces of work, three at a time, in the order they were asked for. One of them fails; it is an item like
// the others. Run by the tests.

#include "supervision/tasks/task_stream.hpp"
#include "actors/simple_node.hpp"
#include "supervision/tasks/task_supervisor.hpp"

#include <iostream>
#include <latch>
#include <numeric>

using namespace beamline;
using namespace beamline::supervision;

class reporter : public process {
public:
  reporter(process_context& c, pid tasks, int* succeeded, std::latch* over)
      : process{c}, tasks_{std::move(tasks)}, succeeded_{succeeded}, over_{over} {}

  behavior init() override {
    std::vector<int> inputs(10);
    std::iota(inputs.begin(), inputs.end(), 1);
    async_stream_nolink(
        *this, tasks_, each(inputs),
        [](const int& n) {
          if (n == 7)
            throw std::domain_error{"not seven"};
          return n * n;
        },
        {.max_concurrency = 3},
        [this](stream_item<int, int>& i) {
          if (i.outcome) {
            ++*succeeded_;
            std::cout << i.index << ": " << *i.outcome << '\n';
          } else {
            std::cout << i.index << ": " << to_string(i.outcome.error()) << '\n';
          }
        },
        [this](const std::optional<task_error>&) { over_->count_down(); });
    return handlers();
  }

private:
  pid tasks_;
  int* succeeded_;
  std::latch* over_;
};

int main() {
  simple_node node;
  int succeeded = 0;
  std::latch over{1};
  auto tasks = node->spawn<task_supervisor>(task_supervisor_spec());
  node->spawn<reporter>(tasks, &succeeded, &over);
  over.wait();
  std::cout << succeeded << " of 10 succeeded\n";
  return succeeded == 9 ? 0 : 1;
}
