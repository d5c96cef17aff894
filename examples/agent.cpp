// An agent: a value that lives in a process. Functions go to the value instead of the value going around, so that all
// changes happen one after another. Elixir has a module for it; with a server it is a page. Run by the tests.

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "supervision/server.hpp"

#include <any>
#include <iostream>
#include <map>
#include <string>

using namespace beamline;

/// Holds a `T`. Functions run inside it, one at a time: they must not block, and must not refer to what belongs to
/// their sender. One that throws ends the agent, and the caller is told why.
template <class T>
class agent : public supervision::server {
public:
  struct update {
    std::function<void(T&)> run;
  };
  struct get_and_update {
    std::function<std::any(T&)> run;
  };

  agent(process_context& c, T first) : server{c}, value_{std::move(first)} {}

  supervision::start_result on_init() override {
    return handlers([this](const update& m) { m.run(value_); },  // Cast it, or call it to know when it is done.
                    [this](const get_and_update& m) { return m.run(value_); });
  }
  void on_terminate(const reason& why) override { std::cout << "the agent ends: " << to_string(why) << '\n'; }

private:
  T value_;
};

using stock = std::map<std::string, int>;
using shelf = agent<stock>;

int main() {
  system_clock clock;
  system_random random;
  auto log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{{.name = "example@127.0.0.1"}, {clock, random, *log, events, timers}};

  auto p = n.spawn<shelf>(stock{{"apples", 3}});
  n.cast(p, shelf::update{[](stock& s) { s["pears"] += 5; }});
  auto ask = [&](std::function<std::any(stock&)> fn) {
    return std::any_cast<int>(std::get<std::any>(n.call_sync<std::any>(p, shelf::get_and_update{std::move(fn)}, 5s)));
  };
  auto pears = ask([](stock& s) { return std::any{s["pears"]}; });
  auto sold = ask([](stock& s) { return std::any{s["apples"]--}; });
  std::cout << "pears: " << pears << ", apples before the sale: " << sold << '\n';

  auto missing = n.call_sync<std::any>(p, shelf::get_and_update{[](stock& s) { return std::any{s.at("plums")}; }}, 5s);
  std::cout << "asking for plums: " << to_string(std::get<call_error>(missing)) << '\n';
  return n.shutdown(5s).is_clean() && pears == 5 && sold == 3 ? 0 : 1;
}
