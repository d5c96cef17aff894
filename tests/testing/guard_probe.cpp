// A simulated process that breaks one rule of the simulation, named on the command line. CTest expects the
// guard to abort it with a message that names the process and what to use instead.
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>

namespace {

using namespace beamline;

class culprit : public process {
public:
  culprit(process_context& c, std::function<void()> crime) : process{c}, crime_{std::move(crime)} {}
  behavior init() override {
    crime_();
    return handlers();
  }

private:
  std::function<void()> crime_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void()>> crimes{
      {"thread", [] { std::thread{[] {}}.join(); }},
      {"clock", [] { (void)std::chrono::steady_clock::now(); }},
      {"random", [] { (void)std::random_device{}(); }},
      {"sleep", [] { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }},
      {"blocking",
       [] {
         std::mutex m;
         std::condition_variable c;
         std::unique_lock lock{m};
         c.wait(lock);
       }},
      {"blocking_a_while",
       [] {
         std::mutex m;
         std::condition_variable c;
         std::unique_lock lock{m};
         c.wait_until(lock, std::chrono::steady_clock::time_point{});
       }},
      {"future",
       [] {
         std::promise<void> never;
         never.get_future().wait();
       }},
  };
  auto crime = argc == 2 ? crimes.find(argv[1]) : crimes.end();
  if (crime == crimes.end()) {
    std::cerr << "usage: guard_probe thread|clock|random|sleep|blocking|blocking_a_while|future\n";
    return 2;
  }
  testing::world w;
  w.start_node().spawn<culprit>(crime->second);
  w.run();
  std::cerr << "the guard did not notice\n";
  return 0;
}
