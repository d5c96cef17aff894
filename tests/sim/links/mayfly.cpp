#include "sim/links/mayfly.hpp"

#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "sim/links/events.hpp"
#include "sim/links/setup.hpp"

namespace beamline::linked {

namespace {

pid mourner_of(const std::string& node) {
  return {std::make_shared<const node_identity>(node_identity{node, 0}), std::string{"mourner"}};
}

}  // namespace

behavior mayfly::init() {
  for (const auto& p : env().peers().list())
    cast(mourner_of(p.identity.name), born{self()});
  run_after(life_ / 2, [this] { say(); });
  run_after(life_, [this] { die(); });
  return handlers();
}

void mayfly::say() {
  ++words_;
  for (const auto& p : env().peers().list()) {
    env().events().emit(word_said{self().id(), p.identity.name, words_});
    cast(mourner_of(p.identity.name), word{self(), words_});
  }
}

void mayfly::die() {
  say();
  stop(env().random().below(2) == 0 ? reason::normal() : reason::custom("its time was over"));
}

behavior pond::init() {
  keep(30ms, [this] { spawn<mayfly>(1ms + below(life_max)); });
  return reside("pond");
}

}  // namespace beamline::linked
