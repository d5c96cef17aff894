// Stages that depend on those before them: when one dies, it and all behind it start anew, those before it stay. Run by
// the tests.
//
//   pipeline (rest_for_one)
//   ├─ source    numbers
//   ├─ parser    dies of what it cannot parse
//   └─ sink      adds up what the parser of its time gave it

#include "actors/simple_node.hpp"
#include "supervision/supervisor.hpp"

#include <charconv>
#include <iostream>

using namespace beamline;
using namespace beamline::supervision;

struct line {
  std::string text;
};
struct number {
  long value;
};
struct get_sum {};

class sink : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const number& n) { sum_ += n.value; }, [this](const get_sum&) { return sum_; });
  }

private:
  long sum_ = 0;
};

class parser : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const line& l) {
      long value = 0;
      if (std::from_chars(l.text.data(), l.text.data() + l.text.size(), value).ec != std::errc{})
        throw std::invalid_argument{"\"" + l.text + "\" is no number"};
      cast(pid{env().self(), "sink"}, number{value});
    });
  }
};

class source : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const line& l) { cast(pid{env().self(), "parser"}, l); });
  }
};

int main() {
  simple_node node;
  // Names are stable addresses: what is sent while a stage is being restarted waits for its successor.
  auto stage = [](child_spec s) { return std::move(s).with({.name = s.id, .park_max = 100}); };
  auto top = node->spawn<supervisor>(supervisor_spec{
      .flags = {.strategy = strategy::rest_for_one},
      .children = {stage(child<source>("source")), stage(child<parser>("parser")), stage(child<sink>("sink"))}});

  // A supervisor answers while its children start, too: there may be nobody yet.
  auto pid_of = [&](const char* id) {
    for (;;)
      if (auto c = std::get<answer<child_info>>(node->call_sync<answer<child_info>>(top, which_child{id}, 5s)); c->who)
        return c->who;
  };
  auto source_before = pid_of("source"), sink_before = pid_of("sink");
  auto feed = [&](const char* text) { node->cast(source_before, line{text}); };
  feed("40");
  feed("forty-one");  // The parser dies of it, and the sink, which is behind it, starts from zero with it.
  while (pid_of("sink") == sink_before) {}
  feed("2");
  feed("3");

  long sum = 0;
  for (int tries = 0; sum != 5 && tries < 10'000; ++tries)
    if (auto r = node->call_sync<long>(pid{node->identity(), "sink"}, get_sum{}, 5s); r.index() == 0)
      sum = std::get<long>(r);
  auto has_kept_source = pid_of("source") == source_before;
  std::cout << "the sum since the restart: " << sum << "; the source "
            << (has_kept_source ? "is the same" : "is another") << '\n';
  return sum == 5 && has_kept_source ? 0 : 1;
}
