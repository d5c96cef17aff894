// Proves the guard: a simulated process breaks one rule of the simulation, in a child, and the guard must abort it with
// a message that names the process, what it called and what to use instead.
#include "crimes.hpp"

#include "net/byte_stream.hpp"
#include "testing/disk/simulated_database.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace beamline;
using testing::probe::crime;

constexpr const char* usage = "usage: guard_probe RULE        the guard aborts who breaks it\n"
                              "       guard_probe in_timer | in_connection | in_transaction\n"
                              "                               it also does in what the simulated ports of a node call\n"
                              "       guard_probe allowed     what looks alike and is fine passes\n"
                              "       guard_probe outside     without a simulation nothing is forbidden\n"
                              "       guard_probe names       the rules, one a line\n";

class culprit : public process {
public:
  culprit(process_context& c, std::function<void()> act) : process{c}, act_{std::move(act)} {}
  behavior init() override {
    act_();
    return handlers();
  }

private:
  std::function<void()> act_;
};

void in_a_process(const std::function<void()>& act) {
  testing::world w;
  w.start_node().spawn<culprit>(act);
  w.run();
}

void in_a_timer(const std::function<void()>& act) {
  testing::world w;
  w.start_node().env().timers().arm(w.now() + 1ms, act);
  w.advance(1s);
}

void in_a_connection(const std::function<void()>& act) {
  testing::world w;
  w.start_node().network().dial({"nowhere", 4400}, 1s, [&](auto) { act(); });
  w.advance(5s);
}

void in_a_transaction(const std::function<void()>& act) {
  testing::world w;
  auto& n = w.start_node();
  n.own<testing::simulated_database>(n).port().transact(
      [&](store::transaction&) {
        act();
        return result<void>{};
      },
      [](const result<void>&) {});
  w.advance(5s);
}

struct ending {
  int status = 0;
  std::string said;
};

/// Runs it in a child and reads what it says on standard error.
ending in_child(const std::function<void()>& run) {
  int ends[2];
  if (pipe(ends) != 0)
    std::abort();
  auto child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)dup2(ends[1], STDERR_FILENO);
    (void)close(ends[0]);
    run();
    _exit(0);
  }
  (void)close(ends[1]);
  ending e;
  char part[4096];
  for (ssize_t got = 0; (got = read(ends[0], part, sizeof part)) > 0;)
    e.said.append(part, static_cast<std::size_t>(got));
  (void)close(ends[0]);
  (void)waitpid(child, &e.status, 0);
  return e;
}

bool is_caught(const crime& c, void (*where)(const std::function<void()>&), const std::string& who) {
  auto e = in_child([&] { where(c.commit); });
  std::cerr << e.said;
  auto message = "simulation guard: " + who + " on one@sim called " + c.called;
  auto at = e.said.find(message);
  auto line = at == std::string::npos ? "" : e.said.substr(at, e.said.find('\n', at) - at);
  if (WIFSIGNALED(e.status) && WTERMSIG(e.status) == SIGABRT && line.find("; use ") != std::string::npos)
    return true;
  std::cerr << "guard_probe: expected an abort that says \"" << message << "…; use …\"; the child ended with status "
            << e.status << '\n';
  return false;
}

bool is_free_outside(const std::string& name, const crime& c) {
  if (!c.comes_back)
    return true;
  auto e = in_child(c.commit);
  if (e.status != 0)
    std::cerr << e.said << "guard_probe: " << name << " ended with status " << e.status << " outside a simulation\n";
  return e.status == 0;
}

int probe(const std::string& what) {
  auto crimes = testing::probe::crimes_of_waiting();
  crimes.merge(testing::probe::crimes_of_reaching_out());
  if (what == "names") {
    for (const auto& [name, c] : crimes)
      std::cout << name << '\n';
    return 0;
  }
  if (what == "allowed") {
    bool is_done = false;
    in_a_process([&] {
      testing::probe::do_what_is_allowed();
      is_done = true;
    });
    return is_done ? 0 : 1;
  }
  if (what == "outside") {
    int broken = 0;
    for (const auto& [name, c] : crimes)
      broken += is_free_outside(name, c) ? 0 : 1;
    return broken == 0 ? 0 : 1;
  }
  const std::map<std::string, void (*)(const std::function<void()>&)> places{
      {"in_timer", in_a_timer}, {"in_connection", in_a_connection}, {"in_transaction", in_a_transaction}};
  if (auto place = places.find(what); place != places.end())
    return is_caught(crimes.at("clock"), place->second, "an event") ? 0 : 1;
  auto found = crimes.find(what);
  if (found == crimes.end()) {
    std::cerr << "guard_probe: no rule is called \"" << what << "\"\n" << usage;
    return 2;
  }
  return is_caught(found->second, in_a_process, "culprit") ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2)
    return probe(argv[1]);
  std::cerr << usage;
  return 2;
}
